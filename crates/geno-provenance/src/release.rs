//! What a release is made of: files with public names, commands that can be told, statements,
//! findings, and the one envelope of its reports.
//!
//! A release is published with everything that shows where its numbers come from. What must never
//! get into it cannot be written with these types: a path of a machine ([`PublicPath`] and
//! [`CommandLine`]), a secret ([`Secret`](crate::Secret)), a fixture called evidence
//! ([`EvidenceClass`]), a claim without its boundary ([`Claim`]), a result without what speaks
//! against it ([`NegativeFinding`]).
//!
//! ```
//! use geno_provenance::{
//!     CodeState, FieldError, Fields, Json, Label, Timestamp,
//!     release::{
//!         ArtifactSet, Claim, CommandLine, EvidenceClass, Report, ReportBody, ReportDraft,
//!         Statement,
//!     },
//! };
//!
//! /// How many rows were counted.
//! #[derive(Debug)]
//! struct Rows(u64);
//!
//! impl ReportBody for Rows {
//!     const PRODUCER: &'static str = "xtask.rows.count";
//!     const CLAIMS: &'static [Claim] = &[Claim::CoverageOnly];
//!     const NEEDS_FINDINGS: bool = false;
//!
//!     fn take(fields: &mut Fields) -> Result<Self, FieldError> {
//!         fields.unsigned("rows").map(Self)
//!     }
//!
//!     fn to_json(&self) -> Json {
//!         Json::object([("rows", self.0.into())])
//!     }
//! }
//!
//! let report = ReportDraft {
//!     generated_at: Timestamp::from_unix_seconds(0)?,
//!     tool: CodeState { version: Label::new("0.3.0")?, git: None },
//!     evidence_class: EvidenceClass::RELEASE,
//!     identity: None,
//!     command: CommandLine::new(["xtask", "rows", "count"])?,
//!     inputs: ArtifactSet::default(),
//!     outputs: ArtifactSet::default(),
//!     issues: vec![],
//!     limitations: vec![Statement::new("Rows are counted, not read.")?],
//!     authored_findings: vec![],
//!     body: Rows(3),
//! }
//! .seal()?;
//! // Built from no commit, so it is no evidence.
//! assert!(!report.draft().evidence_class.is_release());
//! let read = Report::<Rows>::parse(&report.to_bytes())?;
//! assert_eq!(read.body().0, 3);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! [`PublicPath`]: crate::PublicPath

mod artifact_set;
mod claim;
mod command;
mod evidence;
mod finding;
mod identity;
mod issue;
mod model_release;
mod public_url;
mod report;
mod statement;
mod workspace;

pub use self::{
    artifact_set::{ArtifactSet, ArtifactSetDifference, Drift, DuplicateArtifactError},
    claim::Claim,
    command::{CommandLine, CommandLineError, RecordedCommand, Redaction},
    evidence::{EvidenceClass, FixtureReason},
    finding::NegativeFinding,
    identity::ReleaseIdentity,
    issue::{Issue, IssueCode, IssueCodeError, Severity},
    model_release::{ModelRelease, ModelReleaseError},
    public_url::{PublicUrl, PublicUrlError},
    report::{ReadReportError, Report, ReportBody, ReportDraft, SealReportError},
    statement::{Statement, StatementError, placeholder},
    workspace::{Workspace, WorkspaceError},
};
