//! What can go wrong when a list of variants, windows and records is read.

use std::{io, path::PathBuf};

use geno_core::{Coded, ErrorCode};

use crate::vcf::VcfError;

/// Why a file that names variants, windows or records could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadEntriesError {
    /// The name ends in none of the formats.
    #[error(
        "`{}` is none of .json, .jsonl, .bed and .vcf, nor one of them with .gz",
        path.display()
    )]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// The file could not be opened or read.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A JSON file that is no holdout policy.
    #[error("`{}` is no holdout policy", path.display())]
    Policy {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: EntryFault,
    },
    /// A line that cannot be read. What it names would go unseen, so it is not passed over.
    #[error("`{}`, line {line}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, 1-based.
        line: u64,
        /// What is wrong with it.
        source: EntryFault,
    },
    /// A VCF file.
    #[error(transparent)]
    Vcf(#[from] VcfError),
}

/// What is wrong with one entry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EntryFault {
    /// No JSON of the fields that are read.
    #[error("not the JSON that is read here")]
    Json(#[source] serde_json::Error),
    /// A JSON line names neither a variant, nor a window, nor a record.
    #[error("names no variant, window or record")]
    NamesNothing,
    /// An edit key has another form.
    #[error("an edit key is `chrom:pos:ref:alt` with a 1-based position")]
    EditKey,
    /// A BED line has other columns.
    #[error("a BED line has a contig, a 0-based start and an end after it")]
    Bed,
    /// An interval ends before it begins, or is empty.
    #[error("interval of {start} to {end} holds no base")]
    EmptyInterval {
        /// The start given.
        start: u64,
        /// The end given.
        end: u64,
    },
    /// Positions count from 1.
    #[error("position is not a whole number of at least 1")]
    Position,
    /// A row of a VCF lacks a contig, a position or alleles.
    #[error("row lacks columns that can be read")]
    Columns,
    /// A line longer than any file of sense has.
    #[error("line is too long")]
    TooLong,
}

impl Coded for ReadEntriesError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Io { source, .. } if source.kind() == io::ErrorKind::UnexpectedEof => {
                ErrorCode::InputTruncated
            }
            Self::Io { source, .. } => ErrorCode::of_io(source),
            Self::Vcf(error) => error.code(),
            Self::UnknownFormat { .. } | Self::Policy { .. } | Self::Line { .. } => {
                ErrorCode::InputGeneric
            }
        }
    }
}
