//! `geno-lewm experiment new`, in a repository made for the purpose.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use geno_core::Digest;
use geno_provenance::{DataProvenance, ExperimentManifest};

/// Runs git in a folder, as somebody, whatever this machine's settings are.
fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@b.invalid"])
        .args([
            "-c",
            "commit.gpgsign=false",
            "-c",
            "init.defaultBranch=main",
        ])
        .args(arguments)
        .current_dir(folder)
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn experiment_new(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_geno-lewm"))
        .env("GENO_LEWM_LOG_LEVEL", "warn")
        .args(["experiment", "new"])
        .args(arguments)
        .current_dir(folder)
        .env("SOURCE_DATE_EPOCH", "1767323045")
        .output()
        .unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_manifest_says_what_the_tree_the_machine_and_the_data_were() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    git(folder, &["init", "--quiet"]);
    fs::write(folder.join("ref.fa"), ">1\nACGT\n").unwrap();
    git(folder, &["add", "."]);
    git(folder, &["commit", "--quiet", "--message", "a"]);
    let sha = git(folder, &["rev-parse", "HEAD"]);

    let arguments = [
        "--param",
        "radius=8",
        "--param",
        "pool=\"downstream_mean\"",
        "--external",
        "reference=ref.fa",
        "--threads",
        "1",
        "--backend",
        "cpu",
        "--output",
        "manifest.json",
    ];
    let output = experiment_new(folder, &arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(output.stdout.is_empty());

    let written = fs::read(folder.join("manifest.json")).unwrap();
    let manifest = ExperimentManifest::parse(&written).unwrap();
    assert_eq!(manifest.timestamp_utc, "2026-01-02T03:04:05Z");
    let id = format!("2026-01-02T03:04:05Z_{}", &sha[..12]);
    assert_eq!(manifest.experiment_id, id);
    assert_eq!(manifest.git.sha.as_str(), sha);
    assert_eq!(manifest.git.branch.as_str(), "main");
    assert!(!manifest.git.dirty);
    assert_eq!(manifest.env["threads"], "1");
    assert_eq!(manifest.env["backend"], "cpu");
    assert!(manifest.env["rustc"].starts_with("rustc "));
    assert_eq!(manifest.params["radius"].as_u64(), Some(8));
    let DataProvenance::External { hashes } = &manifest.data_provenance else {
        panic!("the data came from a file");
    };
    let hashes: Vec<_> = hashes
        .iter()
        .map(|(name, hash)| (name.as_str(), *hash))
        .collect();
    assert_eq!(hashes, [("reference", Digest::of(b">1\nACGT\n"))]);

    let seeded = experiment_new(folder, &["--synthetic-seed", "-7", "--id", "x"]);
    let manifest = ExperimentManifest::parse(&seeded.stdout).unwrap();
    assert_eq!(manifest.experiment_id, "x");
    assert!(manifest.git.dirty, "the manifest itself is not committed");
}

#[test]
fn no_work_is_done_where_there_is_no_commit() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--external", "a=not-there", "--output", "manifest.json"];
    let output = experiment_new(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        stderr(&output),
        "error[INPUT.GENERIC]: `.` is not in a git working tree\n"
    );

    git(folder.path(), &["init", "--quiet"]);
    let output = experiment_new(folder.path(), &arguments);
    assert!(
        stderr(&output).contains("has no commit yet"),
        "{}",
        stderr(&output)
    );
    assert!(!folder.path().join("manifest.json").exists());
}

#[test]
fn an_id_or_a_folder_that_cannot_be_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    git(folder, &["init", "--quiet"]);
    git(
        folder,
        &["commit", "--quiet", "--allow-empty", "--message", "a"],
    );

    let output = experiment_new(folder, &["--synthetic-seed", "1", "--id", ""]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("`experiment_id`"),
        "{}",
        stderr(&output)
    );

    let arguments = ["--synthetic-seed", "1", "--output", "none/manifest.json"];
    let output = experiment_new(folder, &arguments);
    assert_eq!(output.status.code(), Some(4));
    assert!(
        stderr(&output).starts_with("error[RESOURCE.IO]"),
        "{}",
        stderr(&output)
    );

    let twice = ["--synthetic-seed", "1", "--param", "a=1", "--param", "a=2"];
    let output = experiment_new(folder, &twice);
    assert!(
        stderr(&output).contains("names `a` twice"),
        "{}",
        stderr(&output)
    );
}
