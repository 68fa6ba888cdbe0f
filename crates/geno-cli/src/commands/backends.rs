//! `geno-lewm backends`: list the backends and why each can or cannot be used.

use std::io::{self, Write};

use geno_runtime::Backend;

use crate::failure::Failure;

#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    for backend in Backend::PRIORITY {
        let probe = backend.probe();
        let available = if probe.available {
            "available"
        } else {
            "unavailable"
        };
        writeln!(out, "{backend:<8} {available:<12} {}", probe.reason).map_err(Failure::stdout)?;
    }
    Ok(())
}
