//! Tests of the encoder's public behaviour.

mod gguf;
mod load;
mod native;
mod parity;
mod prefix_reuse;
mod tiny;
