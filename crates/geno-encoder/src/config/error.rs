//! Why a configuration describes no network.

use geno_core::{Coded, ErrorCode};

use super::MAX_SIZE;

/// Why a `config.json` describes no network that this crate builds.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file is not the JSON it must be.
    #[error("encoder configuration is malformed")]
    Json(#[source] serde_json::Error),
    /// A value that is needed and absent.
    #[error("encoder configuration has no `{field}`")]
    Missing {
        /// The key.
        field: &'static str,
    },
    /// A size of zero, or beyond any real model.
    #[error("encoder configuration has {field} = {value}, expected 1 to {MAX_SIZE}")]
    Size {
        /// The key.
        field: &'static str,
        /// Its value.
        value: usize,
    },
    /// Heads that do not divide as they must.
    #[error("encoder configuration has {field} = {value}, expected a multiple of {of}")]
    NotMultiple {
        /// The key.
        field: &'static str,
        /// Its value.
        value: usize,
        /// What it must be a multiple of.
        of: usize,
    },
    /// A number that must be finite and positive.
    #[error("encoder configuration has {field} = {value}, expected a positive number")]
    NotPositive {
        /// The key.
        field: &'static str,
        /// Its value.
        value: f64,
    },
    /// A number below the least that it may be.
    #[error("encoder configuration has {field} = {value}, expected at least {least}")]
    TooSmall {
        /// The key.
        field: &'static str,
        /// Its value.
        value: f64,
        /// The least.
        least: f64,
    },
    /// Positions that are scaled in two ways.
    #[error("encoder configuration scales positions in `rope_scaling` and `rope_parameters`")]
    TwoScalings,
    /// Two spellings of the rotary base that disagree.
    #[error("encoder configuration has two rotary bases, {top_level} and {nested}")]
    TwoBases {
        /// `rope_theta` at the top level.
        top_level: f64,
        /// `rope_theta` of `rope_parameters`.
        nested: f64,
    },
    /// A kind of network that this crate does not build.
    #[error("encoder configuration has {field} = {value}, which is not supported")]
    Unsupported {
        /// The key.
        field: &'static str,
        /// Its value.
        value: String,
    },
}

impl Coded for ConfigError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Missing { .. } => ErrorCode::ConfigMissingField,
            _ => ErrorCode::ConfigGeneric,
        }
    }
}
