//! One module for each subcommand.

pub(crate) mod annotate;
pub(crate) mod backends;
pub(crate) mod cache_windows;
pub(crate) mod calibrate;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod encoder;
pub(crate) mod envelope;
pub(crate) mod experiment;
pub(crate) mod import;
pub(crate) mod plan;
pub(crate) mod predict;
pub(crate) mod prepare_clinvar;
pub(crate) mod prepare_gnomad;
pub(crate) mod receipt;
pub(crate) mod rollout;
pub(crate) mod score;
pub(crate) mod tuples;
#[cfg(feature = "update")]
pub(crate) mod update;
pub(crate) mod verify;
pub(crate) mod windows;
