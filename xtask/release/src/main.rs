//! `cargo xtask dataset|efficiency|model|demo|release …`: from data to a published release, one package after the other.
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
mod folder;
mod hub;
mod issues;
mod legacy;
mod local_hub;
mod markdown;
mod model;
mod program;
mod release;
mod run;
mod run_args;

use std::process::ExitCode;

use clap::Parser;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "From data to a published release")]
enum Task {
    /// Data: stage it, describe it, prove that its splits are disjoint
    #[command(subcommand)]
    Dataset(dataset::Task),
    /// Demonstration: the packaged model scores a file, and what it said and wrote is kept
    #[command(subcommand)]
    Demo(demo::Task),
    /// Efficiency: how fast the program scores, and in how much memory
    #[command(subcommand)]
    Efficiency(efficiency::Task),
    /// Release: packages bound into one, published, probed and replayed
    #[command(subcommand)]
    Release(release::Task),
    /// Both hosts of a release on this machine, for rehearsals
    LocalHub(local_hub::Args),
    /// All of it from one declaration, stage by stage
    Run(run::Args),
    /// Model: the weights with everything that was measured of them
    #[command(subcommand)]
    Model(model::Task),
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
