//! The networks on the kernels for CPUs.

mod action_encoder;
mod attention;
mod feed_forward;
mod layers;
mod network;
mod pass;
mod predictor;
mod sequence_encoder;
mod sight;
mod workspace;

pub use self::{action_encoder::NativeActionEncoder, predictor::NativePredictor};
