//! Sequences of a corpus, and rows that hold none.

use std::fmt;

use geno_core::{Coded, Digest, ErrorCode};

use super::{
    json_lines::{NotAnObject, Scalar},
    source::{CorpusSource, UnknownSource},
};
use crate::{
    fasta::alphabet::{INVALID, decode_into},
    vcf::shorten,
};

/// A sequence of a corpus.
///
/// Its `Debug` shows lengths alone.
#[derive(Clone, Eq, PartialEq)]
pub struct CorpusRecord {
    /// Its name: that of the row, or the first 16 hexadecimal digits of the SHA-256 of its sequence.
    pub id: String,
    /// Which part of the corpus it belongs to.
    pub source: CorpusSource,
    /// Its bases, upper-case `ACGTN`; other IUPAC codes are `N`.
    pub sequence: Vec<u8>,
}

/// What a row of a corpus gives.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum CorpusRow {
    /// A sequence.
    Record(CorpusRecord),
    /// A row that holds none.
    Rejected(RejectedRecord),
}

/// A row that cannot be used. The rows after it can.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RejectedRecord {
    /// The line of a file, or the row of a table, 1-based.
    pub line: u64,
    /// The name of the row, as far as it has one, cut after 256 bytes.
    pub id: Option<String>,
    /// Why.
    pub reason: RecordFault,
}

/// Why a row of a corpus, of a file of windows or of a BED file cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordFault {
    /// The line is longer than what is read.
    #[error("line is longer than {} bytes", super::MAX_CORPUS_LINE_LEN)]
    TooLong,
    /// The line is no JSON object.
    #[error("line is no JSON object")]
    NotAnObject,
    /// A field is missing or null, or is of another type.
    #[error("field `{field}` holds no {expected}")]
    BadField {
        /// Its name in the file.
        field: String,
        /// What it should hold.
        expected: &'static str,
    },
    /// The sequence holds a letter that is no nucleotide code.
    #[error("sequence holds a letter that is no nucleotide code at base {offset}")]
    NotNucleotide {
        /// Where, 0-based.
        offset: usize,
    },
    /// The row names no part of the corpus.
    #[error(transparent)]
    Source(#[from] UnknownSource),
    /// A region has no contig, start and end, in order.
    #[error("row is no region: contig, start and end, the end behind the start")]
    NotARegion,
    /// A region lies on a contig that the FASTA file does not hold.
    #[error("contig is not in the FASTA file")]
    UnknownContig,
    /// A region reaches past the end of its contig.
    #[error("region reaches past the end of its contig")]
    PastContig,
    /// A window's end is not its start and its length.
    #[error("window of {len} bases has another distance between its start and its end")]
    BadSpan {
        /// Length of its sequence.
        len: usize,
    },
}

impl Coded for RecordFault {
    fn code(&self) -> ErrorCode {
        match self {
            Self::UnknownContig => ErrorCode::InputUnknownContig,
            Self::PastContig => ErrorCode::InputOutOfWindow,
            _ => ErrorCode::InputGeneric,
        }
    }
}

impl RejectedRecord {
    pub(super) fn new(line: u64, id: Option<&str>, reason: impl Into<RecordFault>) -> Self {
        Self {
            line,
            id: id.map(shorten),
            reason: reason.into(),
        }
    }

    /// The stable code of the reason.
    pub fn code(&self) -> ErrorCode {
        self.reason.code()
    }
}

/// How the fields of a corpus are called, and what a row without a source belongs to.
///
/// ```
/// use geno_data::CorpusFields;
///
/// let fields = CorpusFields { id: "accession".to_owned(), ..CorpusFields::default() };
/// assert_eq!(fields.sequence, "sequence");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CorpusFields {
    /// The sequence.
    pub sequence: String,
    /// The part of the corpus.
    pub source: String,
    /// The name: a text or an integer, which may be missing.
    pub id: String,
    /// What a row with no source or a blank one belongs to.
    pub default_source: Option<CorpusSource>,
}

impl Default for CorpusFields {
    fn default() -> Self {
        Self {
            sequence: "sequence".to_owned(),
            source: "source".to_owned(),
            id: "id".to_owned(),
            default_source: None,
        }
    }
}

impl CorpusFields {
    /// The fields, in the order in which [`CorpusFields::record`] takes them.
    pub(super) fn names(&self) -> [&str; 3] {
        [&self.sequence, &self.source, &self.id]
    }

    /// Makes a record of what the fields of a row hold.
    pub(super) fn record(&self, line: u64, [sequence, source, id]: [Scalar<'_>; 3]) -> CorpusRow {
        let id = match id {
            Scalar::Text(text) if !text.is_empty() => Ok(Some(text.into_owned())),
            Scalar::Text(_) | Scalar::Null => Ok(None),
            Scalar::Natural(number) => Ok(Some(number.to_string())),
            Scalar::Negative(number) => Ok(Some(number.to_string())),
            Scalar::Other => Err(bad_field(&self.id, "text or integer")),
        };
        let name = id.as_ref().ok().cloned().flatten();
        let record = id.and_then(|id| {
            let source = self.source_of(&source)?;
            let Scalar::Text(sequence) = sequence else {
                return Err(bad_field(&self.sequence, "text"));
            };
            let sequence = decode(sequence.as_bytes())?;
            let id = id.unwrap_or_else(|| Digest::of(&sequence).to_hex()[..16].to_owned());
            Ok(CorpusRecord {
                id,
                source,
                sequence,
            })
        });
        match record {
            Ok(record) => CorpusRow::Record(record),
            Err(reason) => CorpusRow::Rejected(RejectedRecord::new(line, name.as_deref(), reason)),
        }
    }

    fn source_of(&self, source: &Scalar<'_>) -> Result<CorpusSource, RecordFault> {
        let is_blank = match source {
            Scalar::Null => true,
            Scalar::Text(label) => label.trim().is_empty(),
            _ => false,
        };
        match (source, self.default_source) {
            (_, Some(default)) if is_blank => Ok(default),
            (Scalar::Text(label), _) => Ok(label.parse()?),
            _ => Err(bad_field(&self.source, "text")),
        }
    }
}

pub(super) fn bad_field(field: &str, expected: &'static str) -> RecordFault {
    RecordFault::BadField {
        field: field.to_owned(),
        expected,
    }
}

impl From<NotAnObject> for RecordFault {
    fn from(NotAnObject: NotAnObject) -> Self {
        Self::NotAnObject
    }
}

/// Upper-case `ACGTN` of IUPAC codes.
pub(super) fn decode(text: &[u8]) -> Result<Vec<u8>, RecordFault> {
    let mut sequence = Vec::with_capacity(text.len());
    decode_into(&mut sequence, text);
    sequence.make_ascii_uppercase();
    match memchr::memchr(INVALID, &sequence) {
        Some(offset) => Err(RecordFault::NotNucleotide { offset }),
        None => Ok(sequence),
    }
}

impl fmt::Debug for CorpusRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CorpusRecord")
            .field("source", &self.source)
            .field("len", &self.sequence.len())
            .finish_non_exhaustive()
    }
}
