//! `geno-lewm benchmark`: what benchmarks there are, and preparing and running them.

mod carbon;
mod evaluate;
mod list;
mod prepare;
mod rollout;
mod run;
mod show;
mod summary;

use std::path::PathBuf;

use geno_app::config::{Layers, Settings};
use geno_eval::{Registry, RegistryError};
use geno_runtime::BackendError;

use crate::failure::Failure;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// List the benchmarks
    List(list::Args),
    /// Show all there is to know of a benchmark: files, licences, columns, labels, metrics
    Show(show::Args),
    /// Make variants and labels of the files that a benchmark is published as
    Prepare(Box<prepare::Args>),
    /// Score, compare to Carbon's likelihood, evaluate and report; go on where a run ended
    Run(Box<run::Args>),
}

#[derive(clap::Args)]
pub(crate) struct RegistryArgs {
    /// Benchmarks of your own beside those of the program: a file, or a folder of files
    #[arg(long, value_name = "PATH")]
    registry: Vec<PathBuf>,
}

impl RegistryArgs {
    fn open(&self) -> Result<Registry, RegistryError> {
        let own = self.registry.iter();
        let built_in = Registry::built_in().clone();
        own.map(PathBuf::as_path)
            .try_fold(built_in, Registry::with_entries_of)
    }
}

impl Command {
    /// Adds the flags that stand for keys.
    pub(crate) fn add_to(&self, layers: &mut Layers) -> Result<(), BackendError> {
        match self {
            Self::Run(args) => args.add_to(layers),
            Self::List(_) | Self::Show(_) | Self::Prepare(_) => Ok(()),
        }
    }
}

pub(crate) fn run(command: &Command, settings: &Settings) -> Result<(), Failure> {
    match command {
        Command::List(args) => list::run(args),
        Command::Show(args) => show::run(args),
        Command::Prepare(args) => prepare::run(args, settings),
        Command::Run(args) => run::run(args, settings),
    }
}
