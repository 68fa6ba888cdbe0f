//! What git says of the working tree.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::workspace::root;

/// Runs git in the workspace and returns what it prints.
///
/// # Errors
///
/// If git cannot be run, or fails; with what it said.
pub(super) fn git(arguments: &[&str]) -> Result<String> {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(root())
        .output()
        .context("cannot run git")?;
    ensure!(
        output.status.success(),
        "`git {}`: {}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(String::from_utf8(output.stdout)?)
}

/// The tag `v…` that the newest commit stands on or after, if there is one.
pub(super) fn latest_tag() -> Option<String> {
    let tag = git(&["describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"]).ok()?;
    Some(tag.trim().to_owned())
}

/// The files under version control, as paths from the workspace's folder, in order.
pub(super) fn files() -> Result<Vec<String>> {
    let listed = git(&["ls-files", "-z", "--cached"])?;
    let names = listed.split('\0').filter(|name| !name.is_empty());
    let mut names: Vec<String> = names.map(str::to_owned).collect();
    names.sort();
    names.dedup();
    Ok(names)
}
