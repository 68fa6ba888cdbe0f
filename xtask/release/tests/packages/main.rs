//! The packages of a release: made, described, and every change of them found.

mod data;
mod dataset;
#[cfg(unix)]
mod demo;
#[cfg(unix)]
mod efficiency;
mod invariants;
mod legacy;
#[cfg(unix)]
mod model;
mod mutations;
#[cfg(unix)]
mod paper;
#[cfg(unix)]
mod publication;
#[cfg(unix)]
mod readiness;
#[cfg(unix)]
mod release;
#[cfg(unix)]
mod reports;
#[cfg(unix)]
mod root;
#[cfg(unix)]
mod suite;
