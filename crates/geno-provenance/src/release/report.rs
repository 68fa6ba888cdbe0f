//! The one envelope of every report of a release.

mod document;

use std::{collections::BTreeSet, io::Write, path::Path};

use geno_core::{Coded, ErrorCode};

pub use self::document::ReadReportError;
use super::{
    ArtifactSet, Claim, CommandLine, EvidenceClass, FixtureReason, Issue, NegativeFinding,
    ReleaseIdentity, Severity, Statement,
};
use crate::{
    AtomicWriteError, CodeState, FieldError, Fields, Json, Timestamp, indented_json, write_atomic,
};

/// What a kind of report holds beside its envelope.
pub trait ReportBody: Sized {
    /// Who writes it: `xtask.` and the words of the command, such as `xtask.dataset.package`.
    const PRODUCER: &'static str;
    /// The version of its schema.
    const SCHEMA: &'static str = "1.1.0";
    /// What it does not show.
    const CLAIMS: &'static [Claim];
    /// Whether it has to say what speaks against its results.
    const NEEDS_FINDINGS: bool;

    /// Takes the body.
    ///
    /// # Errors
    ///
    /// [`FieldError`]; fields that are left are refused by the caller.
    fn take(fields: &mut Fields) -> Result<Self, FieldError>;

    /// The body as JSON, an object.
    fn to_json(&self) -> Json;

    /// The findings that follow from the values.
    fn findings(&self) -> Vec<NegativeFinding> {
        Vec::new()
    }

    /// What is wrong by the values alone.
    fn issues(&self) -> Vec<Issue> {
        Vec::new()
    }
}

/// What a report is to hold that does not follow from anything else in it.
#[derive(Clone, Debug)]
pub struct ReportDraft<B> {
    /// When it was made.
    pub generated_at: Timestamp,
    /// The program that made it.
    pub tool: CodeState,
    /// The class of what it was made from. A dirty tree adds to it.
    pub evidence_class: EvidenceClass,
    /// What it measured, where it did.
    pub identity: Option<ReleaseIdentity>,
    /// How it was made.
    pub command: CommandLine,
    /// What it was made from.
    pub inputs: ArtifactSet,
    /// What was made with it, itself left out.
    pub outputs: ArtifactSet,
    /// What checks found that its values do not tell.
    pub issues: Vec<Issue>,
    /// What it does not cover.
    pub limitations: Vec<Statement>,
    /// Negative findings that somebody added.
    pub authored_findings: Vec<Statement>,
    /// What it is about.
    pub body: B,
}

/// A report of a release.
///
/// Whether it is `ok`, its derived findings, its claim boundaries and the name of its evidence
/// class follow from what it holds. They stand in the file for people, and a reader derives them
/// again: a file in which one of them differs is no report.
#[derive(Clone, Debug)]
pub struct Report<B> {
    draft: ReportDraft<B>,
    issues: BTreeSet<Issue>,
    findings: Vec<NegativeFinding>,
}

/// Why a draft is no report.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SealReportError {
    /// No limitation is stated.
    #[error("a report has to state a limitation")]
    NoLimitation,
    /// No negative finding is stated and none follows.
    #[error("this kind of report has to state what speaks against its results")]
    NoFinding,
}

impl Coded for SealReportError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl<B: ReportBody> ReportDraft<B> {
    /// Makes the report, with everything that follows.
    ///
    /// # Errors
    ///
    /// [`SealReportError`].
    pub fn seal(mut self) -> Result<Report<B>, SealReportError> {
        if self.limitations.is_empty() {
            return Err(SealReportError::NoLimitation);
        }
        let clean = self.tool.git.as_ref().is_some_and(|commit| !commit.dirty);
        if !clean {
            let dirty = EvidenceClass::fixture(FixtureReason::DirtyTree);
            self.evidence_class = self.evidence_class.join(&dirty);
        }
        let issues = self.issues.iter().cloned().chain(self.body.issues());
        let issues = issues.collect();
        let authored = self.authored_findings.iter().cloned();
        let authored = authored.map(|text| NegativeFinding::Authored { text });
        let findings: Vec<_> = self.body.findings().into_iter().chain(authored).collect();
        match findings.is_empty() && B::NEEDS_FINDINGS {
            true => Err(SealReportError::NoFinding),
            false => Ok(Report {
                draft: self,
                issues,
                findings,
            }),
        }
    }
}

impl<B: ReportBody> Report<B> {
    /// What it holds that follows from nothing else in it. The evidence class is the whole one.
    pub fn draft(&self) -> &ReportDraft<B> {
        &self.draft
    }

    /// What it is about.
    pub fn body(&self) -> &B {
        &self.draft.body
    }

    /// Everything that is wrong, errors first.
    pub fn issues(&self) -> impl Iterator<Item = &Issue> {
        self.issues.iter()
    }

    /// Whether nothing is wrong but what deserves a warning.
    pub fn is_ok(&self) -> bool {
        self.issues
            .iter()
            .all(|issue| issue.severity != Severity::Error)
    }

    /// What speaks against its results.
    pub fn findings(&self) -> &[NegativeFinding] {
        &self.findings
    }

    /// The bytes of its file: sorted JSON, indented by two, with a newline at the end.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = indented_json(&self.to_json());
        text.push('\n');
        text.into_bytes()
    }

    /// Writes it as a file that appears whole or not at all.
    ///
    /// # Errors
    ///
    /// [`AtomicWriteError`]; the file's folder must exist.
    pub fn write(&self, path: &Path) -> Result<(), AtomicWriteError> {
        write_atomic(path, |file| file.write_all(&self.to_bytes()))
    }
}
