//! Installing and looking up.

use std::fs;

use geno_core::{Coded, ErrorCode, PoolType};
use geno_data::{
    CacheError, CacheWriter, InstallError, NewState, StateCache, StateFault, StateRecipe, StoredAs,
    verify_cache,
};
use tempfile::tempdir;

use crate::states::{DIM, WAIT, count, fill, filled, key, place, recipe, shards, values};

#[test]
fn what_was_cached_is_found_by_another_reader() {
    let folder = tempdir().unwrap();
    let mut writer = filled(folder.path(), 3);
    let reader = StateCache::open(folder.path()).unwrap();
    assert_eq!(count(&reader, 40), 30);

    fill(&mut writer, 30..40);
    assert_eq!(count(&reader, 50), 40, "added while the reader was open");
}

#[test]
fn many_states_come_back_each_in_its_place() {
    let folder = tempdir().unwrap();
    filled(folder.path(), 3);
    let cache = StateCache::open(folder.path()).unwrap();
    let numbers = [25, 3, 99, 14, 3, 0];
    let states = cache.get_many(&numbers.map(key)).unwrap();
    let expected = numbers.map(|n| (n < 30).then(|| values(n)));
    assert_eq!(states, expected);
    assert_eq!(cache.get_many(&[]).unwrap(), Vec::<Option<Vec<f32>>>::new());
}

#[test]
fn a_state_is_written_once() {
    let folder = tempdir().unwrap();
    let mut writer = filled(folder.path(), 1);
    let again = fill(&mut writer, 5..15);
    assert_eq!((again.written, again.present), (5, 5));
    let twice = fill(&mut writer, [20, 21, 20].into_iter());
    assert_eq!((twice.written, twice.present), (2, 1));
    let nothing = fill(&mut writer, 0..10);
    assert_eq!((nothing.written, nothing.bytes), (0, 0));
    assert_eq!(shards(folder.path()).len(), 3);
    assert_eq!(count(writer.cache(), 30), 17);
}

#[test]
fn the_same_states_give_the_same_shard() {
    let folders = [tempdir().unwrap(), tempdir().unwrap()];
    for folder in &folders {
        filled(folder.path(), 1);
    }
    let [a, b] = folders.each_ref().map(|folder| {
        let shard = shards(folder.path()).remove(0);
        let name = shard.file_name().unwrap().to_owned();
        (name, fs::read(shard).unwrap())
    });
    assert!(a == b);
}

#[test]
fn halves_come_back_rounded_and_never_infinite() {
    let folder = tempdir().unwrap();
    let mut writer = CacheWriter::open(folder.path(), WAIT).unwrap();
    let halves = StateRecipe {
        stored: StoredAs::F16,
        ..recipe()
    };
    let install = |writer: &mut CacheWriter, values: &[f32]| {
        let place = place(0);
        writer.install(&halves, "flex", &[NewState { place, values }])
    };
    for too_large in [65_520.0, -70_000.0] {
        let error = install(&mut writer, &[1.0, too_large]).unwrap_err();
        assert!(matches!(
            error,
            InstallError::State {
                index: 0,
                source: StateFault::Overflow { value: 1 }
            }
        ));
    }
    install(&mut writer, &[65_519.0, 0.1]).unwrap();
    // The same values again are the same state, rounded or not.
    assert_eq!(install(&mut writer, &[65_519.0, 0.1]).unwrap().present, 1);

    let key = halves.keys().key(place(0).window, place(0).locus);
    let state = writer.cache().get(&key).unwrap().unwrap();
    assert_eq!(state, [65_504.0, 0.099_975_586]);
    assert_eq!(writer.cache().get(&crate::states::key(0)).unwrap(), None);
}

#[test]
fn a_state_that_cannot_be_cached_keeps_the_others_out() {
    let folder = tempdir().unwrap();
    let mut writer = CacheWriter::open(folder.path(), WAIT).unwrap();
    let good = values(0);
    let mut nan = values(1);
    nan[7] = f32::NAN;
    let outside = geno_data::StatePlace {
        locus: Some(12_288),
        ..place(1)
    };
    let nameless = geno_data::StatePlace {
        contig: "",
        ..place(1)
    };
    let bad = [
        (place(1), &nan[..], StateFault::NotFinite { value: 7 }),
        (
            place(1),
            &good[1..],
            StateFault::Width {
                found: DIM - 1,
                expected: DIM,
            },
        ),
        (outside, &good, StateFault::Locus { window_bp: 12_288 }),
        (nameless, &good, StateFault::Name),
    ];
    for (place, values, fault) in bad {
        let states = [
            NewState {
                place: crate::states::place(0),
                values: &good,
            },
            NewState { place, values },
        ];
        match writer.install(&recipe(), "flex", &states) {
            Err(InstallError::State { index: 1, source }) => assert_eq!(source, fault),
            outcome => panic!("{outcome:?}"),
        }
    }
    let state = NewState {
        place: place(0),
        values: &good,
    };
    for backend in ["", "two\nlines"] {
        assert!(writer.install(&recipe(), backend, &[state]).is_err());
    }
    assert_eq!(writer.install(&recipe(), "flex", &[]).unwrap().written, 0);
    assert_eq!(count(writer.cache(), 2), 0);
    assert_eq!(shards(folder.path()).len(), 0);
}

#[test]
fn other_recipes_do_not_meet() {
    let folder = tempdir().unwrap();
    let mut writer = filled(folder.path(), 1);
    let other = StateRecipe {
        pool_type: PoolType::CenteredMean,
        ..recipe()
    };
    let values = values(77);
    let state = NewState {
        place: place(0),
        values: &values,
    };
    assert_eq!(writer.install(&other, "flex", &[state]).unwrap().written, 1);
    let key = other.keys().key(place(0).window, place(0).locus);
    assert_eq!(writer.cache().get(&key).unwrap(), Some(values));
    assert_eq!(count(writer.cache(), 10), 10);
}

#[test]
fn a_folder_without_a_cache_is_said() {
    let folder = tempdir().unwrap();
    let missing = folder.path().join("missing");
    for path in [folder.path(), &missing] {
        let error = StateCache::open(path).err().unwrap();
        assert!(matches!(error, CacheError::NoCache { .. }), "{error}");
        assert!(verify_cache(path, WAIT, |_, _| {}).is_err());
    }
    assert!(!missing.exists());
}

#[test]
fn a_second_writer_waits_and_then_gives_up() {
    let folder = tempdir().unwrap();
    let mut writer = filled(folder.path(), 1);
    let lock = fs::File::open(folder.path().join("writer.lock")).unwrap();
    lock.lock().unwrap();

    let wait = std::time::Duration::from_millis(50);
    let error = CacheWriter::open(folder.path(), wait).err().unwrap();
    assert!(matches!(error, CacheError::Busy { .. }));
    assert_eq!(error.code(), ErrorCode::ResourceGeneric);
    assert_eq!(count(&StateCache::open(folder.path()).unwrap(), 20), 10);

    let unlocks = std::thread::spawn(move || {
        std::thread::sleep(wait);
        drop(lock);
    });
    assert_eq!(fill(&mut writer, 10..20).written, 10);
    unlocks.join().unwrap();
}

#[test]
fn debug_shows_no_place() {
    let text = format!("{:?}", place(7));
    assert_eq!(text, "StatePlace { window_bp: 12288, .. }");
}
