//! Updates from a server that means well and from ones that do not.

#[expect(dead_code, reason = "each test binary uses its part")]
#[path = "network/common.rs"]
mod common;

use std::fs;

use common::{
    release::Release,
    server::{client, head, ok, send},
    world::{LIMIT, World, verify},
};
use geno_app::{
    FetchError, IndexError, Location, LocationError, ReleaseId, Standing, UpdateError,
    find_release, install, manifest_changes, rollback,
};
use geno_core::{Coded, Family};

fn id(text: &str) -> Option<ReleaseId> {
    Some(ReleaseId::new(text).unwrap())
}

#[test]
fn a_release_is_installed_beside_the_old_one_and_put_in_use() {
    let world = World::serving(Release::new("2.0"));
    let offer = world.offer().unwrap();
    assert_eq!(offer.standing(Some(&world.old())), Standing::Installable);
    let changes = manifest_changes(Some(&world.old()), &offer.manifest);
    let fields: Vec<_> = changes.iter().map(|change| &*change.field).collect();
    let expected = [
        "action_encoder.hash",
        "calibration.hash",
        "eval.hash",
        "model_version",
        "predictor.hash",
        "release_id",
        "training.hash",
    ];
    assert_eq!(fields, expected);

    let outcome = world.update().unwrap();
    assert_eq!(outcome.path, world.path("model-2.0"));
    assert_eq!(outcome.previous, id("model-1.0"));
    assert_eq!(world.root.current().unwrap(), id("model-2.0"));
    verify(&world.path("model-2.0"));
    verify(&world.path("model-1.0"));

    let again = world.update().unwrap();
    assert!(again.was_there);
    assert_eq!(world.root.previous().unwrap(), id("model-1.0"));
}

#[test]
fn a_rollback_puts_the_previous_release_in_use_and_the_next_one_returns() {
    let world = World::serving(Release::new("2.0"));
    world.update().unwrap();
    let lock = world.root.lock().unwrap();
    assert_eq!(Some(rollback(&lock).unwrap()), id("model-1.0"));
    assert_eq!(world.root.current().unwrap(), id("model-1.0"));
    assert_eq!(Some(rollback(&lock).unwrap()), id("model-2.0"));
}

#[test]
fn a_rollback_to_a_damaged_release_is_refused() {
    let world = World::serving(Release::new("2.0"));
    world.update().unwrap();
    fs::write(world.path("model-1.0/config.yaml"), "other").unwrap();
    let error = rollback(&world.root.lock().unwrap()).unwrap_err();
    assert_eq!(error.code().family(), Family::Provenance);
    assert_eq!(world.root.current().unwrap(), id("model-2.0"));
}

#[test]
fn without_a_previous_release_there_is_no_rollback() {
    let world = World::serving(Release::new("2.0"));
    let error = rollback(&world.root.lock().unwrap()).unwrap_err();
    assert!(matches!(error, UpdateError::NoPrevious { .. }));
    world.assert_untouched();
}

#[test]
fn wrong_bytes_install_nothing() {
    let mut release = Release::new("2.0");
    let config = release.files.get_mut("config.yaml").unwrap();
    config[17] ^= 1;
    let world = World::serving(release);
    let error = world.update().unwrap_err();
    let is_hash = matches!(
        &error,
        UpdateError::Fetch {
            source: FetchError::Hash { .. },
            ..
        }
    );
    assert!(is_hash, "{error:?}");
    assert_eq!(error.code().family(), Family::Provenance);
    world.assert_untouched();
}

#[test]
fn a_file_that_is_missing_installs_nothing() {
    let mut release = Release::new("2.0");
    release.files.remove("reports/eval_report.md");
    let world = World::serving(release);
    let error = world.update().unwrap_err();
    assert_eq!(error.code().family(), Family::Resource);
    world.assert_untouched();
}

#[test]
fn a_file_over_the_limit_installs_nothing() {
    let mut release = Release::new("2.0");
    let large = vec![0; LIMIT as usize + 1];
    release
        .files
        .insert("predictor.safetensors".to_owned(), large);
    release.seal();
    let world = World::serving(release);
    let error = world.update().unwrap_err();
    let is_size = matches!(
        &error,
        UpdateError::Fetch {
            source: FetchError::TooLarge { .. },
            ..
        }
    );
    assert!(is_size, "{error:?}");
    world.assert_untouched();
}

#[test]
fn an_index_of_endless_length_is_refused() {
    let world = World::new(|_, _, stream| {
        head(stream, "200 OK", "Transfer-Encoding: chunked\r\n");
        let chunk = vec![b' '; 1 << 20];
        for _ in 0..10 {
            send(stream, b"100000\r\n");
            send(stream, &chunk);
            send(stream, b"\r\n");
        }
    });
    let error = world.update().unwrap_err();
    let is_size = matches!(
        &error,
        UpdateError::Fetch {
            source: FetchError::TooLarge { .. },
            ..
        }
    );
    assert!(is_size, "{error:?}");
    world.assert_untouched();
}

#[test]
fn an_index_that_leads_out_of_the_folder_is_refused() {
    let index = Release::new("2.0").index();
    for hostile in ["../model", "/etc/model", "a/b", "..", "current", "a\\\\b"] {
        let field = format!(r#""release_id": "{hostile}""#);
        let text = index.replace(r#""release_id": "model-2.0""#, &field);
        let world = World::new(move |_, _, stream| ok(stream, text.as_bytes()));
        let error = world.update().unwrap_err();
        let source = IndexError::ReleaseId {
            entry: 0,
            source: ReleaseId::new(&hostile.replace("\\\\", "\\")).unwrap_err(),
        };
        assert!(
            matches!(&error, UpdateError::Index { source: found, .. } if *found == source),
            "{error:?}"
        );
        assert_eq!(error.code().family(), Family::Input);
        world.assert_untouched();
    }
}

#[test]
fn an_index_on_a_host_cannot_name_files_of_this_machine() {
    let index = Release::new("2.0").index();
    for url in ["file:///etc/passwd", "http://127.0.0.1/manifest.json"] {
        let text = index.replace("model-2.0/manifest.json", url);
        let world = World::new(move |_, _, stream| ok(stream, text.as_bytes()));
        let error = world.update().unwrap_err();
        let UpdateError::Index {
            source: IndexError::Location { source, .. },
            ..
        } = &error
        else {
            panic!("{error:?}");
        };
        assert!(matches!(source, LocationError::LeavesHttps { .. }));
        world.assert_untouched();
    }
}

#[test]
fn a_manifest_whose_paths_lead_out_is_refused() {
    for hostile in ["../x", "/x", "a/../../x", "C:x"] {
        let mut release = Release::new("2.0");
        let manifest = release.files["manifest.json"].clone();
        let manifest = String::from_utf8(manifest).unwrap();
        let manifest = manifest.replace("calibration.parquet", hostile);
        release
            .files
            .insert("manifest.json".to_owned(), manifest.into());
        let world = World::serving(release);
        let error = world.update().unwrap_err();
        assert!(matches!(error, UpdateError::Manifest { .. }), "{error:?}");
        world.assert_untouched();
    }
}

#[test]
fn a_manifest_that_takes_a_name_twice_is_refused() {
    for clash in [
        "predictor.safetensors",
        "manifest.json",
        "config.yaml/x",
        "reports",
    ] {
        let mut release = Release::new("2.0");
        let manifest = release.files["manifest.json"].clone();
        let manifest = String::from_utf8(manifest).unwrap();
        let manifest = manifest.replace("calibration.parquet", clash);
        release
            .files
            .insert("manifest.json".to_owned(), manifest.into());
        let world = World::serving(release);
        let error = world.update().unwrap_err();
        assert!(
            matches!(error, UpdateError::PathConflict { .. }),
            "{error:?}"
        );
        world.assert_untouched();
    }
}

#[test]
fn a_manifest_that_is_not_its_entrys_is_refused() {
    let other = Release::new("3.0").files["manifest.json"].clone();
    let mut release = Release::new("2.0");
    release.files.insert("manifest.json".to_owned(), other);
    let world = World::serving(release);
    let error = world.update().unwrap_err();
    let is_id = matches!(
        &error,
        UpdateError::EntryMismatch {
            field: "release_id",
            ..
        }
    );
    assert!(is_id, "{error:?}");
    world.assert_untouched();
}

#[test]
fn an_index_that_is_no_index_is_refused() {
    for text in [
        "",
        "[]",
        "{}",
        "{\"releases\": []}",
        "{\"releases\": 7}",
        "\u{7f}",
    ] {
        let world = World::new(move |_, _, stream| ok(stream, text.as_bytes()));
        let error = world.update().unwrap_err();
        assert!(
            matches!(error, UpdateError::Index { .. }),
            "{text}: {error:?}"
        );
        assert_eq!(error.code().family(), Family::Input);
        world.assert_untouched();
    }
}

#[test]
fn a_folder_with_the_name_of_the_release_and_another_model_stays() {
    let world = World::serving(Release::new("2.0"));
    let mut other = Release::new("3.0");
    other.id = "model-2.0".to_owned();
    other.seal();
    other.write(&world.path("model-2.0"));
    let error = world.update().unwrap_err();
    assert!(matches!(error, UpdateError::OtherModel { .. }), "{error:?}");
    assert_eq!(world.root.current().unwrap(), None);
}

#[test]
fn a_folder_in_the_place_of_the_pointer_is_not_touched() {
    let world = World::serving(Release::new("2.0"));
    Release::new("1.0").write(&world.path("current"));
    let error = world.update().unwrap_err();
    assert!(
        matches!(error, UpdateError::PointerTaken { .. }),
        "{error:?}"
    );
    assert!(!world.path("model-2.0").exists());
    verify(&world.path("current"));
}

#[test]
fn two_updates_at_once_are_refused() {
    let world = World::serving(Release::new("2.0"));
    let _held = world.root.lock().unwrap();
    assert!(matches!(world.update(), Err(UpdateError::Locked { .. })));
    world.assert_untouched();
}

#[test]
fn a_manifest_may_stand_in_the_place_of_an_index() {
    let published = tempfile::tempdir().unwrap();
    Release::new("2.0").write(published.path());
    let world = World::serving(Release::new("9.0"));
    let client = client(&world.authority);
    let manifest = published.path().join("manifest.json");
    let index = Location::try_from(manifest.as_path()).unwrap();
    let offer = find_release(&client, &index, None, None).unwrap();
    let lock = world.root.lock().unwrap();
    install(&client, &lock, &offer, None, LIMIT, &mut |_, _| ()).unwrap();
    verify(&world.path("model-2.0"));
    assert_eq!(world.root.current().unwrap(), id("model-2.0"));
}

#[test]
fn an_older_release_is_known_for_one() {
    let world = World::serving(Release::new("0.9"));
    let offer = world.offer().unwrap();
    assert_eq!(offer.standing(Some(&world.old())), Standing::Older);
    assert_eq!(offer.standing(Some(&offer.manifest)), Standing::Installed);
    assert_eq!(offer.standing(None), Standing::Installable);
}
