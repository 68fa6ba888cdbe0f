//! The workspace seen from outside: its folder, its packages, its files, cargo itself.

use std::{
    collections::BTreeSet,
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// Folders that hold what was built or fetched, not what was written.
const SKIPPED: &[&str] = &["target", "book", "unpacked"];

/// The folder of the workspace's `Cargo.toml`.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Runs cargo in the workspace and waits for it.
pub(crate) fn cargo(args: &[&str], variables: &[(&str, &str)]) -> Result<()> {
    let status = command()
        .args(args)
        .envs(variables.iter().copied())
        .status()
        .context("cannot run cargo")?;
    ensure!(status.success(), "`cargo {}`: {status}", args.join(" "));
    Ok(())
}

/// Runs cargo in the workspace and returns what it prints; what it says beside that is shown.
pub(crate) fn cargo_output(args: &[&str]) -> Result<String> {
    let output = command()
        .args(args)
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo")?;
    let status = output.status;
    ensure!(status.success(), "`cargo {}`: {status}", args.join(" "));
    Ok(String::from_utf8(output.stdout)?)
}

/// Reads what `cargo metadata` says of the workspace's own packages.
pub(crate) fn metadata() -> Result<Value> {
    let text = cargo_output(&["metadata", "--no-deps", "--format-version=1"])?;
    Ok(serde_json::from_str(&text)?)
}

/// Lists the files whose name ends in `suffix`, as paths from the workspace's folder, in order.
pub(crate) fn files(suffix: &str) -> Result<BTreeSet<PathBuf>> {
    let root = root();
    let mut found = BTreeSet::new();
    walk(&root, suffix, &mut found).context("cannot list the workspace")?;
    Ok(found
        .iter()
        .map(|path| path.strip_prefix(&root).unwrap_or(path).to_owned())
        .collect())
}

/// Prints each violation and fails if there is one.
pub(crate) fn report(violations: &BTreeSet<String>, what: &str) -> Result<()> {
    for violation in violations {
        eprintln!("{violation}");
    }
    ensure!(violations.is_empty(), "{} {what}", violations.len());
    Ok(())
}

fn command() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

fn walk(folder: &Path, suffix: &str, found: &mut BTreeSet<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();

        if entry.file_type()?.is_dir() {
            if !name.starts_with('.') && !SKIPPED.contains(&&*name) {
                walk(&entry.path(), suffix, found)?;
            }
        } else if name.ends_with(suffix) {
            found.insert(entry.path());
        }
    }
    Ok(())
}
