//! A model directory as an update sees it: a manifest, and files that hash to what it says.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use geno_core::{Coded, Digest, ErrorCode};
use geno_provenance::{Manifest, ReadManifestError};

/// A model directory with its manifest.
#[derive(Clone, Debug)]
pub struct InstalledModel {
    folder: PathBuf,
    manifest: Manifest,
}

/// Why a model directory is not what it should be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InstalledModelError {
    /// A file cannot be read.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The manifest is malformed.
    #[error("cannot use `{}`", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong.
        source: ReadManifestError,
    },
    /// A file is not the one the manifest names.
    #[error("`{}` is {found}, but the manifest says {expected}", path.display())]
    Hash {
        /// The file.
        path: PathBuf,
        /// What the manifest says.
        expected: Digest,
        /// What the file hashes to.
        found: Digest,
    },
}

impl Coded for InstalledModelError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                ErrorCode::ResourceModelNotFound
            }
            Self::Io { source, .. } => ErrorCode::of_io(source),
            Self::Manifest { source, .. } => source.code(),
            Self::Hash { .. } => ErrorCode::ProvenanceManifestHashMismatch,
        }
    }
}

impl InstalledModel {
    /// Reads the manifest of a folder.
    ///
    /// # Errors
    ///
    /// [`InstalledModelError::Io`] and [`InstalledModelError::Manifest`].
    pub fn open(folder: &Path) -> Result<Self, InstalledModelError> {
        let path = folder.join("manifest.json");
        let bytes = fs::read(&path).map_err(|source| InstalledModelError::Io {
            path: path.clone(),
            source,
        })?;
        let manifest = Manifest::parse(&bytes)
            .map_err(|source| InstalledModelError::Manifest { path, source })?;
        Ok(Self {
            folder: folder.to_owned(),
            manifest,
        })
    }

    /// Reads the manifest of a folder, if there is one.
    ///
    /// # Errors
    ///
    /// Those of [`InstalledModel::open`], but for a manifest that is not there.
    pub fn find(folder: &Path) -> Result<Option<Self>, InstalledModelError> {
        match Self::open(folder) {
            Ok(model) => Ok(Some(model)),
            Err(InstalledModelError::Io { source, .. })
                if source.kind() == io::ErrorKind::NotFound =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Hashes every file that the manifest names, each in a stream.
    ///
    /// # Errors
    ///
    /// [`InstalledModelError::Io`] and [`InstalledModelError::Hash`] for the first file that is
    /// missing, unreadable or another one.
    pub fn verify(&self) -> Result<(), InstalledModelError> {
        for (_, file, expected) in self.manifest.files() {
            let path = file.under(&self.folder);
            let found = File::open(&path).and_then(Digest::of_reader);
            let found = found.map_err(|source| InstalledModelError::Io {
                path: path.clone(),
                source,
            })?;
            if found != expected {
                return Err(InstalledModelError::Hash {
                    path,
                    expected,
                    found,
                });
            }
        }
        Ok(())
    }
}
