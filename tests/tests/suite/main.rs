//! Tests of the crates together, in one binary.

mod bad_input;
mod invariance;
mod parity;
mod runtime;
mod sandbox;
mod scoring;
mod tampering;
