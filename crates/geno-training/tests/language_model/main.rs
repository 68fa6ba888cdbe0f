//! The trainable language model.

mod checkpoint;
mod gradients;
mod likelihood;
mod tiny;
