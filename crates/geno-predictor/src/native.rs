//! The networks on the kernels for CPUs.

mod action_encoder;
mod attention;
mod base_encoder;
mod causal;
mod feed_forward;
mod layers;
mod network;
mod pass;
mod predictor;
mod read_out;
mod rows;
mod sequence_encoder;
mod sight;
mod tokens;
mod workspace;

pub use self::{
    action_encoder::NativeActionEncoder,
    base_encoder::NativeBaseActionEncoder,
    causal::{NativeCausalPredictor, NativeRollout},
    predictor::NativePredictor,
};
