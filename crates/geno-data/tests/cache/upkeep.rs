//! New indexes, room for new shards, and what is left by those who were killed.

use std::{
    fs,
    time::{Duration, SystemTime},
};

use geno_data::{
    CacheError, CacheWriter, InstallError, NewState, StateCache, cache_stat, reindex_cache,
    verify_cache,
};
use tempfile::tempdir;

use crate::states::{WAIT, count, fill, filled, index, place, recipe, shards, values};

#[test]
fn a_new_index_equals_the_old_one() {
    let folder = tempdir().unwrap();
    let path = folder.path();
    let mut writer = filled(path, 3);
    let before = index(path);
    let reader = StateCache::open(path).unwrap();

    let mut steps = Vec::new();
    let reindexed = reindex_cache(path, WAIT, |done, all| steps.push((done, all))).unwrap();
    assert_eq!((reindexed.shards, reindexed.states), (3, 30));
    assert_eq!(steps, [(1, 3), (2, 3), (3, 3)]);
    assert_ne!(index(path), before);
    assert!(verify_cache(path, WAIT, |_, _| {}).unwrap().is_sound());

    // Who had the old one open goes on with it, and a writer takes the new one.
    assert_eq!(count(&reader, 40), 30);
    assert_eq!(fill(&mut writer, 20..40).written, 10);
    assert_eq!(count(&StateCache::open(path).unwrap(), 40), 40);
    assert_eq!(count(writer.cache(), 40), 40);
}

#[test]
fn a_cache_without_its_index_makes_one() {
    let folder = tempdir().unwrap();
    drop(filled(folder.path(), 2));
    fs::remove_file(index(folder.path())).unwrap();
    assert!(StateCache::open(folder.path()).is_err());
    let writer = CacheWriter::open(folder.path(), WAIT).unwrap();
    assert_eq!(count(writer.cache(), 20), 20);
}

#[test]
fn reindexing_leaves_damaged_shards_out_and_in_place() {
    let folder = tempdir().unwrap();
    drop(filled(folder.path(), 3));
    let shard = shards(folder.path()).remove(1);
    fs::write(&shard, b"GLWSTATE").unwrap();
    let reindexed = reindex_cache(folder.path(), WAIT, |_, _| {}).unwrap();
    assert_eq!((reindexed.shards, reindexed.states), (2, 20));
    assert_eq!(reindexed.damaged[0].path, shard);
    assert!(shard.exists());
}

#[test]
fn a_failed_new_index_leaves_the_old_one() {
    let folder = tempdir().unwrap();
    let path = folder.path();
    drop(filled(path, 2));
    // A folder where the new index would be written.
    fs::create_dir(path.join("index.new.sqlite")).unwrap();
    assert!(reindex_cache(path, WAIT, |_, _| {}).is_err());
    assert_eq!(count(&StateCache::open(path).unwrap(), 20), 20);
}

#[test]
fn a_shard_that_a_killed_writer_did_not_index_is_taken_up() {
    let folder = tempdir().unwrap();
    let (whole, other) = (folder.path().join("whole"), folder.path().join("other"));
    drop(filled(&whole, 1));
    let mut writer = CacheWriter::open(&other, WAIT).unwrap();
    fill(&mut writer, 10..20);
    drop(writer);
    let orphan = shards(&whole).remove(0);
    let name = orphan.file_name().unwrap();
    fs::copy(&orphan, other.join("shards").join(name)).unwrap();
    fs::write(other.join("shards/.geno-lewm-abc"), b"half a shard").unwrap();
    let verified = verify_cache(&other, WAIT, |_, _| {}).unwrap();
    assert_eq!((verified.unindexed.len(), verified.is_sound()), (1, false));

    let writer = CacheWriter::open(&other, WAIT).unwrap();
    assert_eq!(count(writer.cache(), 20), 20);
    assert_eq!(shards(&other).len(), 2);
    assert!(verify_cache(&other, WAIT, |_, _| {}).unwrap().is_sound());
}

#[test]
fn shards_opened_longest_ago_make_room() {
    let folder = tempdir().unwrap();
    let path = folder.path();
    let bytes = {
        let mut writer = filled(path, 1);
        fill(&mut writer, 10..20).bytes
    };
    // In the order of their first states, the second is the older one.
    let ages = [10, 3_600];
    let old = StateCache::open(path).unwrap();
    for (first, age) in [0, 10].into_iter().zip(ages) {
        let file = shards(path).into_iter().find(|shard| {
            let bytes = fs::read(shard).unwrap();
            let key = crate::states::key(first);
            bytes.windows(32).any(|window| window == key.as_bytes())
        });
        let time = SystemTime::now() - Duration::from_secs(age);
        let file = fs::File::open(file.unwrap()).unwrap();
        file.set_modified(time).unwrap();
    }
    let mut writer = CacheWriter::open(path, WAIT)
        .unwrap()
        .with_max_bytes(2 * bytes + 100);
    assert_eq!(fill(&mut writer, 20..30).evicted, 1);
    let cache = StateCache::open(path).unwrap();
    let is_there = |n| cache.get(&crate::states::key(n)).unwrap().is_some();
    assert_eq!([0, 10, 20].map(is_there), [true, false, true]);
    // Its keys may still be in the view of who opened the cache before: they are misses.
    assert_eq!(old.get(&crate::states::key(10)).unwrap(), None);
    assert!(verify_cache(path, WAIT, |_, _| {}).unwrap().is_sound());

    // What a writer put in itself it does not take out again.
    assert_eq!(fill(&mut writer, 30..40).evicted, 1);
    let values = values(40);
    let state = NewState {
        place: place(40),
        values: &values,
    };
    let error = writer.install(&recipe(), "flex", &[state]).unwrap_err();
    assert!(matches!(
        error,
        InstallError::Cache(CacheError::Full { .. })
    ));
    assert_eq!(count(&StateCache::open(path).unwrap(), 50), 20);
}

#[test]
fn opening_a_shard_counts_as_using_it() {
    let folder = tempdir().unwrap();
    drop(filled(folder.path(), 1));
    let shard = shards(folder.path()).remove(0);
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
    fs::File::open(&shard)
        .unwrap()
        .set_modified(long_ago)
        .unwrap();
    count(&StateCache::open(folder.path()).unwrap(), 1);
    assert_ne!(fs::metadata(&shard).unwrap().modified().unwrap(), long_ago);
}

#[test]
fn stat_adds_up() {
    let folder = tempdir().unwrap();
    let mut writer = filled(folder.path(), 3);
    let values = values(0);
    let state = NewState {
        place: place(0),
        values: &values,
    };
    writer.install(&recipe(), "cuda", &[state]).unwrap();
    let other = geno_data::StateRecipe {
        pool_radius: 9,
        ..recipe()
    };
    writer.install(&other, "cuda", &[state]).unwrap();

    let stat = cache_stat(folder.path()).unwrap();
    assert_eq!((stat.shards, stat.states, stat.unreadable), (4, 31, 0));
    let rows: Vec<_> = stat
        .recipes
        .iter()
        .map(|part| (part.recipe.pool_radius, part.backend.as_str(), part.rows))
        .collect();
    assert_eq!(rows, [(8, "flex", 30), (9, "cuda", 1)]);
    let on_disk = shards(folder.path());
    let on_disk = on_disk.iter().map(|path| fs::metadata(path).unwrap().len());
    assert_eq!(stat.bytes, on_disk.sum::<u64>());
}
