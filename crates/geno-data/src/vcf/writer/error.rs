//! What can go wrong when a VCF file is written.

use std::{io, path::PathBuf};

use geno_core::{Coded, ErrorCode};
use geno_provenance::AtomicWriteError;

/// Why a VCF file was not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteVcfError {
    /// The file or its index cannot be created or get its name.
    #[error(transparent)]
    File(#[from] AtomicWriteError),
    /// The file cannot be written to.
    #[error("cannot write VCF file `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A row has fewer than eight columns, no position, or a line break.
    #[error("row {row} to write is no VCF row")]
    Row {
        /// The row, from 1.
        row: u64,
    },
}

impl Coded for WriteVcfError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::File(source) => source.code(),
            Self::Write { source, .. } => ErrorCode::of_io(source),
            Self::Row { .. } => ErrorCode::InputVcfParse,
        }
    }
}
