//! Several processes fill one cache while others are killed, and one whose files cannot grow.
//!
//! The program is its own child: with `GENO_LEWM_FILL` set it fills a cache until it is done or
//! killed.

#[path = "cache/states.rs"]
#[expect(
    dead_code,
    reason = "this program needs half of what the other tests do"
)]
mod states;

use std::{
    env,
    path::Path,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use geno_data::{CacheError, CacheWriter, StateCache, reindex_cache, verify_cache};

use states::{WAIT, count, fill, shards};

const N_STATES: u64 = 1_200;
const SHARD: u64 = 8;

fn main() {
    if let Some(folder) = env::var_os("GENO_LEWM_FILL") {
        let begin = env::var("GENO_LEWM_BEGIN").unwrap().parse().unwrap();
        return fill_from(Path::new(&folder), begin);
    }
    writers_that_are_killed_leave_a_whole_cache();
    #[cfg(unix)]
    writers_whose_files_cannot_grow_leave_a_whole_cache();
}

/// Fills a cache with the first states, in shards that begin somewhere in the middle; or, from
/// further on, with ever more until it is killed.
fn fill_from(folder: &Path, begin: u64) {
    let mut writer = CacheWriter::open(folder, WAIT).unwrap();
    let firsts = (begin..).step_by(SHARD as usize);
    if begin >= N_STATES {
        return firsts.for_each(|first| {
            fill(&mut writer, first..first + SHARD);
        });
    }
    for first in firsts.take((N_STATES / SHARD) as usize) {
        fill(&mut writer, (first..first + SHARD).map(|n| n % N_STATES));
    }
}

fn child(folder: &Path, begin: u64) -> Child {
    Command::new(env::current_exe().unwrap())
        .env("GENO_LEWM_FILL", folder)
        .env("GENO_LEWM_BEGIN", begin.to_string())
        .spawn()
        .unwrap()
}

fn writers_that_are_killed_leave_a_whole_cache() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache");
    // Each begins elsewhere, and their shards overlap.
    let mut fillers = [child(&path, 0), child(&path, 603)];
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut rounds = 0;
            while !is_over.load(Ordering::Relaxed) {
                match StateCache::open(&path) {
                    // Every state that is there is the right one.
                    Ok(cache) => rounds += u64::from(count(&cache, N_STATES) > 0),
                    Err(CacheError::NoCache { .. }) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
            rounds
        });
        for round in 0..40 {
            let mut third = child(&path, N_STATES + round * 100_000);
            thread::sleep(Duration::from_millis(3 + 7 * (round % 13)));
            third.kill().unwrap();
            third.wait().unwrap();
            if round % 10 == 5 {
                reindex_cache(&path, WAIT, |_, _| {}).unwrap();
            }
        }
        for filler in &mut fillers {
            assert!(filler.wait().unwrap().success());
        }
        is_over.store(true, Ordering::Relaxed);
        assert!(reader.join().unwrap() > 0, "the reader saw nothing");
    });

    // One more writer finishes what the last killed one began.
    drop(CacheWriter::open(&path, WAIT).unwrap());
    let verified = verify_cache(&path, WAIT, |_, _| {}).unwrap();
    assert!(verified.is_sound(), "{verified:?}");
    assert!(verified.states > N_STATES, "no third writer wrote anything");
    assert_eq!(count(&StateCache::open(&path).unwrap(), N_STATES), N_STATES);
    let n_shards = shards(&path).len() as u64;
    assert_eq!(n_shards, verified.shards);
}

/// As on a full disk: writes fail in shards, in the index and in its log, wherever the limit strikes.
#[cfg(unix)]
fn writers_whose_files_cannot_grow_leave_a_whole_cache() {
    let mut last = 0;
    for limit in [1, 8, 16, 64, 128, 256] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cache");
        let script = format!(r#"trap "" XFSZ; ulimit -f {limit}; exec "$0""#);
        let status = Command::new("sh")
            .args(["-c", &script])
            .arg(env::current_exe().unwrap())
            .env("GENO_LEWM_FILL", &path)
            .env("GENO_LEWM_BEGIN", N_STATES.to_string())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert_eq!(status.code(), Some(101), "limit {limit}");

        drop(CacheWriter::open(&path, WAIT).unwrap());
        let verified = verify_cache(&path, WAIT, |_, _| {}).unwrap();
        assert!(verified.is_sound(), "limit {limit}: {verified:?}");
        assert_eq!(shards(&path).len() as u64, verified.shards);
        assert!(verified.states >= last, "limit {limit}");
        last = verified.states;
    }
    assert!(last > 0, "no writer wrote anything");
}
