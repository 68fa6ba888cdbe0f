//! The file that a run's secret salt is kept in.

use std::{fs, io, path::Path, path::PathBuf};

use geno_core::{Coded, ErrorCode};
use geno_provenance::{MasterSalt, ParseSaltError, write_new_private};

use crate::failure::Failure;

/// Why there is no salt.
#[derive(Debug, thiserror::Error)]
enum SaltError {
    #[error("cannot read `{}`", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("`{}` holds no salt", path.display())]
    Form {
        path: PathBuf,
        source: ParseSaltError,
    },
    #[error("the system gives no random bytes")]
    Random(#[from] getrandom::Error),
}

impl Coded for SaltError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Read { source, .. } => ErrorCode::of_io(source),
            Self::Form { source, .. } => source.code(),
            Self::Random(_) => ErrorCode::ResourceGeneric,
        }
    }
}

/// Reads the salt of a file.
pub(crate) fn read(path: &Path) -> Result<MasterSalt, Failure> {
    let text = fs::read_to_string(path).map_err(|source| SaltError::Read {
        path: path.to_owned(),
        source,
    })?;
    let salt = text.parse().map_err(|source| SaltError::Form {
        path: path.to_owned(),
        source,
    })?;
    Ok(salt)
}

/// Reads the salt of a file, or makes one where there is no file.
pub(crate) fn open(path: &Path) -> Result<MasterSalt, Failure> {
    if path.exists() {
        return read(path);
    }
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(SaltError::Random)?;
    let salt = MasterSalt::from_bytes(bytes);
    write_new_private(path, &salt.to_file())?;
    Ok(salt)
}
