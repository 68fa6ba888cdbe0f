//! `cargo xtask release`: packages bound into one release, published, probed and replayed.

mod lock;
mod nodes;
mod verify;

use std::path::PathBuf;

use anyhow::Result;

use crate::{Verdict, run_args::RunArgs};

/// Every file of a release that holds.
const LOCK: &str = "release.lock.json";

/// The packages of a release, which are its folders.
const PARTS: [&str; 3] = ["dataset", "model", "demo"];

#[derive(clap::Subcommand)]
pub(crate) enum Task {
    /// Check a whole release, and write its lock if it holds
    #[command(after_help = "\
The folders of the packages are `dataset`, `model` and `demo`.

Example:
  cargo xtask release verify --release-dir target/first_experiment")]
    Verify(VerifyArgs),
    /// Print which file is made of which, for Graphviz
    #[command(after_help = "\
Example:
  cargo xtask release graph | dot -Tsvg > release.svg")]
    Graph,
}

#[derive(clap::Args)]
pub(crate) struct VerifyArgs {
    /// Folder of the release
    #[arg(long, value_name = "DIR")]
    release_dir: PathBuf,
    /// Accept what is no evidence; its lock says so
    #[arg(long)]
    allow_fixture: bool,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    run: RunArgs,
}

pub(crate) fn run(task: &Task) -> Result<Verdict> {
    match task {
        Task::Verify(args) => verify::run(
            &args.release_dir,
            args.allow_fixture,
            args.json,
            &args.run.run()?,
        ),
        Task::Graph => {
            print!("{}", nodes::dot());
            Ok(Verdict::Holds)
        }
    }
}
