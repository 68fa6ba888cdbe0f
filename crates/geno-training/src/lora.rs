//! Low-rank adaptation of the encoder's attention.
//!
//! The encoder's own weights stay as they are; beside some of them stands a change of low rank that is
//! trained together with the predictor and the action encoder, and added to them in the end.

mod adapters;
mod encode;
mod error;
mod merge;
mod model;
mod peft;
mod run;
mod settings;
mod task;
mod windows;

pub use self::{
    adapters::Adapters,
    error::LoraError,
    run::TrainAdapted,
    settings::{LoraSettings, LoraSettingsError},
};
