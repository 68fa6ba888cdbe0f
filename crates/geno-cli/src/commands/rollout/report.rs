//! What the document of metrics says beside the metrics.

use std::{
    collections::BTreeMap,
    path::{self, Path, PathBuf},
};

use geno_core::Digest;
use geno_eval::{MetricsReport, ReportIdentity, SplitSummary};
use geno_provenance::{ArtifactPath, Label};

use crate::{
    clock,
    failure::{Failure, UsageError},
};

#[derive(clap::Args)]
#[command(next_help_heading = "What the report names")]
pub(super) struct ReportArgs {
    /// Folder that the files named below lie in [default: that of the metrics]
    #[arg(long, value_name = "DIR")]
    artifact_root: Option<PathBuf>,

    /// Model, by the digest of its manifest [default: that of the model directory]
    #[arg(long, value_name = "DIGEST", conflicts_with = "vcf")]
    model_id: Option<Digest>,

    /// Release of the model [default: the name of the model]
    #[arg(long, value_name = "NAME")]
    model_release: Option<String>,

    /// Data that the haplotypes come from
    #[arg(long, value_name = "NAME")]
    dataset_snapshot: Option<String>,

    /// Commit of the code
    #[arg(long, value_name = "SHA")]
    commit: Option<String>,

    /// Machine
    #[arg(long, value_name = "TEXT")]
    hardware: Option<String>,

    /// Checkpoint of the predictor
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,

    /// Configuration of the model
    #[arg(long, value_name = "FILE")]
    config_artifact: Option<PathBuf>,

    /// Manifest of the data
    #[arg(long, value_name = "FILE")]
    dataset_manifest: Option<PathBuf>,

    /// Configuration of the evaluation
    #[arg(long, value_name = "FILE")]
    eval_config: Option<PathBuf>,

    /// Report about speed and memory
    #[arg(long, value_name = "FILE")]
    efficiency_report: Option<PathBuf>,

    /// Report about the examples that rows of states were made from
    #[arg(long, value_name = "FILE")]
    rollout_state_examples_report: Option<PathBuf>,

    /// Report about how rows of states were made
    #[arg(long, value_name = "FILE")]
    rollout_state_rows_report: Option<PathBuf>,
}

/// What is known of a report before anything is computed.
pub(super) struct PreparedReport {
    identity: ReportIdentity,
    artifacts: BTreeMap<Label, ArtifactPath>,
}

impl ReportArgs {
    /// Checks what was given, before anything is computed.
    pub(super) fn prepare(
        &self,
        output: &Path,
        states: Option<&Path>,
    ) -> Result<PreparedReport, Failure> {
        let label = |text: &Option<String>| text.as_deref().map(Label::new).transpose();
        let identity = ReportIdentity {
            model_id: self.model_id,
            model_release: label(&self.model_release)?,
            dataset_snapshot: label(&self.dataset_snapshot)?,
            commit: label(&self.commit)?,
            hardware: label(&self.hardware)?,
        };
        let parent = || output.parent().unwrap_or(Path::new("")).to_owned();
        let root = self.artifact_root.clone().unwrap_or_else(parent);
        let mut artifacts = BTreeMap::new();
        for (name, file) in [
            ("checkpoint", self.checkpoint.as_deref()),
            ("config", self.config_artifact.as_deref()),
            ("dataset_manifest", self.dataset_manifest.as_deref()),
            ("eval_config", self.eval_config.as_deref()),
            ("efficiency_report", self.efficiency_report.as_deref()),
            (
                "rollout_state_examples_report",
                self.rollout_state_examples_report.as_deref(),
            ),
            (
                "rollout_state_rows_report",
                self.rollout_state_rows_report.as_deref(),
            ),
            ("rollout_states", states),
            ("baseline_rollout_states", states),
        ] {
            if let Some(file) = file {
                artifacts.insert(Label::new(name)?, inside(&root, file, name)?);
            }
        }
        Ok(PreparedReport {
            identity,
            artifacts,
        })
    }
}

impl PreparedReport {
    /// Names what a model says of itself where nothing else was given.
    pub(super) fn fill_in(&mut self, model: ReportIdentity) {
        let own = &mut self.identity;
        own.model_id = own.model_id.or(model.model_id);
        own.model_release = own.model_release.take().or(model.model_release);
    }

    /// The document.
    pub(super) fn text(
        &self,
        splits: &[SplitSummary],
        recall_k: u64,
        n_candidates: Option<usize>,
    ) -> Result<String, Failure> {
        let report = MetricsReport {
            generated_at: clock::now()?,
            identity: &self.identity,
            artifacts: &self.artifacts,
            splits,
            recall_k,
            n_candidates,
        };
        Ok(report.to_json())
    }
}

/// A file's path inside a folder.
fn inside(root: &Path, file: &Path, name: &str) -> Result<ArtifactPath, Failure> {
    let outside = || UsageError(format!("`{name}` does not lie in the folder of artifacts"));
    let absolute = |path: &Path| {
        let path = if path == "" { Path::new(".") } else { path };
        path::absolute(path).map_err(|_| outside())
    };
    let (root, file) = (absolute(root)?, absolute(file)?);
    let inner = file.strip_prefix(&root).map_err(|_| outside())?;
    let parts: Option<Vec<&str>> = inner.iter().map(|part| part.to_str()).collect();
    let path = parts.ok_or_else(outside)?.join("/");
    Ok(ArtifactPath::new(path)?)
}
