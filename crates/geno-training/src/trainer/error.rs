//! What can go wrong in training.

use std::path::PathBuf;

use geno_core::{Coded, ErrorCode};
use geno_predictor::{ConfigError, EncodeEditsError, LoadError};
use geno_provenance::AtomicWriteError;
use geno_weights::{WeightError, WriteWeightsError};

use super::settings::TrainSettingsError;
use crate::{
    CheckpointError, CollapseError, EventLogError, IdentityDifference, LoadOptimizerError,
    targets::OpenTargetsError,
};

/// Why a run ended without a result. What was written before stays as it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// The settings make no run.
    #[error(transparent)]
    Settings(#[from] TrainSettingsError),
    /// An architecture describes no network.
    #[error(transparent)]
    Architecture(#[from] ConfigError),
    /// The networks take states of another width than those of the examples.
    #[error("predictor takes states of width {predictor}, where the examples have {examples}")]
    Width {
        /// Of the predictor.
        predictor: usize,
        /// Of the examples.
        examples: usize,
    },
    /// The networks pass on actions of two widths.
    #[error(
        "predictor takes actions of width {predictor}, where the action encoder makes {action}"
    )]
    ActionWidth {
        /// Of the predictor.
        predictor: usize,
        /// Of the action encoder.
        action: usize,
    },
    /// Validation states are not of the kind of the training states.
    #[error("states to validate on differ from those to train on: {0}")]
    OtherStates(IdentityDifference),
    /// At a step no example may have its turn.
    #[error("at step {step} no example has up to {max_edits} edits and a type of some weight")]
    NoExample {
        /// The step.
        step: u64,
        /// The curriculum's limit, or the predictor's.
        max_edits: usize,
    },
    /// Nothing can be validated.
    #[error("no example to validate on changes its state")]
    NothingToValidate,
    /// A checkpoint is of another run.
    #[error("`{}` is of another run: {difference}", checkpoint.display())]
    OtherRun {
        /// The checkpoint.
        checkpoint: PathBuf,
        /// In what it differs.
        difference: IdentityDifference,
    },
    /// The run folder holds a run, and nothing said to go on with it.
    #[error("`{}` holds a run; resume it, or name another folder", .0.display())]
    HoldsRun(PathBuf),
    /// There is nothing to go on from.
    #[error("`{}` holds no checkpoint", .0.display())]
    NoCheckpoint(PathBuf),
    /// The checkpoint has done more steps than the run is to have.
    #[error("checkpoint is of step {step}, beyond the {n_steps} steps of this run")]
    BeyondEnd {
        /// Of the checkpoint.
        step: u64,
        /// Of the run.
        n_steps: u64,
    },
    /// A number became infinite or none, or the validation far worse than it was.
    #[error("diverged at step {step}: {what} is {value}")]
    Diverged {
        /// The step, which was not taken.
        step: u64,
        /// Which number.
        what: &'static str,
        /// Its value.
        value: f64,
    },
    /// Predictions became alike again and again.
    #[error("predictions collapsed at step {step}")]
    Collapsed {
        /// The step.
        step: u64,
    },
    /// The encoder cannot be adapted.
    #[cfg(feature = "experimental")]
    #[error(transparent)]
    Lora(#[from] crate::LoraError),
    /// Examples cannot be read.
    #[error(transparent)]
    Targets(#[from] OpenTargetsError),
    /// An edit cannot be encoded.
    #[error(transparent)]
    Edits(#[from] EncodeEditsError),
    /// A checkpoint could not be written or read.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A weight file is damaged.
    #[error(transparent)]
    Weights(#[from] WeightError),
    /// Weights do not fit their network.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The optimiser's state does not fit.
    #[error(transparent)]
    Optimizer(#[from] LoadOptimizerError),
    /// Weights cannot be written.
    #[error(transparent)]
    Write(#[from] WriteWeightsError),
    /// The collapse metrics have no rows.
    #[error(transparent)]
    Collapse(#[from] CollapseError),
    /// What the run came to cannot be written.
    #[error(transparent)]
    Report(#[from] AtomicWriteError),
    /// The log cannot be written.
    #[error(transparent)]
    Log(#[from] EventLogError),
}

impl Coded for TrainError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Settings(error) => error.code(),
            #[cfg(feature = "experimental")]
            Self::Lora(error) => error.code(),
            Self::Architecture(error) => error.code(),
            Self::Targets(error) => error.code(),
            Self::Edits(error) => error.code(),
            Self::Checkpoint(error) => error.code(),
            Self::Weights(error) => error.code(),
            Self::Load(error) => error.code(),
            Self::Optimizer(error) => error.code(),
            Self::Report(error) => error.code(),
            Self::Log(error) => error.code(),
            Self::Width { .. } | Self::ActionWidth { .. } => ErrorCode::ConfigGeneric,
            Self::Diverged { value, .. } if !value.is_finite() => ErrorCode::TrainingNanLoss,
            Self::Diverged { .. } => ErrorCode::TrainingGeneric,
            Self::Collapsed { .. } => ErrorCode::TrainingCollapseDetected,
            _ => ErrorCode::InputGeneric,
        }
    }
}
