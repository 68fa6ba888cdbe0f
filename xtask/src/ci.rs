//! `cargo xtask ci`: the whole gate, as a developer and as the build machine run it.

use anyhow::Result;

use crate::workspace::cargo;
use crate::{codes, config_table, layers, links, schemas, tidy};

/// Cargo's steps, quickest answer first.
const STEPS: &[&str] = &[
    "fmt --all --check",
    "clippy --workspace --all-targets -- -D warnings",
    "test --workspace",
    "doc --workspace --no-deps",
];

/// Runs every step and stops at the first that fails.
///
/// The checks of this crate are tests of it too; run here, they answer before anything is built.
pub(crate) fn run() -> Result<()> {
    codes::check()?;
    config_table::check()?;
    layers::check()?;
    links::check()?;
    schemas::run(true)?;
    tidy::check()?;

    for step in STEPS {
        println!("==> cargo {step}");
        let args = step.split(' ').collect::<Vec<_>>();
        cargo(&args, &[("RUSTDOCFLAGS", "-D warnings")])?;
    }

    println!("==> all passed");
    Ok(())
}
