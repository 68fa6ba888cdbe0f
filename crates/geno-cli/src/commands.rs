//! One module for each subcommand.

pub(crate) mod backends;
pub(crate) mod calibrate;
pub(crate) mod completions;
pub(crate) mod demo;
#[cfg(feature = "update")]
pub(crate) mod encoder;
pub(crate) mod score;
#[cfg(feature = "update")]
pub(crate) mod update;
pub(crate) mod verify;
