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

use std::path::{Path, PathBuf};

use anyhow::Result;

use self::{chain::LOCK, hub_args::HubArgs};
use crate::{Verdict, legacy, run_args::RunArgs};

/// The packages of a release, which are its folders.
const PARTS: [&str; 3] = ["dataset", "model", "demo"];

#[derive(clap::Subcommand)]
pub(crate) enum Task {
    /// Check a whole release, and write its lock if it holds
    #[command(after_help = "\
The folders of the packages are `dataset`, `model` and `demo`. With `--legacy` it is a release of the Python
package that is checked, every file of it, and what that package's own verifier leaves unchecked is told.

Examples:
  cargo xtask release verify --release-dir target/first_experiment
  cargo xtask release verify --legacy --release-dir fixtures/legacy-release/release")]
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
    #[arg(long, value_name = "DIR", required_unless_present_all = ["model_dir", "dataset_dir", "demo_dir"])]
    release_dir: Option<PathBuf>,
    /// Check a release of the Python package, and write nothing
    #[arg(long)]
    legacy: bool,
    /// The model's folder [default: `model` in that of the release]
    #[arg(long, value_name = "DIR", requires = "legacy")]
    model_dir: Option<PathBuf>,
    /// The data's folder [default: `dataset` in that of the release]
    #[arg(long, value_name = "DIR", requires = "legacy")]
    dataset_dir: Option<PathBuf>,
    /// The demonstration's folder [default: `demo` in that of the release]
    #[arg(long, value_name = "DIR", requires = "legacy")]
    demo_dir: Option<PathBuf>,
    /// The paper [default: `PAPER.md` in the folder of the release, if it is there]
    #[arg(long, value_name = "FILE", requires = "legacy")]
    paper_path: Option<PathBuf>,
    /// Accept what is no evidence; its lock says so
    #[arg(long)]
    allow_fixture: bool,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    run: RunArgs,
}

/// What every command takes that reads or writes reports of a release.
#[derive(clap::Args)]
pub(crate) struct ReleaseArgs {
    /// Folder of the release
    #[arg(long, value_name = "DIR")]
    pub(crate) release_dir: PathBuf,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(clap::Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) release: ReleaseArgs,
    /// Repository of the model on huggingface.co
    #[arg(long, value_name = "OWNER/NAME")]
    pub(crate) repo_id: String,
    /// Page of the data set, `https://huggingface.co/datasets/OWNER/NAME`
    #[arg(long, value_name = "URL")]
    pub(crate) dataset_url: String,
    /// Page of the demonstration, `https://github.com/OWNER/NAME/releases/tag/TAG`
    #[arg(long, value_name = "URL")]
    pub(crate) demo_url: String,
    /// Accept what is no evidence; it can be rehearsed and not published
    #[arg(long)]
    pub(crate) allow_fixture: bool,
    /// Print the report
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct PublishArgs {
    #[command(flatten)]
    pub(crate) release: ReleaseArgs,
    /// Send nothing, and tell the requests of a first run
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Where model or data are published with other bytes, add a commit that replaces them
    #[arg(long)]
    pub(crate) replace: bool,
    /// Print the report
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) hub: HubArgs,
}

#[derive(clap::Args)]
pub(crate) struct CandidateArgs {
    #[command(flatten)]
    pub(crate) release: ReleaseArgs,
    /// Print what was found as JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) hub: HubArgs,
}

#[derive(clap::Args)]
pub(crate) struct ReplayArgs {
    #[command(flatten)]
    pub(crate) release: ReleaseArgs,
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
}

#[derive(clap::Args)]
pub(crate) struct EvidenceArgs {
    #[command(flatten)]
    pub(crate) release: ReleaseArgs,
    /// Print what was found as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct AssetsArgs {
    #[command(flatten)]
    pub(crate) release: ReleaseArgs,
    /// Publish the evidence under the tag of the demonstration and `-evidence`
    #[arg(long)]
    pub(crate) publish: bool,
    /// Send nothing, and tell the requests of a first run
    #[arg(long, requires = "publish")]
    pub(crate) dry_run: bool,
    /// Print the report
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) hub: HubArgs,
}

impl VerifyArgs {
    fn run(&self) -> Result<Verdict> {
        let release = self.release_dir.as_deref().unwrap_or(Path::new(""));
        if !self.legacy {
            let run = self.run.run()?;
            return verify::run(release, self.allow_fixture, self.json, &run);
        }
        let named = |named: &Option<PathBuf>, part| named.clone().unwrap_or(release.join(part));
        let paper = Some(release.join("PAPER.md")).filter(|paper| paper.is_file());
        let folders = legacy::Folders {
            model: named(&self.model_dir, "model"),
            dataset: named(&self.dataset_dir, "dataset"),
            demo: named(&self.demo_dir, "demo"),
            paper: self.paper_path.clone().or(paper),
        };
        legacy::run(&folders, self.json)
    }
}

pub(crate) fn run(task: &Task) -> Result<Verdict> {
    match task {
        Task::Verify(args) => args.run(),
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
