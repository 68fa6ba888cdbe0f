//! `repo changelog`: check the changelog, or make the section of a release.

mod check;
mod commits;
mod document;
mod release;

use std::fs;

use anyhow::{Context, Result, ensure};
use semver::Version;

use super::{Verdict, git, now, packages, text_diff::text_diff};
use crate::workspace::root;

pub(super) use self::document::Changelog;

/// The file.
pub(super) const FILE: &str = "CHANGELOG.md";

#[derive(clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  cargo xtask repo changelog --check
  cargo xtask repo changelog release 0.4.0 --since v0.3.0 --dry-run"
)]
pub(super) struct Args {
    /// Check form, order, dates, prefixes, and that the workspace's version has a section
    #[arg(long, required = true)]
    check: bool,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Make the section of a release: the curated text, then what the commits add to it
    Release(ReleaseArgs),
}

#[derive(clap::Args)]
#[command(after_help = "Example:
  cargo xtask repo changelog release 0.4.0 --date 2026-05-31 --dry-run")]
pub(super) struct ReleaseArgs {
    /// Version that is released
    version: Version,

    /// Day of the release [default: today, in UTC]
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<String>,

    /// Commit or tag after which commits count [default: the latest tag v…]
    #[arg(long, value_name = "TAG")]
    since: Option<String>,

    /// Print the difference and write nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(args: &Args) -> Result<Verdict> {
    match &args.command {
        Some(Command::Release(args)) => release(args),
        None => Ok(Verdict::of(&check()?)),
    }
}

/// What breaks a rule of the changelog.
pub(super) fn check() -> Result<Vec<String>> {
    let manifest = fs::read_to_string(root().join("Cargo.toml"))?;
    let version = packages::workspace_version(&manifest)?;
    let found = check::violations(&read()?, &version, &packages::short_names()?);
    Ok(found.iter().map(|text| format!("{FILE}:{text}")).collect())
}

/// The text of the file.
pub(super) fn read() -> Result<String> {
    fs::read_to_string(root().join(FILE)).with_context(|| format!("cannot read `{FILE}`"))
}

fn release(args: &ReleaseArgs) -> Result<Verdict> {
    let old = read()?;
    let new = released(&old, args)?;
    print!("{}", text_diff(FILE, &old, &new));
    if !args.dry_run {
        fs::write(root().join(FILE), new).with_context(|| format!("cannot write `{FILE}`"))?;
    }
    Ok(Verdict::Holds)
}

/// The file with the section of a release.
fn released(old: &str, args: &ReleaseArgs) -> Result<String> {
    let date = match &args.date {
        Some(date) => date.clone(),
        None => now()?.to_string()[..10].to_owned(),
    };
    ensure!(document::is_date(&date), "`{date}` is no day");
    let since = args.since.clone().or_else(git::latest_tag);
    let commits = match &since {
        Some(since) => commits::since(since, &packages::short_names()?)?,
        None => {
            eprintln!("no tag `v…` and no `--since`: the section holds the curated text alone");
            Vec::new()
        }
    };
    release::released(old, &args.version, &date, &commits)
}

/// The section that a new version takes over, made as `release` makes it without options.
pub(super) fn released_today(old: &str, version: &Version) -> Result<String> {
    let args = ReleaseArgs {
        version: version.clone(),
        date: None,
        since: None,
        dry_run: false,
    };
    released(old, &args)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_changelog_holds() {
        assert_eq!(check().unwrap(), Vec::<String>::new());
    }
}
