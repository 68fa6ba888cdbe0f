//! Why a network could not be built.

use geno_core::{Coded, ErrorCode};
use geno_weights::WeightError;

/// Why a configuration describes no network.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ConfigError {
    /// A width, count or length is zero or larger than any network of this kind.
    #[error("`{field}` is {value}, outside 1 to {max}")]
    OutOfRange {
        /// The field.
        field: &'static str,
        /// Its value.
        value: usize,
        /// The largest value taken.
        max: usize,
    },
    /// A width cannot be cut into equal parts.
    #[error("`{field}` is {value}, not a multiple of {divisor}")]
    NotAMultiple {
        /// The field.
        field: &'static str,
        /// Its value.
        value: usize,
        /// How many parts are needed.
        divisor: usize,
    },
}

impl Coded for ConfigError {
    fn code(&self) -> ErrorCode {
        ErrorCode::ConfigGeneric
    }
}

/// Why a network could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The configuration describes no network.
    #[error("configuration describes no network")]
    Config(#[from] ConfigError),
    /// The weight file is not of the configured network.
    #[error("weight file does not fit the configuration")]
    Weights(#[from] WeightError),
    /// The weight file says that it holds another network, or something that is none.
    #[error(transparent)]
    Architecture(#[from] ArchitectureError),
}

impl Coded for LoadError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Config(error) => error.code(),
            Self::Weights(error) => error.code(),
            Self::Architecture(error) => error.code(),
        }
    }
}

/// What is wrong with what a weight file says of its network.
#[derive(Debug, thiserror::Error)]
pub enum ArchitectureError {
    /// It is no network.
    #[error("weight file names a network that cannot be read")]
    Malformed(#[source] serde_json::Error),
    /// It is another network than the configured one.
    #[error("weight file is of the network {stored}, not of {configured}")]
    Other {
        /// The network that the file names, as JSON.
        stored: String,
        /// The configured one.
        configured: String,
    },
}

impl Coded for ArchitectureError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Malformed(_) => ErrorCode::ResourceWeights,
            Self::Other { .. } => ErrorCode::ConfigGeneric,
        }
    }
}

/// Largest width taken, a bound on what a file can make this program allocate.
pub(crate) const MAX_WIDTH: usize = 1 << 16;

/// Most layers of a kind, or actions, taken.
pub(crate) const MAX_COUNT: usize = 1 << 12;

/// Longest window positions can be told apart in; f32 holds every integer up to it.
pub(crate) const MAX_WINDOW_BP: usize = 1 << 24;

/// Refuses a value of 0 or above `max`.
pub(crate) fn in_range(field: &'static str, value: usize, max: usize) -> Result<(), ConfigError> {
    if (1..=max).contains(&value) {
        Ok(())
    } else {
        Err(ConfigError::OutOfRange { field, value, max })
    }
}

/// Refuses a value that `divisor` does not divide.
pub(crate) fn multiple_of(
    field: &'static str,
    value: usize,
    divisor: usize,
) -> Result<(), ConfigError> {
    if value.is_multiple_of(divisor) {
        Ok(())
    } else {
        Err(ConfigError::NotAMultiple {
            field,
            value,
            divisor,
        })
    }
}
