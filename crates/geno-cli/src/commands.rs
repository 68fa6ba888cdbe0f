//! One module for each subcommand.

pub(crate) mod backends;
pub(crate) mod calibrate;
pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod receipt;
pub(crate) mod score;
pub(crate) mod verify;
