//! What can go wrong in a runtime.

use geno_action::{ApplyError, EditError};
use geno_core::{Coded, ErrorCode};
use geno_encoder::EncodeError;
use geno_planning::TargetError;
use geno_predictor::EncodeEditsError;
use geno_provenance::HashConfigsError;
use geno_surprise::InvalidSurprise;

use super::{Part, UnusableState};
use crate::{
    backend::BackendError, components::LoadModelError, context_sources::ContextError,
    receipts::ReceiptError,
};

/// Why a call to a [`Runtime`](crate::Runtime) failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RuntimeError {
    /// The backend cannot be used.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// The model does not load.
    #[error(transparent)]
    Load(#[from] LoadModelError),
    /// The configuration files of the model cannot be hashed.
    #[error("cannot record the model's configuration files")]
    Configs(#[from] HashConfigsError),
    /// A part that the call needs is not there.
    #[error("the runtime has no {0:?} part")]
    Missing(Part),
    /// The edit does not lie in the window.
    #[error("the edit does not fit its window")]
    Edit(#[from] EditError),
    /// The edit does not apply to the window.
    #[error("the edit does not fit its window")]
    Apply(#[from] ApplyError),
    /// The windows could not be encoded.
    #[error("cannot encode")]
    Encode(#[from] EncodeError),
    /// The edits could not be encoded.
    #[error("cannot encode edits")]
    EncodeEdits(#[from] EncodeEditsError),
    /// The variant has no context, or its annotations mean nothing.
    #[error("cannot place the variant in a context")]
    Context(#[from] ContextError),
    /// A variant was given in another number of windows than it is scored in.
    #[error("a variant is scored in {expected} windows, not {found}")]
    WindowCount {
        /// Windows given.
        found: usize,
        /// Windows of a variant.
        expected: usize,
    },
    /// A state has another width than the predictor takes.
    #[error("state has {found} values, the predictor takes {expected}")]
    StateWidth {
        /// Values given.
        found: usize,
        /// Values taken.
        expected: usize,
    },
    /// A haplotype has more edits than the predictor takes.
    #[error("haplotype of {found} edits, the predictor takes {limit}")]
    TooManyEdits {
        /// Edits given.
        found: usize,
        /// Edits taken.
        limit: usize,
    },
    /// Plans may have more edits than the predictor takes.
    #[error("plans of up to {horizon} edits, the predictor takes {limit}")]
    Horizon {
        /// Edits of a plan, at most.
        horizon: usize,
        /// Edits taken.
        limit: usize,
    },
    /// A vector is no state of the model.
    #[error(transparent)]
    UnusableState(#[from] UnusableState),
    /// A state cannot be compared with a target.
    #[error("a state cannot be compared with the target")]
    Target(#[from] TargetError),
    /// The score is not a number: weights or states are not finite.
    #[error("the model gave no usable score")]
    NotFinite(#[from] InvalidSurprise),
    /// A score has no receipt.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
}

impl Coded for RuntimeError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Backend(source) => source.code(),
            Self::Load(source) => source.code(),
            Self::Configs(source) => source.code(),
            Self::Missing(_) => ErrorCode::ResourceRuntimeSetup,
            Self::Edit(source) => source.code(),
            Self::Apply(source) => source.code(),
            Self::Encode(source) => source.code(),
            Self::EncodeEdits(source) => source.code(),
            Self::Context(source) => source.code(),
            Self::WindowCount { .. }
            | Self::StateWidth { .. }
            | Self::TooManyEdits { .. }
            | Self::Horizon { .. } => ErrorCode::InputGeneric,
            Self::UnusableState(source) => source.code(),
            Self::Target(source) => source.code(),
            Self::NotFinite(_) => ErrorCode::ResourceWeights,
            Self::Receipt(source) => source.code(),
        }
    }
}
