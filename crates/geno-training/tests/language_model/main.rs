//! The trainable language model.

mod checkpoint;
mod gradients;
mod likelihood;
#[path = "../support/slope.rs"]
mod slope;
mod tiny;
#[path = "../support/tiny_config.rs"]
mod tiny_config;
