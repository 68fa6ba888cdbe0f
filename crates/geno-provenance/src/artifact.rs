//! A file as reports name it: path, digest and size.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use geno_core::{Coded, Digest, ErrorCode};

use crate::{FieldError, Fields, Json, PublicPath};

/// A file of a folder, as reports name it.
///
/// ```
/// use geno_provenance::{PublicPath, Artifact};
///
/// # let folder = tempfile::tempdir()?;
/// std::fs::write(folder.path().join("train.log"), "step=1\n")?;
/// let identity = Artifact::of(folder.path(), PublicPath::new("train.log")?)?;
/// assert_eq!(identity.size, 7);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Artifact {
    /// Its path in the folder.
    pub path: PublicPath,
    /// Digest of its bytes.
    pub digest: Digest,
    /// How many they are.
    pub size: u64,
}

/// A file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read `{}`", path.display())]
pub struct ReadFileError {
    /// The file.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

impl Coded for ReadFileError {
    fn code(&self) -> ErrorCode {
        ErrorCode::of_io(&self.source)
    }
}

impl Artifact {
    /// Reads a file of a folder, in a stream.
    ///
    /// # Errors
    ///
    /// [`ReadFileError`].
    pub fn of(folder: &Path, path: PublicPath) -> Result<Self, ReadFileError> {
        Self::of_file(&path.under(folder), path)
    }

    /// Reads a file that is known as `path`, in a stream.
    ///
    /// # Errors
    ///
    /// [`ReadFileError`].
    pub fn of_file(file: &Path, path: PublicPath) -> Result<Self, ReadFileError> {
        let read = || {
            let opened = File::open(file)?;
            if !opened.metadata()?.is_file() {
                return Err(io::Error::from(io::ErrorKind::IsADirectory));
            }
            let size = opened.metadata()?.len();
            Ok((Digest::of_reader(opened)?, size))
        };
        match read() {
            Ok((digest, size)) => Ok(Self { path, digest, size }),
            Err(source) => Err(ReadFileError {
                path: file.to_owned(),
                source,
            }),
        }
    }

    /// The fields of a report: `path`, `sha256` and `size_bytes`.
    pub fn fields(&self) -> [(&'static str, Json); 3] {
        [
            ("path", Json::from(&self.path)),
            ("sha256", self.digest.into()),
            ("size_bytes", self.size.into()),
        ]
    }

    /// Takes the fields of a report.
    ///
    /// # Errors
    ///
    /// [`FieldError`].
    pub fn take(fields: &mut Fields) -> Result<Self, FieldError> {
        Ok(Self {
            path: fields.path("path")?,
            digest: fields.digest("sha256")?,
            size: fields.unsigned("size_bytes")?,
        })
    }
}
