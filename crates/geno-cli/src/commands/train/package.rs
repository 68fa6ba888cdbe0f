//! `train --package-release-run`: the package of a run that is over.

use std::{
    io::{self, Write},
    path::Path,
};

use geno_provenance::{summary_json, training_run::RunPackage};

use crate::{clock, failure::Failure};

/// Writes manifest, card and checksums beside the files of the run, and checks what was written.
pub(super) fn run(run_dir: &Path) -> Result<(), Failure> {
    RunPackage::read(run_dir, clock::now()?)?.write(run_dir)?;
    let package = RunPackage::verify(run_dir, false)?;
    let mut out = io::stdout().lock();
    writeln!(out, "{}", summary_json(&package.to_json())).map_err(Failure::stdout)
}
