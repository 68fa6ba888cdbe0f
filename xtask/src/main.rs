//! Build commands that cargo lacks. See <https://github.com/matklad/cargo-xtask>.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool"
)]

mod ci;
mod codes;
mod layers;
mod links;
mod tidy;
mod workspace;

use std::{env, process::ExitCode};

use anyhow::{Result, bail};

const HELP: &str = "\
Usage: cargo xtask <TASK>

Tasks:
  ci      Run the whole gate: format, lints, tests, documentation, layers
  codes   Check that the book lists every error code
  layers  Check which crate depends on which
  links   Check the links between the Markdown files
  tidy    Check the form of sources and manifests
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    env::set_current_dir(workspace::root())?;

    match env::args().nth(1).as_deref() {
        Some("ci") => ci::run(),
        Some("codes") => codes::check(),
        Some("layers") => layers::check(),
        Some("links") => links::check(),
        Some("tidy") => tidy::check(),
        Some(task) => bail!("unknown task `{task}`\n\n{HELP}"),
        None => {
            print!("{HELP}");
            Ok(())
        }
    }
}
