//! One HTTP exchange, whoever makes it.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

use geno_core::{Coded, ErrorCode};
use geno_provenance::Secret;
use ureq::http::{HeaderMap, Method};
use url::Url;

/// A request.
pub(crate) struct Request<'a> {
    /// What to do.
    pub(crate) method: Method,
    /// With what.
    pub(crate) url: Url,
    /// Headers beside those that follow from the other fields.
    pub(crate) headers: Vec<(String, String)>,
    /// The token to send along.
    pub(crate) token: Option<&'a Secret>,
    /// What is sent.
    pub(crate) body: Body<'a>,
}

/// What a request sends.
#[derive(Clone, Copy)]
pub(crate) enum Body<'a> {
    /// Nothing.
    None,
    /// Bytes.
    Bytes(&'a [u8]),
    /// A file, streamed.
    File {
        /// Where it is.
        path: &'a Path,
        /// How many bytes it has to have.
        size: u64,
    },
}

/// What a host sent back. The body has not been read.
pub(crate) struct Response {
    /// The status.
    pub(crate) status: u16,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Box<dyn Read>,
}

/// Makes one exchange, and follows no redirect.
pub(crate) trait Transport {
    /// Sends a request and reads the head of the answer.
    ///
    /// # Errors
    ///
    /// [`TransportError`]. Any status is an answer.
    fn send(&self, request: &Request<'_>) -> Result<Response, TransportError>;
}

/// Why there is no answer. Addresses are without their query.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TransportError {
    /// What is sent could be read on the way.
    #[error("`{url}` is not https, and only this machine is spoken to without")]
    Insecure {
        /// What was asked for.
        url: String,
    },
    /// The host could not be reached, or the connection was lost.
    #[error("no connection to `{url}`")]
    Connection {
        /// What was asked for.
        url: String,
        /// What the system said.
        source: io::Error,
    },
    /// A header, perhaps the token, holds what no header may hold.
    #[error(
        "a header for `{url}` holds characters that no header may hold; is the token one line?"
    )]
    Header {
        /// What was asked for.
        url: String,
    },
    /// A file that is to be sent cannot be read, or has another size than planned.
    #[error("cannot send `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Coded for TransportError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Insecure { .. } | Self::Header { .. } => ErrorCode::InputGeneric,
            Self::Connection { .. } => ErrorCode::ResourceNetwork,
            Self::File { source, .. } => ErrorCode::of_io(source),
        }
    }
}

/// An address without its query, which may hold a signature.
pub(super) fn shown(url: &Url) -> String {
    let text = url.as_str();
    text.split(['?', '#']).next().unwrap_or_default().to_owned()
}

impl Body<'_> {
    /// How many bytes are sent.
    pub(crate) fn size(&self) -> u64 {
        match *self {
            Self::None => 0,
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File { size, .. } => size,
        }
    }
}
