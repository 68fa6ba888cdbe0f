//! `cargo xtask paper`: the text about a release, of what its packages hold and of nothing else.

mod render;
mod sources;
mod verify;

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use geno_provenance::{PublicPath, release::Statement, write_atomic};

use self::sources::Sources;
use crate::{Verdict, folder, issues::Issues, run_args::RunArgs};

#[derive(clap::Subcommand)]
pub(crate) enum Task {
    /// Write the paper of a release
    #[command(after_help = "\
Example:
  cargo xtask paper draft --model-dir target/first_experiment/model \\
      --dataset-dir target/first_experiment/dataset --demo-dir target/first_experiment/demo \\
      --output target/first_experiment/paper/PAPER.md")]
    Draft(DraftArgs),
    /// Check a paper, and what it is about, by writing it again
    #[command(after_help = "\
Example:
  cargo xtask paper verify --model-dir target/first_experiment/model \\
      --dataset-dir target/first_experiment/dataset --demo-dir target/first_experiment/demo \\
      --paper target/first_experiment/paper/PAPER.md")]
    Verify(VerifyArgs),
}

/// What a paper is about.
#[derive(clap::Args)]
pub(crate) struct PackageArgs {
    /// Package of the model
    #[arg(long, value_name = "DIR")]
    model_dir: PathBuf,
    /// Package of the data it was trained on
    #[arg(long, value_name = "DIR")]
    dataset_dir: PathBuf,
    /// Demonstration of the model
    #[arg(long, value_name = "DIR")]
    demo_dir: Option<PathBuf>,
    /// Report of `cargo xtask v02 readiness`, with what it was made from beside it
    #[arg(long, value_name = "FILE")]
    readiness: Option<PathBuf>,
    /// Another file of the release by its public name; may be repeated
    #[arg(long, value_name = "NAME")]
    also: Vec<String>,
}

#[derive(clap::Args)]
pub(crate) struct DraftArgs {
    #[command(flatten)]
    packages: PackageArgs,
    /// The title [default: of the model and its release]
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// The paper, Markdown
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    run: RunArgs,
}

#[derive(clap::Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    packages: PackageArgs,
    /// The paper
    #[arg(long, value_name = "FILE")]
    paper: PathBuf,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

impl PackageArgs {
    /// Checks the packages, and reads them if they hold.
    fn sources(&self, issues: &mut Issues) -> Result<Option<Sources>> {
        let also = self.also.iter().map(|name| {
            let named = PublicPath::new(name.as_str());
            named.with_context(|| format!("`--also {name}`"))
        });
        let also = also.collect::<Result<_>>()?;
        Sources::read(
            (&self.model_dir, &self.dataset_dir),
            self.demo_dir.as_deref(),
            self.readiness.as_deref(),
            also,
            issues,
        )
    }
}

/// Finds everything that is wrong with the paper of a release, whose packages were checked already.
pub(crate) fn check(
    paper: &Path,
    [dataset_dir, model_dir, demo_dir]: &[PathBuf; 3],
    issues: &mut Issues,
) -> Result<()> {
    let packages = PackageArgs {
        model_dir: model_dir.clone(),
        dataset_dir: dataset_dir.clone(),
        demo_dir: Some(demo_dir.clone()),
        readiness: None,
        also: Vec::new(),
    };
    let mut of_packages = Issues::default();
    let Some(sources) = packages.sources(&mut of_packages)? else {
        return Ok(());
    };
    verify::compare(paper, &sources, issues)
}

pub(crate) fn run(task: &Task) -> Result<Verdict> {
    match task {
        Task::Draft(args) => draft(args),
        Task::Verify(args) => verify::run(args),
    }
}

fn draft(args: &DraftArgs) -> Result<Verdict> {
    let mut issues = Issues::default();
    let sources = args.packages.sources(&mut issues)?;
    issues.into_result()?;
    let sources = sources.context("the packages cannot be read")?;
    let title = match &args.title {
        Some(title) => Statement::new(title).context("`--title`")?,
        None => sources.title()?,
    };
    let text = render::render(&sources, &title, args.run.run()?.now);
    folder::create_around(&args.output)?;
    write_atomic(&args.output, |file| file.write_all(text.as_bytes()))?;
    println!("{}", args.output.display());
    Ok(Verdict::Holds)
}
