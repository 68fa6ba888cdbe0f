//! The networks on the kernels for CPUs.

mod action_encoder;
mod attention;
mod base_encoder;
mod feed_forward;
mod layers;
mod network;
mod pass;
mod predictor;
mod sequence_encoder;
mod sight;
mod workspace;

pub use self::{
    action_encoder::NativeActionEncoder, base_encoder::NativeBaseActionEncoder,
    predictor::NativePredictor,
};
