//! Checkpoints are whole, and say so when they are not.

use std::{fs, path::Path};

use geno_core::{Coded, ErrorCode};
use geno_training::{BestCheckpoint, Checkpoint, CheckpointError, Checkpoints};

fn open(folder: &Path) -> Checkpoints {
    Checkpoints::open(folder, "test", 2).unwrap()
}

fn write(checkpoints: &Checkpoints, step: u64) {
    let bytes = vec![step as u8; 9];
    checkpoints
        .write(step, &vec![step], &[("a.bin", bytes)])
        .unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

#[test]
fn the_last_ones_and_the_best_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoints = open(folder.path());
    write(&checkpoints, 10);
    checkpoints
        .set_best(BestCheckpoint {
            step: 10,
            value: 0.5,
        })
        .unwrap();
    for step in [20, 30, 40] {
        write(&checkpoints, step);
    }
    let kept = [
        "best.json",
        "step-00000010",
        "step-00000030",
        "step-00000040",
    ];
    assert_eq!(names(folder.path()), kept);
    assert_eq!(checkpoints.latest().unwrap(), Some(checkpoints.path(40)));
    assert_eq!(checkpoints.best().unwrap().unwrap().step, 10);
}

#[test]
fn a_step_that_is_done_again_replaces_its_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoints = open(folder.path());
    write(&checkpoints, 10);
    checkpoints
        .write(10, &vec![7], &[("b.bin", vec![1])])
        .unwrap();
    let mut again = Checkpoint::<Vec<u64>>::read(&checkpoints.path(10), "test").unwrap();
    assert_eq!(again.state, [7]);
    assert_eq!(again.take("b.bin").unwrap(), [1]);
    assert!(matches!(
        again.take("a.bin"),
        Err(CheckpointError::Missing(_))
    ));
}

#[test]
fn what_a_killed_run_left_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    write(&open(folder.path()), 10);
    fs::create_dir(folder.path().join(".geno-lewm-x7")).unwrap();
    fs::write(folder.path().join(".geno-lewm-x7/a.bin"), [1]).unwrap();
    open(folder.path());
    assert_eq!(names(folder.path()), ["step-00000010"]);
}

#[test]
fn damage_is_found_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoints = open(folder.path());
    write(&checkpoints, 10);
    let path = checkpoints.path(10);
    let read = || Checkpoint::<Vec<u64>>::read(&path, "test").map(|_| ());
    read().unwrap();

    let file = path.join("a.bin");
    let good = fs::read(&file).unwrap();
    let mut flipped = good.clone();
    flipped[4] ^= 1;
    for (bytes, expected) in [(flipped, "digest"), (good[..8].to_vec(), "size")] {
        fs::write(&file, bytes).unwrap();
        let error = read().unwrap_err();
        assert!(matches!(error, CheckpointError::Damaged { what, .. } if what == expected));
        assert!(error.to_string().contains("a.bin"));
    }
    fs::remove_file(&file).unwrap();
    assert!(matches!(read().unwrap_err(), CheckpointError::Io { .. }));
    fs::write(&file, &good).unwrap();
    read().unwrap();

    let header = path.join("checkpoint.json");
    let text = fs::read_to_string(&header).unwrap();
    fs::write(&header, &text[..text.len() / 2]).unwrap();
    assert!(matches!(
        read().unwrap_err(),
        CheckpointError::Malformed { .. }
    ));
    fs::write(&header, text.replace("\"a.bin\"", "\"../../a.bin\"")).unwrap();
    assert!(matches!(
        read().unwrap_err(),
        CheckpointError::Damaged { what: "name", .. }
    ));
    fs::write(&header, text.replace("\"test\"", "\"other\"")).unwrap();
    assert!(matches!(read().unwrap_err(), CheckpointError::Kind { .. }));

    // Of a later version nothing else is read.
    let later = r#"{"schema_version": "2.0.0", "parts": []}"#;
    fs::write(&header, later).unwrap();
    let error = read().unwrap_err();
    assert_eq!(error.code(), ErrorCode::ConfigSchemaIncompat);
    assert!(
        error.to_string().contains("schema version 2.0.0"),
        "{error}"
    );
}
