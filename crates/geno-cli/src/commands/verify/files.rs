//! Files that verification needs.

use std::{
    fs::{self, File},
    io::{self, BufReader},
    path::{Path, PathBuf},
};

use geno_core::{Coded, ErrorCode};
use geno_provenance::{ReadBatchError, ReadManifestError, ReadProofError};

/// A file that verification needs and cannot use.
#[derive(Debug, thiserror::Error)]
pub(super) enum VerifyFileError {
    #[error("cannot read `{}`", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("cannot use `{}`", path.display())]
    Manifest {
        path: PathBuf,
        source: ReadManifestError,
    },
    #[error("`{}` is not the manifest of the model directory", path.display())]
    OtherManifest { path: PathBuf },
    #[error("cannot use `{}`", path.display())]
    Batch {
        path: PathBuf,
        source: ReadBatchError,
    },
    #[error("cannot use `{}`", path.display())]
    Proof {
        path: PathBuf,
        source: ReadProofError,
    },
}

impl Coded for VerifyFileError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Io { source, .. } => ErrorCode::of_io(source),
            Self::Manifest { source, .. } => source.code(),
            Self::OtherManifest { .. } => ErrorCode::ProvenanceManifestHashMismatch,
            Self::Batch { source, .. } => source.code(),
            Self::Proof { source, .. } => source.code(),
        }
    }
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, VerifyFileError> {
    fs::read(path).map_err(|source| VerifyFileError::Io {
        path: path.to_owned(),
        source,
    })
}

pub(super) fn open(path: &Path) -> Result<BufReader<File>, VerifyFileError> {
    let file = File::open(path).map_err(|source| VerifyFileError::Io {
        path: path.to_owned(),
        source,
    })?;
    Ok(BufReader::with_capacity(1 << 18, file))
}
