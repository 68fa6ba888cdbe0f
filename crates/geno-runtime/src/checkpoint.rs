//! Checkpoints of the encoder as files: what one holds, and another made from it.

mod bind;
mod derive;
mod error;
mod inspect;
mod measure;
mod measured;
mod new_configs;
mod planned;
mod refusal;
mod write;

pub(crate) use self::measured::settings;
pub use self::{
    bind::{BindError, OtherEncoderError},
    derive::{
        ConvertTo, Derivation, DerivedEncoder, UnknownConversion, convert_measured, derive_encoder,
    },
    error::CheckpointError,
    inspect::{EncoderInspection, InspectedFile, InspectedGroup, inspect_encoder},
    measure::{
        MAX_STATE_ERROR, MEASURED_WINDOWS, MeasureError, MeasureFault, ScoreError, StateError,
    },
    measured::{MeasuredError, MeasuredSettings},
    refusal::Int8Refusal,
};
