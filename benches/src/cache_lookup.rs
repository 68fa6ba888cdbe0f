//! Looking states up in a cache of a million.

use std::{
    fs::{self, File},
    hint::black_box,
    io::{Read, Seek, SeekFrom},
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use geno_core::{Digest, Dtype, PoolType, StateContract};
use geno_data::{CacheWriter, NewState, StateCache, StateKey, StatePlace, StateRecipe, StoredAs};
use serde_json::{Value, json};

const N_STATES: u64 = 1_000_000;
const PER_SHARD: u64 = 4_096;
/// Carbon-500M's.
const D_STATE: usize = 1_024;
const N_LOOKUPS: usize = 200_000;

/// Median and 99th percentile of single lookups in microseconds, of states and of keys that are not
/// there, and the rate of batched ones. The pages are warm: every state was read before, those of the lookups twice.
pub(crate) fn measure() -> Result<Value> {
    let folder = tempfile::tempdir()?;
    let mut writer = CacheWriter::open(folder.path(), Duration::from_secs(60))?;
    let begin = Instant::now();
    for first in (0..N_STATES).step_by(PER_SHARD as usize) {
        install(&mut writer, first..(first + PER_SHARD).min(N_STATES))?;
    }
    let fill_s = begin.elapsed().as_secs_f64();
    drop(writer);

    let cache = StateCache::open(folder.path())?;
    for first in (0..N_STATES).step_by(PER_SHARD as usize) {
        let keys: Vec<_> = (first..(first + PER_SHARD).min(N_STATES))
            .map(key)
            .collect();
        let states = cache.get_many(&keys)?;
        ensure!(states.iter().all(Option::is_some), "a state is not there");
    }
    // A multiplier without a factor in common with the number of states visits them all, scattered.
    let numbers = (0..N_LOOKUPS as u64).map(|i| i * 611_953 % N_STATES);
    let hits: Vec<StateKey> = numbers.clone().map(key).collect();
    let misses: Vec<StateKey> = numbers.map(|n| key(N_STATES + n)).collect();
    singly(&cache, &hits)?;
    let [hit_p50, hit_p99] = singly(&cache, &hits)?;
    let [miss_p50, miss_p99] = singly(&cache, &misses)?;
    let begin = Instant::now();
    for keys in hits.chunks(256) {
        black_box(cache.get_many(keys)?);
    }
    let batched = N_LOOKUPS as f64 / begin.elapsed().as_secs_f64();
    let [read_p50, _] = reads(folder.path())?;
    Ok(json!({
        "name": "cache-lookup",
        "work": format!("{N_LOOKUPS} lookups among {N_STATES} states of {D_STATE} binary32"),
        "hit_us_p50": hit_p50,
        "hit_us_p99": hit_p99,
        "miss_us_p50": miss_p50,
        "miss_us_p99": miss_p99,
        "batched_per_s": batched,
        "filled_per_s": N_STATES as f64 / fill_s,
        "floor_us": read_p50,
        "floor_fraction": read_p50 / hit_p50,
    }))
}

/// Microseconds at the median and the 99th percentile.
fn singly(cache: &StateCache, keys: &[StateKey]) -> Result<[f64; 2]> {
    let mut times = Vec::with_capacity(keys.len());
    for key in keys {
        let begin = Instant::now();
        black_box(cache.get(key)?);
        times.push(begin.elapsed());
    }
    Ok(percentiles(times))
}

/// The floor: microseconds to read as many bytes as a state has at scattered places of one shard.
fn reads(folder: &Path) -> Result<[f64; 2]> {
    let mut shards = fs::read_dir(folder.join("shards"))?;
    let shard = shards.next().context("no shard")??;
    let mut file = File::open(shard.path())?;
    let mut row = vec![0; 4 * D_STATE];
    let places = file.metadata()?.len() / row.len() as u64;
    let mut times = Vec::with_capacity(N_LOOKUPS);
    for i in 0..N_LOOKUPS as u64 {
        let begin = Instant::now();
        let place = i * 611_953 % places * row.len() as u64;
        file.seek(SeekFrom::Start(place))?;
        file.read_exact(black_box(&mut row))?;
        times.push(begin.elapsed());
    }
    Ok(percentiles(times))
}

fn percentiles(mut times: Vec<Duration>) -> [f64; 2] {
    times.sort_unstable();
    [50, 99].map(|share| times[times.len() * share / 100].as_secs_f64() * 1e6)
}

fn recipe() -> StateRecipe {
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

fn window(n: u64) -> Digest {
    Digest::of(&n.to_le_bytes())
}

fn key(n: u64) -> StateKey {
    recipe().keys().key(window(n), Some(6_144))
}

fn install(writer: &mut CacheWriter, numbers: std::ops::Range<u64>) -> Result<()> {
    let values = |n: u64| {
        (0..D_STATE)
            .map(|i| n as f32 + i as f32)
            .collect::<Vec<_>>()
    };
    let states: Vec<_> = numbers.map(|n| (n, values(n))).collect();
    let states = states.iter().map(|(n, values)| NewState {
        place: StatePlace {
            window: window(*n),
            contig: "20",
            start: *n,
            window_bp: 12_288,
            locus: Some(6_144),
        },
        values,
    });
    let states: Vec<_> = states.collect();
    writer
        .install(&recipe(), "none", &states)
        .context("cannot fill the cache")?;
    Ok(())
}
