//! The state of a source tree, read from repositories made for the purpose.

use std::{fs, path::Path, process::Command};

use geno_app::{GitStateError, git_state};
use geno_core::{Coded, ErrorCode};

/// Runs git in a folder, as somebody, whatever this machine's settings are.
fn git(folder: &Path, arguments: &[&str]) {
    let status = Command::new("git")
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
    assert!(status.status.success(), "git {arguments:?}: {status:?}");
}

fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "--quiet"]);
    fs::write(folder.path().join("a"), "a").unwrap();
    fs::write(folder.path().join(".gitignore"), "ignored\n").unwrap();
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "--quiet", "--message", "a"]);
    folder
}

#[test]
fn a_clean_tree_is_clean_until_a_file_is_there() {
    let folder = repository();
    let state = git_state(folder.path()).unwrap();
    assert!(!state.dirty);
    assert_eq!(state.branch.as_str(), "main");

    fs::write(folder.path().join("ignored"), "").unwrap();
    assert_eq!(git_state(folder.path()).unwrap(), state);

    fs::write(folder.path().join("new"), "").unwrap();
    let changed = git_state(folder.path()).unwrap();
    assert!(changed.dirty);
    assert_eq!(changed.sha, state.sha);
}

#[test]
fn a_folder_inside_the_tree_and_a_detached_head_are_told() {
    let folder = repository();
    let inside = folder.path().join("inside");
    fs::create_dir(&inside).unwrap();
    git(folder.path(), &["checkout", "--quiet", "--detach"]);
    let state = git_state(&inside).unwrap();
    assert_eq!(state.branch.as_str(), "HEAD");
    assert!(!state.dirty, "git sees no empty folder");
}

#[test]
fn what_is_missing_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let error = git_state(folder.path()).unwrap_err();
    assert!(
        matches!(error, GitStateError::NotARepository { .. }),
        "{error}"
    );
    assert_eq!(error.code(), ErrorCode::InputGeneric);

    git(folder.path(), &["init", "--quiet"]);
    let error = git_state(folder.path()).unwrap_err();
    assert!(matches!(error, GitStateError::NoCommit { .. }), "{error}");

    let error = git_state(&folder.path().join("not-there")).unwrap_err();
    assert!(matches!(error, GitStateError::Run { .. }), "{error}");
}

#[test]
fn a_repository_without_a_working_tree_is_none() {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "--quiet", "--bare"]);
    let error = git_state(folder.path()).unwrap_err();
    assert!(
        matches!(error, GitStateError::NotARepository { .. }),
        "{error}"
    );
}
