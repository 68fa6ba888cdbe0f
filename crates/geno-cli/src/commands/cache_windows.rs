//! `geno-lewm cache-windows`: reference states, computed once and kept.

mod build;
mod exchange;
mod upkeep;

use std::{
    io::{self, Write},
    path::PathBuf,
    time::Duration,
};

use geno_app::config::{Layers, Settings};
use geno_provenance::{Json, indented_json};
use geno_runtime::BackendError;

use crate::{
    failure::{Failure, UsageError},
    model_args::cache_folder,
    shared_args::help_of,
};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Compute the states that are not there yet: along a genome, in regions, or of windows
    Build(Box<build::Args>),
    /// Say what the cache holds
    Stat {
        #[command(flatten)]
        cache: CacheArgs,
    },
    /// Read everything and compare every digest, every key and the index
    Verify {
        #[command(flatten)]
        cache: CacheArgs,
    },
    /// Make a new index, and move damaged shards aside after saving what is whole in them
    Repair {
        #[command(flatten)]
        cache: CacheArgs,
    },
    /// Make a new index from the shards, and then put it in the place of the old one
    Reindex {
        #[command(flatten)]
        cache: CacheArgs,
    },
    /// Write the states under `legacy_raw_v1` as the Python package's cache
    Export(exchange::ExportArgs),
    /// Add the states of files that the Python package's cache wrote
    Import(exchange::ImportArgs),
}

#[derive(clap::Args)]
pub(crate) struct CacheArgs {
    #[arg(long, value_name = "DIR", help = help_of("paths.cache_dir"))]
    cache_dir: Option<PathBuf>,

    /// Seconds to wait for another process that is writing
    #[arg(long, value_name = "N", default_value_t = 60)]
    wait: u64,
}

impl CacheArgs {
    fn wait(&self) -> Duration {
        Duration::from_secs(self.wait)
    }
}

impl Command {
    fn cache(&self) -> &CacheArgs {
        match self {
            Self::Build(args) => &args.cache,
            Self::Export(args) => &args.cache,
            Self::Import(args) => &args.cache,
            Self::Stat { cache }
            | Self::Verify { cache }
            | Self::Repair { cache }
            | Self::Reindex { cache } => cache,
        }
    }

    /// Adds the flags that stand for keys.
    pub(crate) fn add_to(&self, layers: &mut Layers) -> Result<(), BackendError> {
        let cache_dir = self.cache().cache_dir.as_deref();
        layers.flag_if("paths.cache_dir", "--cache-dir", cache_dir);
        match self {
            Self::Build(args) => args.add_to(layers),
            _ => Ok(()),
        }
    }
}

pub(crate) fn run(command: &Command, settings: &Settings) -> Result<(), Failure> {
    let Some(folder) = cache_folder(&settings.paths) else {
        let message = "a folder is needed: give `--cache-dir` or set `paths.cache_dir`";
        return Err(UsageError(message.to_owned()).into());
    };
    let folder = folder.join("states");
    let wait = command.cache().wait();
    match command {
        Command::Build(args) => build::run(args, settings, &folder, wait),
        Command::Stat { .. } => upkeep::stat(&folder),
        Command::Verify { .. } => upkeep::verify(&folder, wait, settings),
        Command::Repair { .. } => upkeep::repair(&folder, wait, settings),
        Command::Reindex { .. } => upkeep::reindex(&folder, wait, settings),
        Command::Export(args) => exchange::export(args, &folder),
        Command::Import(args) => exchange::import(args, &folder, wait),
    }
}

/// Prints what a command did.
fn print(report: &Json) -> Result<(), Failure> {
    writeln!(io::stdout(), "{}", indented_json(report)).map_err(Failure::stdout)
}
