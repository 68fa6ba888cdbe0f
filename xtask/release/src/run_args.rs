//! What every report of a run has in common.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use geno_app::Build;
use geno_provenance::{
    CodeState, Timestamp,
    release::{
        ArtifactSet, CommandLine, EvidenceClass, Issue, ReleaseIdentity, Report, ReportBody,
        ReportDraft, Statement,
    },
};

#[derive(clap::Args)]
pub(crate) struct RunArgs {
    /// Time that reports name, such as `2026-05-31T00:00:00Z`; `SOURCE_DATE_EPOCH` or now by default
    #[arg(long, value_name = "TIME")]
    now: Option<Timestamp>,
}

/// What every report of a run has in common.
pub(crate) struct Run {
    /// When it began.
    pub(crate) now: Timestamp,
    /// The program.
    pub(crate) tool: CodeState,
}

impl RunArgs {
    pub(crate) fn run(&self) -> Result<Run> {
        let now = match (self.now, std::env::var("SOURCE_DATE_EPOCH")) {
            (Some(now), _) => now,
            (None, Ok(seconds)) => {
                let seconds = seconds.parse();
                Timestamp::from_unix_seconds(seconds.context("`SOURCE_DATE_EPOCH` is no number")?)?
            }
            (None, Err(_)) => {
                let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
                Timestamp::from_unix_seconds(now.as_secs())?
            }
        };
        let tool = Build::current().code_state();
        Ok(Run { now, tool })
    }
}

/// What a report is made of, beside what every report of the run has.
pub(crate) struct Made<B> {
    pub(crate) evidence_class: EvidenceClass,
    pub(crate) command: CommandLine,
    pub(crate) inputs: ArtifactSet,
    pub(crate) outputs: ArtifactSet,
    pub(crate) limitations: Vec<Statement>,
    pub(crate) body: B,
}

impl Run {
    /// Makes a report that measures nothing.
    pub(crate) fn report<B: ReportBody>(&self, made: Made<B>) -> Result<Report<B>> {
        self.report_of(made, None)
    }

    /// Makes a report of what it measured.
    pub(crate) fn report_of<B: ReportBody>(
        &self,
        made: Made<B>,
        identity: Option<ReleaseIdentity>,
    ) -> Result<Report<B>> {
        self.report_with(made, identity, Vec::new())
    }

    /// Makes a report of what it measured, with what checks found beside it.
    pub(crate) fn report_with<B: ReportBody>(
        &self,
        made: Made<B>,
        identity: Option<ReleaseIdentity>,
        issues: Vec<Issue>,
    ) -> Result<Report<B>> {
        let draft = ReportDraft {
            generated_at: self.now,
            tool: self.tool.clone(),
            evidence_class: made.evidence_class,
            identity,
            command: made.command,
            inputs: made.inputs,
            outputs: made.outputs,
            issues,
            limitations: made.limitations,
            authored_findings: Vec::new(),
            body: made.body,
        };
        Ok(draft.seal()?)
    }
}
