//! What can go wrong with a corpus or a file of windows as a whole.

use std::{
    io,
    path::{Path, PathBuf},
};

use geno_core::{Coded, ErrorCode};

/// Why a corpus or a file of windows could not be read, or not to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CorpusError {
    /// The file could not be opened or read.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is nothing in the file.
    #[error("`{}` is empty", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A compressed file that ends in the middle.
    #[error("compressed file `{}` ends before its end", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
    },
    /// A compressed file that cannot be decompressed.
    #[error("compressed file `{}` is corrupt", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What the decompressor said.
        source: io::Error,
    },
    /// A Parquet file, for a library that was built without the feature `parquet`.
    #[cfg(not(feature = "parquet"))]
    #[error("`{}` is a Parquet file, which this build does not read", path.display())]
    NoTables {
        /// The file.
        path: PathBuf,
    },
    /// A Parquet file cannot be read.
    #[cfg(feature = "parquet")]
    #[error(transparent)]
    Table(#[from] crate::ReadTableError),
    /// A Parquet file has not the column that is needed.
    #[cfg(feature = "parquet")]
    #[error("`{}` has no column `{column}`", path.display())]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
    },
}

impl Coded for CorpusError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Io { source, .. } => ErrorCode::of_io(source),
            Self::Empty { .. } => ErrorCode::InputEmpty,
            Self::Truncated { .. } => ErrorCode::InputTruncated,
            Self::Corrupt { .. } => ErrorCode::InputGeneric,
            #[cfg(not(feature = "parquet"))]
            Self::NoTables { .. } => ErrorCode::DeployExportFormat,
            #[cfg(feature = "parquet")]
            Self::Table(error) => error.code(),
            #[cfg(feature = "parquet")]
            Self::NoColumn { .. } => ErrorCode::ConfigSchemaIncompat,
        }
    }
}

impl CorpusError {
    pub(super) fn of(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::UnexpectedEof => Self::Truncated { path },
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                Self::Corrupt { path, source }
            }
            _ => Self::Io { path, source },
        }
    }
}
