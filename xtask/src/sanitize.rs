//! `cargo xtask sanitize`: the tests of the crate with `unsafe` code under AddressSanitizer.

use anyhow::{Result, ensure};

use crate::workspace::cargo;

/// The one target that the sanitizer is run on; its runtime comes with the toolchain.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Runs every test of `geno-kernels`, with fewer random shapes since each takes ten times as long.
///
/// Sanitizers are options of the compiler that it calls unstable, so it has to be told that they
/// are meant. Nothing that is shipped is built this way.
pub(crate) fn run() -> Result<()> {
    ensure!(
        cfg!(all(
            target_arch = "x86_64",
            target_os = "linux",
            target_env = "gnu"
        )),
        "the sanitizer is run on {TARGET} alone"
    );
    let arguments = ["test", "-p", "geno-kernels", "--tests", "--target", TARGET];
    cargo(
        &arguments,
        &[
            ("RUSTC_BOOTSTRAP", "1"),
            ("RUSTFLAGS", "-Zsanitizer=address"),
            ("PROPTEST_CASES", "16"),
            ("CARGO_TARGET_DIR", "target/sanitize"),
        ],
    )
}
