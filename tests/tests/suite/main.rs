//! Tests of the crates together, in one binary.

mod architectures;
mod bad_input;
mod carbon_baseline;
mod checkpoints;
mod context;
mod device;
mod ensemble;
mod envelope;
mod grid;
mod haplotypes;
mod int8;
mod invariance;
mod likelihood_delta;
mod parity;
mod pipeline;
mod planning;
mod rerun;
mod resume;
mod runtime;
mod sandbox;
mod score_baseline;
mod scoring;
mod signals;
mod tampering;
mod window_bp;
mod windows;
