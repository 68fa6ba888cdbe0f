//! `cargo xtask release`: packages bound into one release, published, probed and replayed.

mod assets;
mod candidate;
mod chain;
mod evidence;
mod hub_args;
mod lock;
mod nodes;
mod plan;
mod publication;
mod replay;
mod verify;

use std::path::PathBuf;

use anyhow::Result;

use self::{chain::LOCK, hub_args::HubArgs};
use crate::{Verdict, run_args::RunArgs};

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
    /// Plan which file of a locked release is published where
    #[command(after_help = "\
Example:
  cargo xtask release plan --release-dir target/first_experiment --repo-id owner/name \\
      --dataset-url https://huggingface.co/datasets/owner/name-data \\
      --demo-url https://github.com/owner/name/releases/tag/v0.3.0-demo")]
    Plan(PlanArgs),
    /// Publish what is planned: one commit each for model and data, one release for the demonstration
    ///
    /// Tokens come from HF_TOKEN or HUGGINGFACE_HUB_TOKEN, and from GH_TOKEN or GITHUB_TOKEN. What is
    /// there already with equal bytes is left alone, so an interrupted run takes up where it ended.
    #[command(after_help = "\
Example:
  cargo xtask release publish --release-dir target/first_experiment --dry-run")]
    Publish(PublishArgs),
    /// Fetch everything that was published, and compare it with the plan
    #[command(after_help = "\
Example:
  cargo xtask release candidate --release-dir target/first_experiment")]
    Candidate(CandidateArgs),
    /// Fetch a published release into an empty folder, verify it there, and score anew
    #[command(after_help = "\
Of the release's folder it reads three reports: plan, publication and candidate.

Example:
  cargo xtask release replay --release-dir target/first_experiment \\
      --output-dir target/first_experiment_replay")]
    Replay(ReplayArgs),
    /// Bind lock, plan, publication, candidate and replay: every link compared
    #[command(after_help = "\
Example:
  cargo xtask release evidence --release-dir target/first_experiment")]
    Evidence(EvidenceArgs),
    /// List the evidence, and publish it beside the release
    #[command(after_help = "\
Example:
  cargo xtask release assets --release-dir target/first_experiment --publish")]
    Assets(AssetsArgs),
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

#[derive(clap::Args)]
pub(crate) struct PlanArgs {
    /// Folder of the release
    #[arg(long, value_name = "DIR")]
    pub(crate) release_dir: PathBuf,
    /// Repository of the model on huggingface.co
    #[arg(long, value_name = "OWNER/NAME")]
    pub(crate) repo_id: String,
    /// Page of the data set: https://huggingface.co/datasets/OWNER/NAME
    #[arg(long, value_name = "URL")]
    pub(crate) dataset_url: String,
    /// Page of the demonstration: https://github.com/OWNER/NAME/releases/tag/TAG
    #[arg(long, value_name = "URL")]
    pub(crate) demo_url: String,
    /// Accept what is no evidence; it can be rehearsed and not published
    #[arg(long)]
    pub(crate) allow_fixture: bool,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(clap::Args)]
pub(crate) struct PublishArgs {
    /// Folder of the release
    #[arg(long, value_name = "DIR")]
    pub(crate) release_dir: PathBuf,
    /// Send nothing, and tell the requests of a first run
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Where model or data are published with other bytes, add a commit that replaces them
    #[arg(long)]
    pub(crate) replace: bool,
    #[command(flatten)]
    pub(crate) hub: HubArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(clap::Args)]
pub(crate) struct CandidateArgs {
    /// Folder of the release
    #[arg(long, value_name = "DIR")]
    pub(crate) release_dir: PathBuf,
    /// Print what was found as JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) hub: HubArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(clap::Args)]
pub(crate) struct ReplayArgs {
    /// Folder of the reports
    #[arg(long, value_name = "DIR")]
    pub(crate) release_dir: PathBuf,
    /// Folder to fetch into; what is there already with equal bytes is not fetched again
    #[arg(long, value_name = "DIR")]
    pub(crate) output_dir: PathBuf,
    /// Folder of the encoder's checkpoint, when the package does not hold it
    #[arg(long, value_name = "DIR")]
    pub(crate) encoder_dir: Option<PathBuf>,
    /// Another program than the one built with this one; what it does is no evidence
    #[arg(long, value_name = "FILE")]
    pub(crate) program: Option<PathBuf>,
    /// Print what was found as JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) hub: HubArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(clap::Args)]
pub(crate) struct EvidenceArgs {
    /// Folder of the release
    #[arg(long, value_name = "DIR")]
    pub(crate) release_dir: PathBuf,
    /// Print what was found as JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(clap::Args)]
pub(crate) struct AssetsArgs {
    /// Folder of the release
    #[arg(long, value_name = "DIR")]
    pub(crate) release_dir: PathBuf,
    /// Publish the evidence under the tag of the demonstration and `-evidence`
    #[arg(long)]
    pub(crate) publish: bool,
    #[command(flatten)]
    pub(crate) hub: HubArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

pub(crate) fn run(task: &Task) -> Result<Verdict> {
    match task {
        Task::Verify(args) => verify::run(
            &args.release_dir,
            args.allow_fixture,
            args.json,
            &args.run.run()?,
        ),
        Task::Plan(args) => plan::run(args),
        Task::Publish(args) => publication::run(args),
        Task::Candidate(args) => candidate::run(args),
        Task::Replay(args) => replay::run(args),
        Task::Evidence(args) => evidence::run(args),
        Task::Assets(args) => assets::run(args),
        Task::Graph => {
            print!("{}", nodes::dot());
            Ok(Verdict::Holds)
        }
    }
}
