//! Tests of the crates together, in one binary.

mod bad_input;
mod checkpoints;
mod device;
mod envelope;
mod invariance;
mod parity;
mod rerun;
mod resume;
mod runtime;
mod sandbox;
mod scoring;
mod tampering;
