//! Embeds what the program was built from: commit, compiler and target.

use std::{env, process::Command};

fn main() {
    // A commit changes `.git`; an edit anywhere changes whether the tree is clean.
    for path in [
        "../../.git/HEAD",
        "../../.git/index",
        "../../crates",
        "../../Cargo.lock",
    ] {
        println!("cargo::rerun-if-changed={path}");
    }
    let sha = run("git", &["rev-parse", "HEAD"]);
    let dirty = run("git", &["status", "--porcelain"]).map(|changes| !changes.is_empty());
    set("GENO_LEWM_GIT_SHA", sha);
    set("GENO_LEWM_GIT_DIRTY", dirty.map(|dirty| dirty.to_string()));
    set("GENO_LEWM_TARGET", env::var("TARGET").ok());
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    set("GENO_LEWM_RUSTC", run(&rustc, &["--version"]));
}

fn set(name: &str, value: Option<String>) {
    println!("cargo::rustc-env={name}={}", value.unwrap_or_default());
}

/// What a program prints, or nothing if it is not there or fails.
fn run(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
