//! `cargo xtask dataset`, `efficiency`, `model`, `demo`, `v02`, `paper`, `release` and `run`: from data to a published
//! release, one package after the other.
//!
//! Every package is a folder whose files are listed with their digests, whose reports have one
//! envelope, and whose texts for people follow from its reports. What is checked once is checked by
//! making it again from what it was made from.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool"
)]

mod dataset;
mod demo;
mod efficiency;
mod findings;
mod folder;
mod hub;
mod identity;
mod issues;
mod legacy;
mod local_hub;
mod markdown;
mod model;
mod paper;
mod program;
mod readiness;
mod release;
mod run;
mod run_args;
mod speed;
mod speed_scope;
mod suite;
mod v02;

use std::process::ExitCode;

use clap::Parser;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "From data to a published release")]
enum Task {
    /// All of it from one declaration, stage by stage
    Run(run::Args),
    /// Data: stage it, describe it, prove that its splits are disjoint
    #[command(subcommand)]
    Dataset(dataset::Task),
    /// Efficiency: how fast the program scores, and in how much memory
    #[command(subcommand)]
    Efficiency(efficiency::Task),
    /// Benchmarks: run those that a release has to show, and say what they are worth
    #[command(subcommand)]
    V02(v02::Task),
    /// Model: the weights with everything that was measured of them
    #[command(subcommand)]
    Model(model::Task),
    /// Demonstration: the packaged model scores a file, and what it said and wrote is kept
    #[command(subcommand)]
    Demo(demo::Task),
    /// Paper: the text about a release, of what its packages hold
    #[command(subcommand)]
    Paper(paper::Task),
    /// Release: packages bound into one, published, probed and replayed
    #[command(subcommand)]
    Release(release::Task),
    /// Both hosts of a release on this machine, for rehearsals
    LocalHub(local_hub::Args),
}

/// What a check that ran found.
enum Verdict {
    /// Everything holds.
    Holds,
    /// Something does not; it was told.
    Fails,
}

impl Verdict {
    fn of(holds: bool) -> Self {
        match holds {
            true => Self::Holds,
            false => Self::Fails,
        }
    }
}

fn main() -> ExitCode {
    let verdict = match Task::parse() {
        Task::Dataset(task) => dataset::run(&task),
        Task::Demo(task) => demo::run(&task),
        Task::Efficiency(task) => efficiency::run(&task),
        Task::LocalHub(args) => local_hub::run(&args),
        Task::Model(task) => model::run(&task),
        Task::Release(task) => release::run(&task),
        Task::Run(args) => run::run(&args),
        Task::Paper(task) => paper::run(&task),
        Task::V02(task) => v02::run(&task),
    };
    match verdict {
        Ok(Verdict::Holds) => ExitCode::SUCCESS,
        Ok(Verdict::Fails) => ExitCode::from(2),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
