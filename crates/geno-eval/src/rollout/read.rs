//! Files of state rows.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

use geno_core::{Coded, ErrorCode};

use super::{AddRowError, RolloutMetrics};
use crate::{StateRow, StateRowError};

/// Longest line that is read, in bytes: room for three states of 100,000 numbers each.
const MAX_LINE_LEN: u64 = 1 << 23;

/// Why a file of state rows cannot be added up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadRowsError {
    /// The file could not be opened or read.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file holds no row.
    #[error("`{}` holds no row", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A line is longer than any row.
    #[error("`{}`, line {line}: more than {MAX_LINE_LEN} bytes", path.display())]
    LineTooLong {
        /// The file.
        path: PathBuf,
        /// The line, 1-based.
        line: u64,
    },
    /// A line is no row.
    #[error("`{}`, line {line}", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// The line, 1-based.
        line: u64,
        /// Why.
        source: StateRowError,
    },
    /// A row does not go with those before it.
    #[error("`{}`, line {line}", path.display())]
    Add {
        /// The file.
        path: PathBuf,
        /// The line, 1-based.
        line: u64,
        /// Why.
        source: AddRowError,
    },
}

impl Coded for ReadRowsError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Io { source, .. } => ErrorCode::of_io(source),
            Self::Empty { .. } => ErrorCode::InputEmpty,
            Self::LineTooLong { .. } => ErrorCode::InputGeneric,
            Self::Row { source, .. } => source.code(),
            Self::Add { source, .. } => source.code(),
        }
    }
}

/// Adds the rows of a JSON Lines file to metrics. Blank lines are passed over.
///
/// # Errors
///
/// [`ReadRowsError`] for the first line that is no row, or does not go with the rows before it.
pub fn aggregate_rows(path: &Path, metrics: &mut RolloutMetrics) -> Result<(), ReadRowsError> {
    let io = |source| ReadRowsError::Io {
        path: path.to_owned(),
        source,
    };
    let mut file = BufReader::with_capacity(1 << 16, File::open(path).map_err(io)?);
    let mut text = Vec::new();
    let before = metrics.n_rows();
    for line in 1.. {
        text.clear();
        let limit = MAX_LINE_LEN + 1;
        let read = file.by_ref().take(limit).read_until(b'\n', &mut text);
        if read.map_err(io)? == 0 {
            break;
        }
        let path = || path.to_owned();
        if text.len() as u64 == limit && !text.ends_with(b"\n") {
            return Err(ReadRowsError::LineTooLong { path: path(), line });
        }
        if text.trim_ascii().is_empty() {
            continue;
        }
        let row = StateRow::parse(&text).map_err(|source| ReadRowsError::Row {
            path: path(),
            line,
            source,
        })?;
        metrics.add(&row).map_err(|source| ReadRowsError::Add {
            path: path(),
            line,
            source,
        })?;
    }
    match metrics.n_rows() > before {
        true => Ok(()),
        false => Err(ReadRowsError::Empty {
            path: path.to_owned(),
        }),
    }
}
