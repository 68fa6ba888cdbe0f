//! Tests of the encoder's public behaviour.

mod accelerator;
mod gguf;
mod int8;
mod load;
mod native;
mod parity;
mod prefix_reuse;
mod tiny;
