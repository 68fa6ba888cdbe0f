//! Why an update did not happen.

use std::{io, path::PathBuf};

use geno_core::{Coded, ErrorCode};
use geno_provenance::{AtomicWriteError, PublicPath, ReadManifestError};

use super::{IndexError, InstalledModelError, ReleaseIdError};
use crate::fetch::FetchError;

/// Why an update did not happen. What was installed before is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpdateError {
    /// A file could not be fetched.
    #[error("cannot fetch {what}")]
    Fetch {
        /// What it is.
        what: &'static str,
        /// Why not.
        source: FetchError,
    },
    /// The release index cannot be used.
    #[error("cannot use the release index `{location}`")]
    Index {
        /// The index.
        location: String,
        /// Why not.
        source: IndexError,
    },
    /// The manifest cannot be used.
    #[error("cannot use the manifest `{location}`")]
    Manifest {
        /// The manifest.
        location: String,
        /// Why not.
        source: ReadManifestError,
    },
    /// The manifest's release cannot name a folder.
    #[error("cannot use the release of the manifest")]
    ReleaseId(#[from] ReleaseIdError),
    /// The manifest is not that of the index's entry.
    #[error("the manifest's {field} is `{found}`, but the index says `{expected}`")]
    EntryMismatch {
        /// The field.
        field: &'static str,
        /// What the index says.
        expected: String,
        /// What the manifest says.
        found: String,
    },
    /// Two files of the manifest cannot lie in one folder.
    #[error("the manifest names `{path}` twice, or a file where a folder has to be")]
    PathConflict {
        /// One of them.
        path: PublicPath,
    },
    /// Another process is updating.
    #[error("another update of `{}` is running", root.display())]
    Locked {
        /// The folder of the models.
        root: PathBuf,
    },
    /// The pointer's name is taken.
    #[error(
        "`{}` is a folder of its own: rename it, so that an update can put a pointer there",
        path.display()
    )]
    PointerTaken {
        /// The folder.
        path: PathBuf,
    },
    /// A pointer leads to no release of the folder.
    #[error("`{}` leads to no release beside it", path.display())]
    Pointer {
        /// The pointer.
        path: PathBuf,
    },
    /// A folder has the release's name and holds another model.
    #[error("`{}` holds another model of the same name", path.display())]
    OtherModel {
        /// The folder.
        path: PathBuf,
    },
    /// There is nothing to go back to.
    #[error("no previous version in `{}`", root.display())]
    NoPrevious {
        /// The folder of the models.
        root: PathBuf,
    },
    /// An installed version is damaged.
    #[error("an installed version is damaged")]
    Installed(#[from] InstalledModelError),
    /// The manifest cannot be written.
    #[error("cannot write the manifest")]
    Write(#[from] AtomicWriteError),
    /// A file of this machine cannot be read or written.
    #[error("cannot use `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Coded for UpdateError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Fetch { source, .. } => source.code(),
            Self::Index { source, .. } => source.code(),
            Self::Manifest { source, .. } => source.code(),
            Self::ReleaseId(source) => source.code(),
            Self::PathConflict { .. } => ErrorCode::InputGeneric,
            Self::EntryMismatch { .. } | Self::OtherModel { .. } => {
                ErrorCode::ProvenanceManifestHashMismatch
            }
            Self::Locked { .. } | Self::PointerTaken { .. } | Self::Pointer { .. } => {
                ErrorCode::ResourceGeneric
            }
            Self::NoPrevious { .. } => ErrorCode::ResourceModelNotFound,
            Self::Installed(source) => source.code(),
            Self::Write(source) => source.code(),
            Self::File { source, .. } => ErrorCode::of_io(source),
        }
    }
}
