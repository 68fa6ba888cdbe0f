//! What is wrong with a file of variants.

use std::{fmt, path::PathBuf};

use geno_core::{Coded, ErrorCode};
use geno_data::{FetchError, ReadLinesError};
use geno_provenance::JsonError;

/// Where a row stands in its file, from 1.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum RowPlace {
    /// A line of text, headers counted.
    Line(u64),
    /// A row of a Parquet file.
    Row(u64),
}

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
    /// A Parquet file cannot be read.
    #[cfg(feature = "parquet")]
    #[error(transparent)]
    Table(#[from] geno_data::ReadTableError),
    /// A row cannot be used.
    #[error("`{}`, {place}", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// The row.
        place: RowPlace,
        /// Why.
        source: RowFault,
    },
    /// The reference that variants are aligned to cannot be read.
    #[error("cannot align a variant of `{}`, {place}", path.display())]
    Reference {
        /// The file.
        path: PathBuf,
        /// The row.
        place: RowPlace,
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
    /// A value is not between 0 and 1.
    #[error("`{field}` is not between 0 and 1")]
    NotAPart {
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
    #[error("the variant was on {first} already")]
    Duplicate {
        /// Where it came first.
        first: RowPlace,
    },
}

impl RowPlace {
    /// The line or row.
    pub fn number(self) -> u64 {
        match self {
            Self::Line(number) | Self::Row(number) => number,
        }
    }
}

impl fmt::Display for RowPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(number) => write!(f, "line {number}"),
            Self::Row(number) => write!(f, "row {number}"),
        }
    }
}

impl Coded for ReadVariantsError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Lines(error) => error.code(),
            #[cfg(feature = "parquet")]
            Self::Table(error) => error.code(),
            Self::Empty { .. } => ErrorCode::InputEmpty,
            Self::NoColumn { .. } | Self::Row { .. } => ErrorCode::InputGeneric,
            Self::Reference { source, .. } => source.code(),
        }
    }
}
