//! What the document of metrics says beside the metrics.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use geno_eval::{MetricsReport, ReportIdentity, SplitSummary};
use geno_provenance::{Label, PublicPath};

use crate::{clock, failure::Failure, report_args};

#[derive(clap::Args)]
#[command(next_help_heading = "What the report names")]
pub(super) struct ReportArgs {
    #[command(flatten)]
    shared: report_args::ReportArgs,

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
    artifacts: BTreeMap<Label, PublicPath>,
}

impl ReportArgs {
    /// Whether a model is named by its digest.
    pub(super) fn names_model(&self) -> bool {
        self.shared.names_model()
    }

    /// Checks what was given, before anything is computed.
    pub(super) fn prepare(
        &self,
        output: &Path,
        states: Option<&Path>,
    ) -> Result<PreparedReport, Failure> {
        let others = [
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
        ];
        let others = others
            .into_iter()
            .filter_map(|(name, file)| Some((name.to_owned(), file?)));
        Ok(PreparedReport {
            identity: self.shared.identity(ReportIdentity::default())?,
            artifacts: self.shared.artifacts(output, others)?,
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
