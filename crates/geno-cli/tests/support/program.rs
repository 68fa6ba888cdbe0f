//! The program, run as a user runs it.

use std::{
    path::Path,
    process::{Command, Output},
};

/// A command that runs in a folder and keeps its cache there.
pub(crate) fn geno_lewm(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_geno-lewm"));
    command.args(args).current_dir(folder);
    command.env("GENO_LEWM_CACHE", folder.join("cache"));
    command
}

/// Runs a command that has to succeed; what it printed.
pub(crate) fn succeed(folder: &Path, args: &[&str]) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = geno_lewm(folder, args).output().unwrap();
    let stderr = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{args:?}: {stderr}");
    String::from_utf8(stdout).unwrap()
}
