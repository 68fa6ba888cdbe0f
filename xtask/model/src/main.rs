//! `cargo xtask model build`: makes the model that `geno-lewm demo` carries, from sequence and
//! variants that package registries serve, with the commands that users have.
//!
//! The folder of a build holds the data, what each stage left, and a record of each. A build that was
//! cut off goes on where it was. The same seed gives the same model, bit for bit, on one kind of
//! processor and for any number of threads.

#![expect(clippy::print_stdout, reason = "a command-line tool")]

mod debian;
mod evaluate;
mod install;
mod markov;
mod program;
mod recipe;
mod score_row;
mod slice;
mod sources;
mod split;
mod uniformity;
mod variants;

use std::{fs, io::Write, path::PathBuf};

use anyhow::{Result, ensure};
use clap::Parser;
use geno_provenance::write_atomic;

use crate::{evaluate::Labels, program::Program};

#[derive(Parser)]
#[command(name = "cargo xtask model", about = "Make the model of the demo")]
enum Task {
    /// Make it: download, pretrain, train, calibrate and describe
    Build(BuildArgs),
    /// Hold a built model against labelled variants, which are not part of it
    Evaluate(evaluate::Args),
}

#[derive(clap::Args)]
struct BuildArgs {
    /// Folder of the build; one that was cut off goes on
    #[arg(long, default_value = "target/model-build")]
    output: PathBuf,
    /// Seed of everything that is drawn
    #[arg(long, default_value_t = 20_261_122)]
    seed: u64,
    /// Threads; never changes the model
    #[arg(long)]
    threads: Option<usize>,
    /// Train for a minute, to try the build
    #[arg(long)]
    trial: bool,
    /// Put the model and its data in the place of `fixtures/demo`
    #[arg(long)]
    install: bool,
    /// Labelled variants to hold the model against, as `evaluate` takes them, for its card; they change
    /// nothing else
    #[arg(long, requires = "genes")]
    labels: Option<PathBuf>,
    /// Exons or transcripts that say what labelled variants touch
    #[arg(long, requires = "labels")]
    genes: Option<PathBuf>,
}

fn main() -> Result<()> {
    match Task::parse() {
        Task::Build(args) => build(&args),
        Task::Evaluate(args) => evaluate::run(&args),
    }
}

fn build(args: &BuildArgs) -> Result<()> {
    let output = &args.output;
    let data = output.join("data");
    fs::create_dir_all(&data)?;
    for package in sources::PACKAGES {
        package.unpack(&data)?;
    }
    variants::write_parts(&data)?;
    let (config, copy) = (fs::read(recipe::CONFIG)?, output.join("model.yaml"));
    // What is done was done with it.
    ensure!(
        !copy.exists() || fs::read(&copy)? == config,
        "`{}` is not `{}`; begin in another folder",
        copy.display(),
        recipe::CONFIG
    );
    write_atomic(&copy, |out| out.write_all(&config))?;

    let program = Program::beside(output, args.seed, args.threads)?;
    let manifest = output.join("experiment.json");
    if !manifest.exists() {
        let arguments = experiment(args);
        program.run(&arguments.iter().map(AsRef::as_ref).collect::<Vec<_>>())?;
    }
    let recipe = match args.trial {
        true => &recipe::TRIAL,
        false => &recipe::WHOLE,
    };
    let labels = args.labels.clone().zip(args.genes.clone());
    let labels = labels.map(|(labels, genes)| Labels { labels, genes });
    recipe::make(recipe, output, &program, labels.as_ref())?;
    if args.install {
        install::install(output)?;
    }
    println!("==> {}", output.join("model").display());
    Ok(())
}

/// The manifest of the experiment, which is written before it begins.
fn experiment(args: &BuildArgs) -> Vec<String> {
    let output = &args.output;
    let mut arguments: Vec<String> = ["experiment", "new", "--output"].map(str::to_owned).into();
    arguments.push(output.join("experiment.json").display().to_string());
    arguments.push(format!("--param=seed={}", args.seed));
    arguments.push(format!("--param=trial={}", args.trial));
    let files = [sources::CHROMOSOME_20, sources::PHASED];
    for name in files.iter().chain(sources::OTHER_SEQUENCE) {
        let path = output.join("data").join(name);
        arguments.push(format!("--external={name}={}", path.display()));
    }
    arguments
}
