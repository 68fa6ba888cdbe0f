//! States that a number decides, so that any of them can be told from all others.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use geno_core::{Digest, Dtype, PoolType, StateContract};
use geno_data::{
    CacheWriter, Installed, NewState, StateCache, StateKey, StatePlace, StateRecipe, StoredAs,
};

pub(crate) const DIM: usize = 24;
pub(crate) const WAIT: Duration = Duration::from_secs(20);

pub(crate) fn recipe() -> StateRecipe {
    StateRecipe {
        contract: StateContract::L2NormalizedV2,
        encoder: Digest::of(b"weights"),
        state_layer: 20,
        pool_type: PoolType::DownstreamMean,
        pool_radius: 8,
        dtype: Dtype::Bf16,
        stored: StoredAs::F32,
    }
}

pub(crate) fn window(n: u64) -> Digest {
    Digest::of(&n.to_le_bytes())
}

pub(crate) fn key(n: u64) -> StateKey {
    recipe().keys().key(window(n), Some(6_144))
}

pub(crate) fn values(n: u64) -> Vec<f32> {
    (0..DIM).map(|i| n as f32 + i as f32 / 64.0).collect()
}

pub(crate) fn place(n: u64) -> StatePlace<'static> {
    StatePlace {
        window: window(n),
        contig: if n.is_multiple_of(2) { "20" } else { "21" },
        start: n * 1_000,
        window_bp: 12_288,
        locus: Some(6_144),
    }
}

/// Caches the states of some numbers as one shard.
pub(crate) fn fill(writer: &mut CacheWriter, numbers: impl Iterator<Item = u64>) -> Installed {
    let states: Vec<_> = numbers.map(|n| (place(n), values(n))).collect();
    let states: Vec<_> = states
        .iter()
        .map(|(place, values)| NewState {
            place: *place,
            values,
        })
        .collect();
    writer.install(&recipe(), "flex", &states).unwrap()
}

/// A cache of `shards` shards of ten states each.
pub(crate) fn filled(path: &Path, shards: u64) -> CacheWriter {
    let mut writer = CacheWriter::open(path, WAIT).unwrap();
    for shard in 0..shards {
        fill(&mut writer, shard * 10..shard * 10 + 10);
    }
    writer
}

pub(crate) fn shards(path: &Path) -> Vec<PathBuf> {
    let mut shards: Vec<_> = fs::read_dir(path.join("shards"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    shards.sort();
    shards
}

pub(crate) fn index(path: &Path) -> PathBuf {
    let entries = fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut indexes = entries.filter(|path| path.extension().is_some_and(|e| e == "sqlite"));
    let index = indexes.next().unwrap();
    assert_eq!(indexes.next(), None);
    index
}

/// How many of the first `n` states are there. Each that is there is the right one.
pub(crate) fn count(cache: &StateCache, n: u64) -> u64 {
    let found = (0..n).filter(|&n| {
        let state = cache.get(&key(n)).unwrap();
        assert!(state.is_none() || state == Some(values(n)), "state {n}");
        state.is_some()
    });
    found.count() as u64
}
