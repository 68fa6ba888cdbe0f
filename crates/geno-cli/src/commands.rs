//! One module for each subcommand.

pub(crate) mod backends;
pub(crate) mod calibrate;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod envelope;
pub(crate) mod experiment;
pub(crate) mod receipt;
pub(crate) mod score;
pub(crate) mod verify;
