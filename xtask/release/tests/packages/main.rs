//! The packages of a release: made, described, and every change of them found.

mod data;
mod dataset;
#[cfg(unix)]
mod efficiency;
mod legacy;
#[cfg(unix)]
mod model;
mod mutations;
