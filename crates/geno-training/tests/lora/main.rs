//! Adapters of the encoder, and training with them.
#![cfg(feature = "experimental")]

mod adapters;
mod gradients;
mod run;
#[path = "../support/slope.rs"]
mod slope;
mod tiny;
#[path = "../support/tiny_config.rs"]
mod tiny_config;
mod world;
