//! The packages of a release: made, described, and every change of them found.

mod data;
mod dataset;
#[cfg(unix)]
mod efficiency;
#[cfg(unix)]
mod model;
mod mutations;
#[cfg(unix)]
mod paper;
#[cfg(unix)]
mod readiness;
#[cfg(unix)]
mod reports;
#[cfg(unix)]
mod root;
#[cfg(unix)]
mod suite;
