//! `cargo xtask repo`: gates for the versions of this workspace.
//!
//! Each command exits 0 if all is well, 1 if something is not as it should be, and 2 if it cannot
//! tell: a missing file, a version that is none.

mod api;
mod archive;
mod assets;
mod bit_match;
mod bump;
mod changelog;
mod coverage;
mod eval_smoke;
mod git;
mod index;
mod lint;
mod packages;
mod perf;
mod release_binary;
mod sbom;
mod text_diff;
mod workflows;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Parser;
use geno_provenance::Timestamp;

pub(crate) use self::api::{MAKES_JSON, as_rustdoc};

/// Gates for the versions of this workspace
#[derive(Parser)]
#[command(name = "cargo xtask repo", bin_name = "cargo xtask repo")]
enum Repo {
    /// Check the changelog, or make a section of a release
    Changelog(changelog::Args),
    /// Set the version of the workspace, or show it
    Bump(bump::Args),
    /// Hold what users can name against its snapshots: items, flags, codes, events, metrics, keys
    Api(api::Args),
    /// Hold the scores of the demo, bit for bit, against those recorded: a patch changes none
    BitMatch(bit_match::Args),
    /// Check what packages ship, and write an archive of the sources
    PackageAssets(assets::Args),
    /// Compare benchmarks with recorded ones of the same kind of machine
    Perf(perf::Args),
    /// Check that tests run the lines that changed
    Coverage(coverage::Args),
    /// Evaluate made-up rows with the program, and hold the metrics to what they have to be
    EvalSmoke(eval_smoke::Args),
    /// Keep the list of releases that `geno-lewm update` reads, and withdraw releases
    Index(index::Args),
    /// Write the bill of materials of the program, as CycloneDX
    Sbom(sbom::Args),
    /// Build the released program twice, in two folders, and compare its bytes
    Reproducible(release_binary::Args),
    /// Check the words of texts
    Lint(lint::Args),
    /// Hold the workflows of the forge to their rules
    Workflows(workflows::Args),
}

/// What a gate found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Verdict {
    /// All is as it should be.
    Holds,
    /// Something is not, and was printed.
    Violated,
}

impl Verdict {
    /// That all holds if nothing was found to say.
    fn of(violations: &[String]) -> Self {
        for violation in violations {
            eprintln!("error: {violation}");
        }
        match violations {
            [] => Self::Holds,
            _ => Self::Violated,
        }
    }
}

/// Runs one command, with the arguments after `repo`.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    let program = "cargo xtask repo".to_owned();
    let repo = match Repo::try_parse_from(std::iter::once(&program).chain(arguments)) {
        Ok(repo) => repo,
        Err(error) => error.exit(),
    };
    let verdict = match repo {
        Repo::Changelog(args) => changelog::run(&args),
        Repo::Bump(args) => bump::run(&args),
        Repo::Api(args) => api::run(&args),
        Repo::BitMatch(args) => bit_match::run(&args),
        Repo::PackageAssets(args) => assets::run(&args),
        Repo::Perf(args) => perf::run(&args),
        Repo::Coverage(args) => coverage::run(&args),
        Repo::EvalSmoke(args) => eval_smoke::run(&args),
        Repo::Index(args) => index::run(&args),
        Repo::Sbom(args) => sbom::run(&args),
        Repo::Reproducible(args) => release_binary::run(&args),
        Repo::Lint(args) => lint::run(&args),
        Repo::Workflows(args) => workflows::run(&args),
    };
    match verdict {
        Ok(Verdict::Holds) => ExitCode::SUCCESS,
        Ok(Verdict::Violated) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// What the gate runs of these: what needs nothing built.
pub(crate) fn check() -> Result<()> {
    let violations = [
        changelog::check()?,
        api::check_names()?,
        bit_match::check_version()?,
        lint::check()?,
        workflows::check()?,
    ]
    .concat();
    match Verdict::of(&violations) {
        Verdict::Holds => Ok(()),
        Verdict::Violated => bail!("{} violations of `cargo xtask repo`", violations.len()),
    }
}

/// Now, or the second that `SOURCE_DATE_EPOCH` names.
fn now() -> Result<Timestamp> {
    let seconds = match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(text) => text.parse().context("SOURCE_DATE_EPOCH is no number")?,
        Err(_) => std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)?
            .as_secs(),
    };
    Ok(Timestamp::from_unix_seconds(seconds)?)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_tree_of_commands_is_sound_and_every_help_has_an_example() {
        let mut tree = Repo::command();
        tree.build();
        tree.clone().debug_assert();
        for command in tree.get_subcommands() {
            if command.get_name() == "help" {
                continue;
            }
            let help = command.get_after_help().map(ToString::to_string);
            let help = help.unwrap_or_default();
            let call = format!("cargo xtask repo {}", command.get_name());
            assert!(
                help.contains(&call),
                "`{}` has no example",
                command.get_name()
            );
        }
    }
}
