//! `geno-lewm config`: what a configuration may hold, for programs.

use std::io::{self, Write};

use geno_app::config::json_schema;

use crate::failure::Failure;

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Print the JSON Schema of configuration files
    Schema,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    match args.command {
        Command::Schema => io::stdout()
            .write_all(json_schema().as_bytes())
            .map_err(Failure::stdout),
    }
}
