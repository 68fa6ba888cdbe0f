//! What is wrong with a file of variants.

use std::path::PathBuf;

use geno_core::{Coded, ErrorCode};
use geno_data::{FetchError, ReadLinesError};
use geno_provenance::JsonError;

/// Why a file of variants, labels or scores could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadVariantsError {
    /// The file could not be read to its end.
    #[error(transparent)]
    Lines(#[from] ReadLinesError),
    /// The file holds no row.
    #[error("`{}` holds no row", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A table lacks a column.
    #[error("`{}` has no column `{column}`", path.display())]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
    },
    /// A row cannot be used.
    #[error("`{}`, line {line}", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// The line, 1-based.
        line: u64,
        /// Why.
        source: RowFault,
    },
    /// The reference that variants are aligned to cannot be read.
    #[error("cannot align a variant of `{}`, line {line}", path.display())]
    Reference {
        /// The file.
        path: PathBuf,
        /// The line, 1-based.
        line: u64,
        /// Why.
        source: FetchError,
    },
}

/// What is wrong with a row.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RowFault {
    /// The line is not JSON.
    #[error("line is not JSON")]
    Json(#[from] JsonError),
    /// The line is JSON, but no object.
    #[error("line is no object")]
    NotAnObject,
    /// A row of a table has not as many columns as its header.
    #[error("row has {found} columns, not {expected}")]
    Columns {
        /// How many it has.
        found: usize,
        /// How many the header has.
        expected: usize,
    },
    /// The row does not say which variant it is of.
    #[error("`{field}` does not say which variant the row is of")]
    Variant {
        /// The field.
        field: &'static str,
    },
    /// The row has no such value.
    #[error("`{field}` is missing")]
    Missing {
        /// The field.
        field: String,
    },
    /// A value is no finite number.
    #[error("`{field}` is no finite number")]
    NotANumber {
        /// The field.
        field: String,
    },
    /// The row was written by another producer than it should be.
    #[error("`generated_by` is not `{expected}`")]
    Producer {
        /// Who should have written it.
        expected: &'static str,
    },
    /// The variant has come before.
    #[error("the variant was on line {first} already")]
    Duplicate {
        /// Where it came first.
        first: u64,
    },
}

impl Coded for ReadVariantsError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Lines(error) => error.code(),
            Self::Empty { .. } => ErrorCode::InputEmpty,
            Self::NoColumn { .. } | Self::Row { .. } => ErrorCode::InputGeneric,
            Self::Reference { source, .. } => source.code(),
        }
    }
}
