//! Why a file could not be fetched.

use std::{io, path::PathBuf, time::Duration};

use geno_core::{Coded, Digest, ErrorCode};

use super::LocationError;

/// Why a file could not be fetched. Locations are without their query.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The file of root certificates cannot be read.
    #[error("cannot use root certificates of `{}`", path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The host could not be reached, or the connection was lost.
    #[error("no connection to `{location}`")]
    Connection {
        /// What was asked for.
        location: String,
        /// What the system said.
        source: io::Error,
    },
    /// The host could not prove who it is.
    #[error("`{location}` has no certificate that is trusted")]
    Certificate {
        /// What was asked for.
        location: String,
        /// What is wrong with the certificate.
        source: io::Error,
    },
    /// Nothing arrived for as long as was allowed.
    #[error("`{location}` sent nothing for {} s", after.as_secs_f32())]
    Stalled {
        /// What was asked for.
        location: String,
        /// The time allowed.
        after: Duration,
    },
    /// The host does not speak HTTP as it should.
    #[error("`{location}` answered outside the protocol: {reason}")]
    Protocol {
        /// What was asked for.
        location: String,
        /// What is wrong.
        reason: String,
    },
    /// The host answered with another status than success.
    #[error("`{location}` answered with status {status}")]
    Status {
        /// What was asked for.
        location: String,
        /// The status.
        status: u16,
        /// How long the host asks to wait.
        retry_after: Option<Duration>,
    },
    /// A redirect leads where none may lead.
    #[error("`{location}` redirects to an address that is refused")]
    Redirect {
        /// What was asked for.
        location: String,
        /// What is wrong with the target.
        source: LocationError,
    },
    /// Redirects go on and on.
    #[error("`{location}` redirects more than {limit} times")]
    TooManyRedirects {
        /// What was asked for first.
        location: String,
        /// The number allowed.
        limit: usize,
    },
    /// There is more than may be.
    #[error("`{location}` is larger than {limit} bytes")]
    TooLarge {
        /// What was asked for.
        location: String,
        /// The number of bytes allowed.
        limit: u64,
    },
    /// What arrived is not what was expected.
    #[error("`{location}` is {found}, but {expected} was expected")]
    Hash {
        /// What was asked for.
        location: String,
        /// The digest that was expected.
        expected: Digest,
        /// The digest of what arrived.
        found: Digest,
    },
    /// A file of this machine cannot be read or written.
    #[error("cannot use `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Coded for FetchError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::CaFile { source, .. } | Self::File { source, .. } => ErrorCode::of_io(source),
            Self::Connection { .. }
            | Self::Certificate { .. }
            | Self::Stalled { .. }
            | Self::Protocol { .. }
            | Self::Status { .. }
            | Self::TooManyRedirects { .. } => ErrorCode::ResourceNetwork,
            Self::Redirect { .. } => ErrorCode::ResourceNetwork,
            Self::TooLarge { .. } => ErrorCode::InputGeneric,
            Self::Hash { .. } => ErrorCode::ProvenanceManifestHashMismatch,
        }
    }
}

impl FetchError {
    pub(crate) fn file(path: impl Into<PathBuf>, source: io::Error) -> Self {
        let path = path.into();
        Self::File { path, source }
    }
}
