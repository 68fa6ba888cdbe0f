//! Tests of the encoder's public behaviour.

mod accelerator;
mod gguf;
mod int8;
mod likelihood;
mod load;
mod native;
mod parity;
mod prefix_reuse;
mod tiny;
mod trajectories;
