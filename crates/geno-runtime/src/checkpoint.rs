//! Checkpoints of the encoder as files: what one holds, and another made from it.

mod derive;
mod error;
mod inspect;
mod write;

pub use self::{
    derive::{ConvertTo, Derivation, DerivedEncoder, UnknownConversion, derive_encoder},
    error::CheckpointError,
    inspect::{EncoderInspection, InspectedFile, InspectedGroup, inspect_encoder},
};
