//! Why something was not published, listed or fetched.

use std::{io, path::PathBuf, time::Duration};

use geno_app::{Fault, FetchError};
use geno_core::{Coded, Digest, ErrorCode};
use geno_provenance::{PublicPath, ReadFileError, release::PublicUrlError};

use super::{EndpointError, Target, TransportError};

/// Why something was not published, listed or fetched. Addresses are without their query, and no
/// text holds a token.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HubError {
    /// There was no answer.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// A base address is refused.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// A target cannot be written to without a token.
    #[error("publishing to `{target}` needs a token in `{variable}` or `{other}`")]
    NoToken {
        /// The target.
        target: Target,
        /// Where a token is looked for first.
        variable: &'static str,
        /// And then.
        other: &'static str,
    },
    /// The host does not let the token do this.
    #[error("`{url}` refuses with status {status}{said}; may the token in `{variable}` do this?")]
    Denied {
        /// What was asked for.
        url: String,
        /// The status.
        status: u16,
        /// Where the token comes from.
        variable: &'static str,
        /// What the host said.
        said: Said,
    },
    /// The host answered with another status than success.
    #[error("`{url}` answered with status {status}{said}")]
    Status {
        /// What was asked for.
        url: String,
        /// The status.
        status: u16,
        /// How long the host asks to wait.
        asked: Option<Duration>,
        /// What the host said.
        said: Said,
    },
    /// An answer is not what its host documents.
    #[error("`{url}` answered outside its rules: {reason}")]
    Answer {
        /// What was asked for.
        url: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// The connection was lost inside a body.
    #[error("answer of `{url}` broke off")]
    Broken {
        /// What was asked for.
        url: String,
        /// What the system said.
        source: io::Error,
    },
    /// There is more than may be.
    #[error("`{url}` is larger than {limit} bytes")]
    TooLarge {
        /// What was asked for.
        url: String,
        /// The number of bytes allowed.
        limit: u64,
    },
    /// There is less than has to be.
    #[error("`{url}` ended after {found} of {expected} bytes")]
    Short {
        /// What was asked for.
        url: String,
        /// The size planned.
        expected: u64,
        /// The size found.
        found: u64,
    },
    /// What arrived is not what was planned.
    #[error("`{url}` is {found}, but {expected} was planned")]
    Digest {
        /// What was asked for.
        url: String,
        /// The digest planned.
        expected: Digest,
        /// The digest found.
        found: Digest,
    },
    /// A redirect leads nowhere, or on and on.
    #[error("`{url}` redirects too often, or to no address")]
    Redirect {
        /// What was asked for first.
        url: String,
    },
    /// Two planned files have one name at their target.
    #[error("two files of the plan would be `{name}` of `{target}`")]
    Duplicate {
        /// The target.
        target: Target,
        /// The name.
        name: String,
    },
    /// The plan of a target is empty.
    #[error("nothing is planned for `{target}`")]
    Empty {
        /// The target.
        target: Target,
    },
    /// The host would change a name, or not list it.
    #[error("`{name}` is no name of a file that `{target}` would keep")]
    Name {
        /// The target.
        target: Target,
        /// The name.
        name: String,
    },
    /// A file is larger than the host takes.
    #[error("`{name}` is larger than the {limit} bytes that `{target}` takes")]
    OverLimit {
        /// The target.
        target: Target,
        /// The name.
        name: String,
        /// The most bytes.
        limit: u64,
    },
    /// A planned file cannot be read.
    #[error("cannot read a planned file")]
    Source(#[from] ReadFileError),
    /// A planned file has changed since it was planned.
    #[error("`{name}` is not what was planned any more")]
    Changed {
        /// The name.
        name: String,
    },
    /// Other bytes are published under a planned name.
    #[error("`{target}` already has a `{name}` with other bytes")]
    Different {
        /// The target.
        target: Target,
        /// The name.
        name: String,
    },
    /// Something is published that was not planned.
    #[error("`{target}` has a `{name}`, which is not planned")]
    Unplanned {
        /// The target.
        target: Target,
        /// The name.
        name: String,
    },
    /// A release is published, and lacks a planned file.
    #[error("`{target}` is published without `{name}`, and stays as it is")]
    Published {
        /// The target.
        target: Target,
        /// The name.
        name: String,
    },
    /// Someone else has changed a target meanwhile.
    #[error("`{target}` was changed by someone else meanwhile")]
    Moved {
        /// The target.
        target: Target,
    },
    /// Several releases have the tag.
    #[error("`{target}` has several releases or drafts: {ids:?}; delete those that are not meant")]
    Ambiguous {
        /// The target.
        target: Target,
        /// Their numbers.
        ids: Vec<u64>,
    },
    /// The target is not there.
    #[error("`{target}` is not there")]
    Absent {
        /// The target.
        target: Target,
    },
    /// A target does not show what was sent to it.
    #[error("`{target}` does not show `{name}`, which was sent")]
    Unsettled {
        /// The target.
        target: Target,
        /// The name.
        name: String,
    },
    /// The host refuses a file.
    #[error("`{target}` refuses `{name}`{said}")]
    Refused {
        /// The target.
        target: Target,
        /// The name.
        name: String,
        /// What the host said.
        said: Said,
    },
    /// The revision is of another target.
    #[error("revision is none of `{target}`")]
    Revision {
        /// The target.
        target: Target,
    },
    /// No public address may hold the path.
    #[error("`{path}` has no public address")]
    Address {
        /// The path.
        path: PublicPath,
        /// Why not.
        source: PublicUrlError,
    },
    /// A download cannot be written.
    #[error(transparent)]
    Partial(#[from] FetchError),
    /// A file of this machine cannot be used.
    #[error("cannot use `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// A host's own words, kept short; shown after a colon where there are any.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Said(pub(super) String);

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0.as_str() {
            "" => Ok(()),
            said => write!(f, " ({said})"),
        }
    }
}

impl HubError {
    /// Whether the same request may succeed later.
    pub(super) fn fault(&self) -> Fault {
        match *self {
            Self::Transport(TransportError::Connection { .. })
            | Self::Broken { .. }
            | Self::Short { .. }
            | Self::Answer { .. }
            | Self::Unsettled { .. } => Fault::Passing { asked: None },
            Self::Status {
                status: 408 | 429 | 500..,
                asked,
                ..
            } => Fault::Passing { asked },
            Self::Status {
                status: 403,
                asked: Some(asked),
                ..
            } => Fault::Passing { asked: Some(asked) },
            _ => Fault::Final,
        }
    }
}

impl Coded for HubError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Transport(source) => source.code(),
            Self::Endpoint(source) => source.code(),
            Self::Source(source) => source.code(),
            Self::Partial(source) => source.code(),
            Self::File { source, .. } => ErrorCode::of_io(source),
            Self::Digest { .. } | Self::Changed { .. } | Self::Different { .. } => {
                ErrorCode::ProvenanceManifestHashMismatch
            }
            Self::NoToken { .. }
            | Self::Duplicate { .. }
            | Self::Empty { .. }
            | Self::Name { .. }
            | Self::OverLimit { .. }
            | Self::Unplanned { .. }
            | Self::Published { .. }
            | Self::Ambiguous { .. }
            | Self::Revision { .. }
            | Self::Address { .. } => ErrorCode::InputGeneric,
            _ => ErrorCode::ResourceNetwork,
        }
    }
}
