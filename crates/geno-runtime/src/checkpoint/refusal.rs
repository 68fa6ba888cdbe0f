//! Why a checkpoint of whole numbers is not used.

use geno_core::{Coded, Dtype, ErrorCode};

use super::MeasuredError;

/// Why a checkpoint is not used in int8, or none is made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Int8Refusal {
    /// The checkpoint does not say what its error is.
    #[error(
        "the int8 checkpoint does not say what its error on states is: make it with \
         `geno-lewm encoder convert --dtype int8`"
    )]
    Unmeasured,
    /// What it says cannot be read.
    #[error("the checkpoint's measured error cannot be read: `{field}`")]
    Malformed {
        /// What is missing or has no meaning.
        field: &'static str,
    },
    /// What it says is about another checkpoint or dtype.
    #[error("the checkpoint's measured error is that of another checkpoint or dtype")]
    OtherSource,
    /// What it says is about states made in another way.
    #[error(
        "the checkpoint's error was measured with `{what}` {measured}, but the model has {model}: \
         make a checkpoint for this model with `geno-lewm encoder convert --model-dir`"
    )]
    OtherSettings {
        /// A key of the model's configuration.
        what: &'static str,
        /// Its value where the error was measured.
        measured: String,
        /// Its value in the model.
        model: String,
    },
    /// The error is above its bound.
    #[error(
        "{dtype} moves states by up to {:.4} of their length, above the bound of {} (median \
         {:.4}, 95 % within {:.4}, of {} states)",
        measured.states.max, measured.max_state_error, measured.states.median,
        measured.states.p95, measured.states.n
    )]
    Exceeded {
        /// The dtype.
        dtype: Dtype,
        /// What was measured.
        measured: Box<MeasuredError>,
    },
}

impl Coded for Int8Refusal {
    fn code(&self) -> ErrorCode {
        match self {
            Self::OtherSettings { .. } => ErrorCode::ConfigGeneric,
            _ => ErrorCode::ResourceWeights,
        }
    }
}
