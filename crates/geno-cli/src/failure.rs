//! How a command fails: a message with its cause, and an exit code.

use std::{error::Error, fmt, io, path::PathBuf};

use geno_core::{Coded, ErrorCode};

/// Why a command ended without success.
pub(crate) enum Failure {
    /// An error with a code.
    Coded(Box<dyn Coded + Send + Sync>),
    /// Two things that were compared are not the same.
    Differs,
    /// The user pressed Ctrl-C.
    Interrupted,
    /// The user pressed Ctrl-C, and what was done until then stays.
    Paused,
    /// The user pressed Ctrl-C, and the best that was found was written.
    Stopped,
}

/// A wrong combination of arguments that the parser cannot express.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct UsageError(pub(crate) String);

/// Standard output or a file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {what}")]
pub(crate) struct WriteError {
    pub(crate) what: String,
    pub(crate) source: io::Error,
}

/// A file could not be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read `{}`", path.display())]
pub(crate) struct ReadError {
    pub(crate) path: PathBuf,
    pub(crate) source: io::Error,
}

/// An argument that the parser lets a user leave out only where the command does not run.
pub(crate) fn required<'a, T>(value: &'a Option<T>, flag: &str) -> Result<&'a T, UsageError> {
    let missing = || UsageError(format!("`{flag}` is needed"));
    value.as_ref().ok_or_else(missing)
}

impl Coded for UsageError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl Coded for WriteError {
    fn code(&self) -> ErrorCode {
        ErrorCode::of_io(&self.source)
    }
}

impl Coded for ReadError {
    fn code(&self) -> ErrorCode {
        ErrorCode::of_io(&self.source)
    }
}

impl<E: Coded + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Coded(Box::new(error))
    }
}

impl Failure {
    /// A failed write to standard output.
    pub(crate) fn stdout(source: io::Error) -> Self {
        WriteError {
            what: "to standard output".to_owned(),
            source,
        }
        .into()
    }

    /// The message of an error and of all its causes.
    pub(crate) fn chain(error: &dyn Error) -> String {
        let mut chain = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            chain += &format!(": {error}");
            cause = error.source();
        }
        chain
    }

    /// A reader that closed early, such as `head`, is no failure.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        let Self::Coded(error) = self else {
            return false;
        };
        let mut cause: Option<&(dyn Error + 'static)> = error.source();
        while let Some(error) = cause {
            if let Some(io) = error.downcast_ref::<io::Error>() {
                return io.kind() == io::ErrorKind::BrokenPipe;
            }
            cause = error.source();
        }
        false
    }

    /// 2 to 9 by family, 1 for a difference, 130 for Ctrl-C.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Coded(error) => error.code().exit_code(),
            Self::Differs => 1,
            Self::Interrupted | Self::Paused | Self::Stopped => 130,
        }
    }

    /// What to do about it, where that does not depend on the file.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self.code()? {
            ErrorCode::ConfigSchemaIncompat => Some(
                "a file of a later version needs a later geno-lewm; any other has to be made again",
            ),
            _ => None,
        }
    }

    /// The code of the error, if it is one.
    pub(crate) fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Coded(error) => Some(error.code()),
            Self::Differs | Self::Interrupted | Self::Paused | Self::Stopped => None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Coded(error) => {
                write!(
                    f,
                    "error[{}]: {}",
                    error.code(),
                    Self::chain(error.as_ref())
                )
            }
            Self::Differs => write!(f, "they differ"),
            Self::Interrupted => write!(f, "interrupted: nothing was written under a final name"),
            Self::Stopped => write!(f, "interrupted: the best until then was written"),
            Self::Paused => write!(
                f,
                "interrupted: what was done stays, and the command can go on"
            ),
        }
    }
}
