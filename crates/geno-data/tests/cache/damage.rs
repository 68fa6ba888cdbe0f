//! Flipped bits, cut files and lies never give a wrong state, and are found.

use std::{fs, io::ErrorKind, path::Path};

use geno_core::{Coded, ErrorCode};
use geno_data::{CacheError, ShardFault, StateCache, reindex_cache, repair_cache, verify_cache};
use tempfile::tempdir;

use crate::states::{WAIT, count, filled, index, key, shards, values};

/// Looks every state up; how many are found, and how many are said to be damaged.
fn look_up(path: &Path, n: u64) -> (u64, u64) {
    let Ok(cache) = StateCache::open(path) else {
        return (0, n);
    };
    let (mut found, mut damaged) = (0, 0);
    for n in 0..n {
        match cache.get(&key(n)) {
            Ok(Some(state)) => {
                assert!(state == values(n), "state {n} is another one");
                found += 1;
            }
            Ok(None) => {}
            Err(error) => {
                assert_eq!(error.code(), ErrorCode::ResourceCacheCorrupt, "{error}");
                damaged += 1;
            }
        }
    }
    (found, damaged)
}

#[test]
fn a_flipped_bit_in_a_shard_is_found_and_costs_one_state_at_most() {
    let folder = tempdir().unwrap();
    let path = folder.path();
    filled(path, 1);
    let shard = shards(path).remove(0);
    let whole = fs::read(&shard).unwrap();
    let head_len = u32::from_le_bytes(whole[12..16].try_into().unwrap()) as usize;
    for bit in (0..whole.len() * 8).step_by(97) {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        fs::write(&shard, &bytes).unwrap();

        let expected = if bit / 8 < head_len { (0, 10) } else { (9, 1) };
        assert_eq!(look_up(path, 10), expected, "bit {bit}");
        let verified = verify_cache(path, WAIT, |_, _| {}).unwrap();
        assert_eq!(verified.damaged.len(), 1, "bit {bit}");
        assert!(!verified.is_sound());
    }
}

#[test]
fn repair_saves_what_is_whole_and_keeps_what_is_not_aside() {
    let folder = tempdir().unwrap();
    let path = folder.path();
    filled(path, 3);
    let shard = shards(path).remove(0);
    let mut bytes = fs::read(&shard).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&shard, &bytes).unwrap();

    let repaired = repair_cache(path, WAIT, |_, _| {}).unwrap();
    assert_eq!(
        (repaired.saved, repaired.shards, repaired.states),
        (9, 3, 29)
    );
    assert_eq!(repaired.damaged[0].fault, ShardFault::Row { row: 9 });
    assert_eq!(fs::read(&repaired.quarantined[0]).unwrap(), bytes);
    assert!(verify_cache(path, WAIT, |_, _| {}).unwrap().is_sound());
    assert_eq!(look_up(path, 30), (29, 0));

    let again = repair_cache(path, WAIT, |_, _| {}).unwrap();
    assert_eq!((again.quarantined.len(), again.states), (0, 29));

    // The same damage once more finds its place in the quarantine taken.
    fs::write(&shard, &bytes).unwrap();
    let repaired = repair_cache(path, WAIT, |_, _| {}).unwrap();
    assert_eq!((repaired.saved, repaired.states), (0, 29));
    assert_eq!(fs::read_dir(path.join("quarantine")).unwrap().count(), 2);
}

#[test]
fn a_cut_shard_loses_the_rows_that_are_cut() {
    let folder = tempdir().unwrap();
    let path = folder.path();
    filled(path, 1);
    let shard = shards(path).remove(0);
    let whole = fs::read(&shard).unwrap();
    let head_len = u32::from_le_bytes(whole[12..16].try_into().unwrap()) as usize;
    let stride = (whole.len() - head_len) / 10;
    for len in [0, 7, 63, 64, 100, head_len, head_len + 1, whole.len() - 1] {
        fs::write(&shard, &whole[..len]).unwrap();
        assert_eq!(look_up(path, 10), (0, 10), "{len} bytes");
        let verified = verify_cache(path, WAIT, |_, _| {}).unwrap();
        assert_eq!((verified.damaged.len(), verified.stray_keys), (1, 10));
    }
    fs::write(&shard, &whole[..head_len + 4 * stride + 3]).unwrap();
    let repaired = repair_cache(path, WAIT, |_, _| {}).unwrap();
    assert_eq!((repaired.saved, repaired.states), (4, 4));
    assert_eq!(look_up(path, 10), (4, 0));
}

#[test]
fn bytes_after_a_shard_are_found() {
    let folder = tempdir().unwrap();
    filled(folder.path(), 1);
    let shard = shards(folder.path()).remove(0);
    let mut bytes = fs::read(&shard).unwrap();
    bytes.push(0);
    fs::write(&shard, bytes).unwrap();
    let error = StateCache::open(folder.path()).unwrap().get(&key(0));
    let fault = match error {
        Err(CacheError::Shard { source, .. }) => source,
        outcome => panic!("{outcome:?}"),
    };
    assert!(matches!(fault, ShardFault::Length { .. }), "{fault}");
}

#[test]
fn a_shard_cut_while_it_is_open_gives_an_error() {
    let folder = tempdir().unwrap();
    filled(folder.path(), 1);
    let cache = StateCache::open(folder.path()).unwrap();
    assert_eq!(cache.get(&key(0)).unwrap(), Some(values(0)));
    let shard = shards(folder.path()).remove(0);
    fs::File::options()
        .write(true)
        .open(&shard)
        .unwrap()
        .set_len(500)
        .unwrap();
    assert!(matches!(cache.get(&key(9)), Err(CacheError::Shard { .. })));
}

#[test]
fn a_shard_under_another_name_is_found() {
    let folder = tempdir().unwrap();
    let path = folder.path();
    filled(path, 2);
    let [a, b] = <[_; 2]>::try_from(shards(path)).unwrap();
    fs::copy(&a, &b).unwrap();
    let (found, damaged) = look_up(path, 20);
    assert_eq!((found, damaged), (10, 10));
    let verified = verify_cache(path, WAIT, |_, _| {}).unwrap();
    assert_eq!(verified.damaged[0].fault, ShardFault::Contents);
    let repaired = repair_cache(path, WAIT, |_, _| {}).unwrap();
    assert_eq!((repaired.saved, repaired.states), (0, 10));
}

#[test]
fn a_flipped_bit_in_the_index_gives_no_other_state() {
    let folder = tempdir().unwrap();
    let path = folder.path();
    drop(filled(path, 3));
    let file = index(path);
    let whole = fs::read(&file).unwrap();
    let mut noticed = 0;
    for bit in (0..whole.len() * 8).step_by(211) {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        fs::write(&file, bytes).unwrap();

        let (found, _) = look_up(path, 30);
        match verify_cache(path, WAIT, |_, _| {}) {
            Ok(verified) if verified.is_sound() => assert_eq!(found, 30, "bit {bit}"),
            Ok(_) => noticed += 1,
            Err(error) => {
                assert!(matches!(error, CacheError::Index { .. }), "{error}");
                noticed += 1;
            }
        }
        for name in ["-wal", "-shm"] {
            let mut beside = file.clone().into_os_string();
            beside.push(name);
            if let Err(error) = fs::remove_file(beside) {
                assert_eq!(error.kind(), ErrorKind::NotFound);
            }
        }
    }
    assert!(noticed > 50, "{noticed}");
}

#[test]
fn an_index_that_is_no_index_is_replaced() {
    let folder = tempdir().unwrap();
    let path = folder.path();
    for contents in [&b""[..], b"SQLite format 3\0 and then nothing", &[0; 8192]] {
        drop(filled(path, 3));
        fs::write(index(path), contents).unwrap();
        let error = StateCache::open(path).err().unwrap();
        assert!(matches!(error, CacheError::Index { .. }), "{error}");
        assert_eq!(error.code(), ErrorCode::ResourceCacheCorrupt);

        let reindexed = reindex_cache(path, WAIT, |_, _| {}).unwrap();
        assert_eq!((reindexed.shards, reindexed.states), (3, 30));
        assert_eq!(count(&StateCache::open(path).unwrap(), 30), 30);
    }
}

#[test]
fn an_index_of_a_later_version_is_refused_and_can_be_made_anew() {
    let folder = tempdir().unwrap();
    let path = folder.path();
    filled(path, 1);
    let index = index(path);
    let mut bytes = fs::read(&index).unwrap();
    // The header of SQLite has `user_version` there, with the highest byte first.
    assert_eq!(bytes[60..64], [0, 0, 0, 1]);
    bytes[63] = 2;
    fs::write(&index, bytes).unwrap();
    let error = StateCache::open(path).err().unwrap();
    assert_eq!(error.code(), ErrorCode::ConfigSchemaIncompat);
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(source, "its tables have version 2, only 1 is read");

    reindex_cache(path, WAIT, |_, _| {}).unwrap();
    assert_eq!(look_up(path, 10), (10, 0));
}
