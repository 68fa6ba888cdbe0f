//! A build of targets that is killed again and again.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use geno_training::TargetSet;
use tempfile::tempdir;

fn geno_lewm(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_geno-lewm"));
    command.current_dir(folder).env("GENO_LEWM_CACHE", "cache");
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn build(folder: &Path, output: &str, threads: &str) -> Child {
    let mut command = geno_lewm(folder);
    command.args(["targets", "--model-dir", "demo/model", "--resume"]);
    command.args([
        "--fasta",
        "demo/GRCh37.20.fa.gz",
        "--regions",
        "regions.bed",
    ]);
    command.args([
        "--saturate",
        "2",
        "--mix",
        "synthetic=2",
        "--edit-counts",
        "1,1",
    ]);
    command.args(["--part-windows", "1", "--seed", "5", "--threads", threads]);
    command.args(["--output", output, "--quiet"]);
    command.spawn().unwrap()
}

#[test]
fn a_build_that_was_killed_ends_with_the_bytes_of_one_that_was_not() {
    let folder = tempdir().unwrap();
    let folder = folder.path();
    let demo = geno_lewm(folder)
        .args(["demo", "--output", "demo"])
        .status();
    assert!(demo.unwrap().success());
    fs::write(folder.join("regions.bed"), "20\t3100000\t3180000\n").unwrap();
    assert!(build(folder, "whole", "1").wait().unwrap().success());

    let mut parts = Vec::new();
    for round in 0..10 {
        let mut child = build(folder, "killed", "2");
        thread::sleep(Duration::from_millis(50 + 70 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let entries = fs::read_dir(folder.join("killed"));
        parts.push(entries.map_or(0, Iterator::count));
    }
    assert!(build(folder, "killed", "2").wait().unwrap().success());

    let set = TargetSet::open(&folder.join("killed")).unwrap();
    set.verify().unwrap();
    let mut n = 0;
    for entry in fs::read_dir(folder.join("whole")).unwrap() {
        let name = entry.unwrap().file_name();
        let [a, b] =
            ["whole", "killed"].map(|side| fs::read(folder.join(side).join(&name)).unwrap());
        assert!(a == b, "{name:?}");
        n += 1;
    }
    assert_eq!(
        n,
        1 + 2 * 9,
        "nine windows, and their list; killed at {parts:?}"
    );
}
