//! What a split proof says.

use std::{collections::BTreeMap, fmt, str::FromStr};

use geno_core::{Coded, ErrorCode};
use serde::Serialize;

/// One way in which two sides of a split can share something.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitCheck {
    /// A variant of one side is a variant of the other, however they are spelled.
    VariantEquality,
    /// A window of one side holds the place of a variant of the other.
    WindowContainment,
    /// Windows of the two sides have positions in common.
    WindowOverlap,
    /// A record, or the sequence of a window, is on both sides.
    RecordIdentity,
}

impl SplitCheck {
    /// Every check, in the order of a report.
    pub const ALL: [Self; 4] = [
        Self::VariantEquality,
        Self::WindowContainment,
        Self::WindowOverlap,
        Self::RecordIdentity,
    ];

    /// The name used in reports and declarations.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VariantEquality => "variant_equality",
            Self::WindowContainment => "window_containment",
            Self::WindowOverlap => "window_overlap",
            Self::RecordIdentity => "record_identity",
        }
    }
}

impl fmt::Display for SplitCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no check.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected variant_equality, window_containment, window_overlap or record_identity")]
pub struct UnknownCheck;

impl Coded for UnknownCheck {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl FromStr for SplitCheck {
    type Err = UnknownCheck;

    fn from_str(text: &str) -> Result<Self, UnknownCheck> {
        let named = |check: &Self| check.as_str() == text;
        Self::ALL.into_iter().find(named).ok_or(UnknownCheck)
    }
}

/// How a check came out.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckStatus {
    /// Everything was compared and nothing is shared.
    Passed,
    /// Something is shared, or something could not be compared.
    Failed,
    /// It would have failed, and somebody declared why that is right.
    Declared,
    /// One side has nothing of the kind.
    NothingToCompare,
}

/// One check of a split. The first fields are those of the Python package's reports.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct CheckReport {
    /// Which.
    pub name: SplitCheck,
    /// Always `train`.
    pub split_a: &'static str,
    /// Always `held_out`.
    pub split_b: &'static str,
    /// How it came out.
    pub status: CheckStatus,
    /// `overlap`, `incomparable`, or empty.
    pub failure_reason: &'static str,
    /// Entries of the training side that took part.
    pub split_a_comparable_keys: u64,
    /// Entries of the held-out side that took part.
    pub split_b_comparable_keys: u64,
    /// Entries of the training side that share something with the held-out side.
    pub overlap_count: u64,
    /// Entries of either side that could not be compared, by reason.
    pub incomparable: BTreeMap<&'static str, u64>,
    /// Why a failure is right, in the words of whoever declared it.
    pub declared: Option<String>,
    /// The first twenty overlaps.
    pub examples: Vec<String>,
}

/// What one side holds.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct SideReport {
    /// Names of the files, without folders.
    pub files: Vec<String>,
    /// Variants.
    pub variants: u64,
    /// Windows, held-out intervals and contigs.
    pub windows: u64,
    /// Windows without a place on a genome.
    pub unplaced_windows: u64,
    /// Ids of records, and windows with a hash of their sequence.
    pub records: u64,
}

/// What a split proof says.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct SplitReport {
    /// Version of this report's fields.
    pub schema_version: &'static str,
    /// What wrote it.
    pub generated_by: &'static str,
    /// Whether the split holds: no check failed, and at least one had something to compare.
    pub ok: bool,
    /// `left_aligned` where a reference was there to align insertions and deletions, `trimmed`
    /// otherwise.
    pub normalization: &'static str,
    /// The training side.
    pub train: SideReport,
    /// The held-out side.
    pub held_out: SideReport,
    /// The checks, in the order of [`SplitCheck::ALL`].
    pub leakage_checks: Vec<CheckReport>,
}

/// Why a split does not hold.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SplitLeak {
    /// Something is shared, or could not be compared.
    #[error("split does not hold: {} failed", names(checks))]
    Failed {
        /// The checks that failed.
        checks: Vec<SplitCheck>,
    },
    /// The two sides hold nothing of one kind.
    #[error("split is not proven: nothing of the two sides could be compared")]
    NothingCompared,
}

fn names(checks: &[SplitCheck]) -> String {
    let names: Vec<_> = checks.iter().map(|check| check.as_str()).collect();
    names.join(", ")
}

impl Coded for SplitLeak {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl SplitReport {
    /// Whether the split holds, as a result.
    ///
    /// # Errors
    ///
    /// [`SplitLeak`] if it does not.
    pub fn verdict(&self) -> Result<(), SplitLeak> {
        let failed = |report: &&CheckReport| report.status == CheckStatus::Failed;
        let checks: Vec<_> = self
            .leakage_checks
            .iter()
            .filter(failed)
            .map(|check| check.name)
            .collect();
        match (self.ok, checks.is_empty()) {
            (true, _) => Ok(()),
            (false, true) => Err(SplitLeak::NothingCompared),
            (false, false) => Err(SplitLeak::Failed { checks }),
        }
    }

    /// The outcome of one check.
    pub fn check(&self, check: SplitCheck) -> &CheckReport {
        let found = self
            .leakage_checks
            .iter()
            .find(|report| report.name == check);
        found.expect("a report holds every check")
    }
}
