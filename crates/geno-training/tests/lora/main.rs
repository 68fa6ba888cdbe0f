//! Adapters of the encoder, and training with them.
#![cfg(feature = "experimental")]

mod adapters;
mod gradients;
mod run;
mod tiny;
mod world;
