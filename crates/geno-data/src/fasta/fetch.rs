//! What can go wrong when a region is read.

use std::{
    io,
    path::{Path, PathBuf},
};

use geno_core::{Coded, ErrorCode};

use super::contig::Contig;

/// Why a region of a FASTA file could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The region reaches past the end of its contig.
    #[error("region reaches past the end of contig `{contig}`")]
    PastContig {
        /// The contig.
        contig: String,
    },
    /// The sequence holds something that is no IUPAC nucleotide code.
    #[error("contig `{contig}` holds a byte that is no nucleotide code")]
    NotNucleotide {
        /// The contig.
        contig: String,
    },
    /// The contig is not where the index says.
    #[error(
        "contig `{contig}` is not where the index of `{}` says: delete the index to have it made \
         anew",
        path.display()
    )]
    IndexMismatch {
        /// The FASTA file.
        path: PathBuf,
        /// The contig.
        contig: String,
    },
    /// A compressed block does not decompress to what its checksum says.
    #[error("bgzip file `{}` is corrupt", path.display())]
    Corrupt {
        /// The FASTA file.
        path: PathBuf,
        /// What the decompressor said.
        source: io::Error,
    },
    /// The file could not be read.
    #[error("cannot read FASTA file `{}`", path.display())]
    Io {
        /// The FASTA file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Coded for FetchError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::PastContig { .. } => ErrorCode::InputOutOfWindow,
            Self::Io { source, .. } => ErrorCode::of_io(source),
            Self::NotNucleotide { .. } | Self::IndexMismatch { .. } | Self::Corrupt { .. } => {
                ErrorCode::InputFasta
            }
        }
    }
}

/// A [`FetchError`] before it is known of which file and contig.
#[derive(Debug)]
pub(crate) enum Fault {
    Io(io::Error),
    Index,
    Letter,
}

impl Fault {
    pub(crate) fn into_error(self, path: &Path, contig: &Contig) -> FetchError {
        let (path, contig) = (path.to_owned(), contig.name.clone());
        match self {
            Self::Letter => FetchError::NotNucleotide { contig },
            Self::Index => FetchError::IndexMismatch { path, contig },
            Self::Io(source) => match source.kind() {
                io::ErrorKind::UnexpectedEof => FetchError::IndexMismatch { path, contig },
                io::ErrorKind::InvalidData => FetchError::Corrupt { path, source },
                _ => FetchError::Io { path, source },
            },
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
