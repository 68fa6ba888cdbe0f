//! Documents of metrics, as files.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use geno_core::{Coded, ErrorCode};
use geno_eval::{MetricsDocument, ReadDocumentError};

/// A document of metrics, with the file it was read from.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricsFile {
    /// The file's name, without its folder.
    pub name: String,
    /// What it holds.
    pub document: MetricsDocument,
}

/// Why a document of metrics cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadMetricsError {
    /// The file could not be read.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It holds something else.
    #[error("`{}` is no document of metrics", path.display())]
    Document {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: ReadDocumentError,
    },
}

impl Coded for ReadMetricsError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Io { source, .. } => ErrorCode::of_io(source),
            Self::Document { source, .. } => source.code(),
        }
    }
}

impl MetricsFile {
    /// Reads a document of this program or of the Python package, by whichever command it was written.
    ///
    /// # Errors
    ///
    /// [`ReadMetricsError`].
    pub fn read(path: &Path) -> Result<Self, ReadMetricsError> {
        let bytes = fs::read(path).map_err(|source| ReadMetricsError::Io {
            path: path.to_owned(),
            source,
        })?;
        let document =
            MetricsDocument::parse(&bytes).map_err(|source| ReadMetricsError::Document {
                path: path.to_owned(),
                source,
            })?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Ok(Self {
            name: name.into_owned(),
            document,
        })
    }
}
