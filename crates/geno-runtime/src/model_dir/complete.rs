//! What a model was exported without, added later.

use std::io::Write;

use geno_core::{Coded, Digest, ErrorCode};
use geno_provenance::{AtomicWriteError, Manifest, ManifestFile, write_atomic};

use super::ModelDir;

/// A file that a model may be exported without.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MissingPart {
    /// The calibration table.
    Calibration,
    /// The report of its evaluation.
    Eval,
}

/// Why a file was not added to a model.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompleteError {
    /// The model has this file.
    #[error("the model has its `{what}` already, and another one makes another model")]
    NotMissing {
        /// Which of the manifest's entries.
        what: &'static str,
    },
    /// The file or the manifest cannot be written.
    #[error(transparent)]
    Write(#[from] AtomicWriteError),
}

impl Coded for CompleteError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotMissing { .. } => ErrorCode::InputGeneric,
            Self::Write(source) => source.code(),
        }
    }
}

impl MissingPart {
    fn as_str(self) -> &'static str {
        match self {
            Self::Calibration => "calibration",
            Self::Eval => "eval",
        }
    }

    fn of(self, manifest: &mut Manifest) -> &mut ManifestFile {
        match self {
            Self::Calibration => &mut manifest.calibration,
            Self::Eval => &mut manifest.eval,
        }
    }
}

impl ModelDir {
    /// Fails if the model has a file already.
    ///
    /// # Errors
    ///
    /// [`CompleteError::NotMissing`].
    pub fn check_missing(&self, part: MissingPart) -> Result<(), CompleteError> {
        match part.of(&mut self.manifest.clone()).is_missing() {
            true => Ok(()),
            false => Err(CompleteError::NotMissing {
                what: part.as_str(),
            }),
        }
    }

    /// Writes a file that the model was exported without, and then its digest into the manifest; the
    /// new manifest.
    ///
    /// Where this is cut off between the two, the manifest says that the file is still to come, and
    /// doing it again is all that is needed.
    ///
    /// # Errors
    ///
    /// [`CompleteError`]; a file that the manifest names is never replaced.
    pub fn complete(&self, part: MissingPart, bytes: &[u8]) -> Result<Manifest, CompleteError> {
        self.check_missing(part)?;
        let mut manifest = self.manifest.clone();
        let artifact = part.of(&mut manifest);
        artifact.hash = Digest::of(bytes);
        let path = artifact.file.under(&self.path);
        write_atomic(&path, |file| file.write_all(bytes))?;
        let path = self.path.join("manifest.json");
        write_atomic(&path, |file| file.write_all(&manifest.to_bytes()))?;
        Ok(manifest)
    }
}
