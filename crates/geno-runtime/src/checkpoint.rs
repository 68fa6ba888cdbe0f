//! Checkpoints of the encoder as files: what one holds, and another made from it.

mod bind;
mod derive;
mod error;
mod inspect;
mod write;

pub use self::{
    bind::OtherEncoderError,
    derive::{ConvertTo, Derivation, DerivedEncoder, UnknownConversion, derive_encoder},
    error::CheckpointError,
    inspect::{EncoderInspection, InspectedFile, InspectedGroup, inspect_encoder},
};
