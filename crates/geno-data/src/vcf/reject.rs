//! Rows that cannot be scored, and why.

use std::fmt;

use geno_action::EditError;
use geno_core::{Coded, ErrorCode, UnknownRepeat};
use geno_provenance::{Json, summary_json};

use super::{MAX_COLUMNS_LEN, raw::MAX_ROW_LEN, variant::Variant};
use crate::{
    notation::{ParseNotationError, PlaceNotationError},
    reference::ReferenceError,
};

/// Longest text of a column that is kept, in bytes.
const MAX_TEXT_LEN: usize = 256;

/// Why a row, or one alternate allele of it, cannot be scored. The rows after it can.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RejectReason {
    /// A row needs at least CHROM, POS, ID, REF and ALT.
    #[error("row has {found} columns of at least 5")]
    TooFewColumns {
        /// How many it has.
        found: usize,
    },
    /// A row of frequencies or labels needs its INFO column too.
    #[error("row has {found} columns of at least 8")]
    NoInfo {
        /// How many it has.
        found: usize,
    },
    /// The first five columns take more than [`MAX_COLUMNS_LEN`] bytes.
    #[error("first five columns take more than {MAX_COLUMNS_LEN} bytes")]
    TooLong,
    /// The row takes more than [`MAX_ROW_LEN`] bytes.
    #[error("row takes more than {MAX_ROW_LEN} bytes")]
    RowTooLong,
    /// One of the first five columns is not UTF-8.
    #[error("row is not UTF-8")]
    NotUtf8,
    /// POS is not a whole number of at least 1.
    #[error("POS is not a whole number of at least 1")]
    BadPosition,
    /// ALT is `.` or empty: nothing differs from the reference.
    #[error("row has no alternate allele")]
    NoAlternate,
    /// ALT is `*`.
    #[error("alternate allele `*` is a base missing because of another row")]
    StarAllele,
    /// ALT is a name such as `<DEL>`, without bases.
    #[error("symbolic alternate allele")]
    SymbolicAllele,
    /// ALT is a breakend such as `G]17:198982]`.
    #[error("alternate allele is a breakend")]
    Breakend,
    /// The alleles make no edit: other letters than ACGT, equal, or too long.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// The text of a list is no variant.
    #[error(transparent)]
    Notation(#[from] ParseNotationError),
    /// A variant of a list makes no edit of the reference genome.
    #[error(transparent)]
    Placed(#[from] PlaceNotationError),
    /// The row does not fit the reference genome.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// A key of the INFO column has not one value for each alternate allele.
    #[error("`{key}` has {found} values for {expected} alternate alleles")]
    InfoValues {
        /// The key.
        key: &'static str,
        /// How many values it has.
        found: usize,
        /// How many alleles there are.
        expected: usize,
    },
    /// The INFO column states a repeat in unknown words.
    #[error(transparent)]
    Repeat(#[from] UnknownRepeat),
    /// A row of phased genotypes needs them.
    #[error("row has no genotypes")]
    NoGenotypes,
    /// Samples of a phased row are heterozygous without phase. The others are used.
    #[error("{n_calls} calls have two alleles and no phase")]
    Unphased {
        /// How many.
        n_calls: usize,
    },
    /// Samples of a phased row have no call, or one of more than two alleles. The others are used.
    #[error("{n_calls} calls are missing")]
    MissingCalls {
        /// How many.
        n_calls: usize,
    },
    /// A row comes after one further right, or on a contig that was left before.
    #[error("row is out of order")]
    Unsorted,
    /// A chromosome copy carries two edits that replace one base.
    #[error("a chromosome copy carries another edit of the same base")]
    OverlappingEdits,
    /// An edit of a haplotype reaches past the window of its first edit.
    #[error("haplotype reaches past the window of its first edit")]
    PastWindow,
    /// The edit is not looked at from its left side alone.
    #[error("not a substitution of one base")]
    NotSnv,
}

impl Coded for RejectReason {
    fn code(&self) -> ErrorCode {
        match self {
            Self::TooFewColumns { .. }
            | Self::NoInfo { .. }
            | Self::InfoValues { .. }
            | Self::TooLong
            | Self::RowTooLong
            | Self::NotUtf8
            | Self::BadPosition
            | Self::NoGenotypes
            | Self::Unphased { .. }
            | Self::MissingCalls { .. }
            | Self::Unsorted => ErrorCode::InputVcfParse,
            Self::OverlappingEdits => ErrorCode::InputOverlappingEdits,
            Self::PastWindow => ErrorCode::InputOutOfWindow,
            Self::NotSnv => ErrorCode::InputUnsupportedEdit,
            Self::NoAlternate => ErrorCode::InputNoAlternate,
            Self::StarAllele => ErrorCode::InputStarAllele,
            Self::SymbolicAllele | Self::Breakend => ErrorCode::InputSymbolicAllele,
            Self::Edit(error) => error.code(),
            Self::Notation(error) => error.code(),
            Self::Placed(error) => error.code(),
            Self::Reference(error) => error.code(),
            Self::Repeat(error) => error.code(),
        }
    }
}

/// A row, or one alternate allele of it, that cannot be scored.
///
/// Columns are kept as written, as far as the row could be read, and cut after 256 bytes. The row's
/// `Debug` shows its line and code alone.
#[derive(Clone, Eq, PartialEq)]
pub struct RejectedRow {
    /// The line of the file, 1-based.
    pub line: u64,
    /// Why.
    pub reason: RejectReason,
    /// CHROM.
    pub chrom: Option<String>,
    /// POS, as text, for it need not be a number.
    pub pos: Option<String>,
    /// REF.
    pub reference: Option<String>,
    /// ALT: the allele concerned, or the whole column where that is at fault.
    pub alternate: Option<String>,
    /// The variant as it was written, if it comes from a list.
    pub notation: Option<String>,
}

impl RejectedRow {
    /// Rejects a variant that could be read.
    pub fn of(variant: &Variant, reason: RejectReason) -> Self {
        let edit = variant.edit();
        Self {
            line: variant.line(),
            reason,
            chrom: Some(shorten(edit.chrom())),
            pos: Some(edit.pos().to_string()),
            reference: Some(edit.reference().to_owned()),
            alternate: Some(edit.alternate().to_owned()),
            notation: variant.notation().map(shorten),
        }
    }

    /// The stable code of the reason.
    pub fn code(&self) -> ErrorCode {
        self.reason.code()
    }

    /// The row as one line of JSON, without a newline, as files of rejected rows hold it.
    pub fn to_json(&self) -> String {
        let text = |text: &Option<String>| text.as_deref().map_or(Json::Null, Json::from);
        let fields = [
            ("line", self.line.into()),
            ("code", self.code().as_str().into()),
            ("reason", self.reason.to_string().into()),
            ("chrom", text(&self.chrom)),
            ("pos", text(&self.pos)),
            ("ref", text(&self.reference)),
            ("alt", text(&self.alternate)),
        ];
        let notation = self.notation.as_deref();
        let notation = notation.map(|notation| ("notation", notation.into()));
        summary_json(&Json::object(fields.into_iter().chain(notation)))
    }
}

impl fmt::Debug for RejectedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RejectedRow")
            .field("line", &self.line)
            .field("code", &self.code().as_str())
            .finish_non_exhaustive()
    }
}

/// At most [`MAX_TEXT_LEN`] bytes of a text, the rest replaced by `…`.
pub(crate) fn shorten(text: &str) -> String {
    if text.len() <= MAX_TEXT_LEN {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(MAX_TEXT_LEN);
    format!("{}…", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::{super::StatedContext, *};

    #[test]
    fn debug_shows_no_column() {
        let edit = geno_action::EditSpec::new("NA12878", 1_300_205, "A", "AGG").unwrap();
        let variant = Variant {
            line: 7,
            record: 0,
            allele: 1,
            id: "rs6041382".into(),
            edit,
            context: StatedContext::default(),
            notation: None,
        };
        let reason = ReferenceError::Mismatch {
            contig: "20".into(),
            found: "GATTACA".into(),
        };
        let row = RejectedRow::of(&variant, reason.clone().into());
        assert_eq!(
            format!("{row:?} {variant:?} {reason:?}"),
            "RejectedRow { line: 7, code: \"INPUT.REF_MISMATCH\", .. } \
             Variant { line: 7, allele: 1, edit: EditSpec(INS 1>3), .. } \
             ReferenceError(INPUT.REF_MISMATCH)"
        );
    }

    #[test]
    fn long_texts_are_cut_between_letters() {
        let long = "é".repeat(200);
        assert_eq!(shorten(&long), format!("{}…", "é".repeat(128)));
        assert_eq!(shorten("ACGT"), "ACGT");
    }
}
