//! `geno-lewm encoder`: find or fetch an encoder, say what it holds, make another from it.

mod derive;
mod inspect;
mod measure;
mod measured_lines;
#[cfg(feature = "update")]
mod place;

use geno_app::config::{Layers, Settings};

use crate::failure::Failure;

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Hash an encoder that is on this machine, and remember where it is
    #[cfg(feature = "update")]
    Link(place::LinkArgs),
    /// Fetch an encoder at a commit into the Hugging Face cache, and remember where it is
    #[cfg(feature = "update")]
    Fetch(place::FetchArgs),
    /// Say what a checkpoint holds: shape, formats, rows, values that are no numbers, its origin
    Inspect(inspect::Args),
    /// Make a checkpoint with the DNA rows of the vocabulary alone; states stay the same
    Slice(derive::SliceArgs),
    /// Make a checkpoint with all weights in one format, and measure what that does to states
    Convert(derive::ConvertArgs),
}

impl Args {
    /// Adds the flags that stand for keys.
    pub(crate) fn add_to(&self, layers: &mut Layers) {
        match &self.command {
            #[cfg(feature = "update")]
            Command::Link(args) => args.add_to(layers),
            #[cfg(feature = "update")]
            Command::Fetch(args) => args.add_to(layers),
            Command::Inspect(_) => {}
            Command::Slice(args) => args.add_to(layers),
            Command::Convert(args) => args.add_to(layers),
        }
    }

    pub(crate) fn opens_connections(&self) -> bool {
        #[cfg(feature = "update")]
        if let Command::Fetch(_) = self.command {
            return true;
        }
        false
    }
}

pub(crate) fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    match &args.command {
        #[cfg(feature = "update")]
        Command::Link(args) => place::link(args, settings),
        #[cfg(feature = "update")]
        Command::Fetch(args) => place::fetch(args, settings),
        Command::Inspect(args) => inspect::run(args),
        Command::Slice(args) => derive::slice(args, settings),
        Command::Convert(args) => derive::convert(args, settings),
    }
}
