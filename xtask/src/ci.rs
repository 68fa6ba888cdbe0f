//! `cargo xtask ci`: the whole gate, as a developer and as the build machine run it.

use std::env;

use anyhow::Result;

use crate::workspace::{cargo, root};
use crate::{browser, codes, config_table, layers, links, repo, sanitize, schemas, tidy};

/// Cargo's steps, quickest answer first.
const STEPS: &[&str] = &[
    "fmt --all --check",
    // The program as it ships, then with what it ships without.
    "clippy --workspace -- -D warnings",
    "clippy --workspace --all-targets --features geno-cli/experimental -- -D warnings",
    "test --workspace --features geno-cli/experimental",
    "doc --workspace --no-deps",
    // What libraries offer, by its snapshot.
    "run --quiet -p xtask -- repo api check --rust",
    // Pages in a real browser; without one these fail.
    "clippy -p geno-browser-tests --all-targets --features browser -- -D warnings",
    "test -p geno-browser-tests --features browser",
];

/// Where the kits of real data stand; they are not part of the project.
const KITS: &str = "../shared/data";

/// The steps that need them.
const KIT_STEPS: &[&str] = &[
    "clippy -p geno-kits --all-targets --features kits -- -D warnings",
    "test -p geno-kits --features kits",
    // The release of the first experiment, from its data to evidence of a publication on this machine.
    // The tree of a developer may differ from its commit.
    "run --quiet -p geno-release -- run all --rehearse --allow-fixture",
];

/// Runs every step and stops at the first that fails.
///
/// The checks of this crate are tests of it too; run here, they answer before anything is built.
pub(crate) fn run() -> Result<()> {
    codes::check()?;
    config_table::check()?;
    layers::check()?;
    links::check()?;
    repo::check()?;
    schemas::run(true)?;
    tidy::check()?;
    browser::install()?;

    STEPS.iter().try_for_each(|step| run_step(step))?;
    println!("==> sanitize");
    sanitize::run()?;
    if env::var_os("GENO_LEWM_KITS").is_some() || root().join(KITS).is_dir() {
        KIT_STEPS.iter().try_for_each(|step| run_step(step))?;
        println!("==> all passed");
    } else {
        println!("==> all passed; the tests on real chromosomes were not run: no `{KITS}`");
    }
    Ok(())
}

fn run_step(step: &str) -> Result<()> {
    println!("==> cargo {step}");
    let args = step.split_whitespace().collect::<Vec<_>>();
    cargo(&args, &[("RUSTDOCFLAGS", "-D warnings")])
}
