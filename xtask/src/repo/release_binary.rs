//! `repo reproducible`: build the released program twice and compare its bytes.
//!
//! The folders of sources, of outputs and of dependencies are written as fixed names into both, so
//! that the bytes are those of any machine with the same toolchain.

use std::{env, fs, path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use geno_core::Digest;
use serde_json::json;

use super::{Verdict, git::git};
use crate::workspace::{metadata, root};

#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo xtask repo reproducible
  cargo xtask repo reproducible --package xtask --bin xtask --profile dev

Builds everything twice: about twenty minutes on two cores for the program.")]
pub(super) struct Args {
    /// Package that is built
    #[arg(long, value_name = "NAME", default_value = "geno-cli")]
    package: String,

    /// Its program
    #[arg(long, value_name = "NAME", default_value = "geno-lewm")]
    bin: String,

    /// Profile to build with
    #[arg(long, value_name = "NAME", default_value = "release")]
    profile: String,

    /// Keep the two folders
    #[arg(long)]
    keep: bool,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Verdict> {
    let metadata = metadata()?;
    let target = metadata["target_directory"]
        .as_str()
        .context("cargo names no target folder")?;
    // Of different lengths, so that a name that was missed shows.
    let folders =
        ["first", "the-second"].map(|name| Path::new(target).join("reproducible").join(name));
    let mut programs = Vec::new();
    for folder in &folders {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        eprintln!("building in {}", folder.display());
        programs.push(build(args, folder)?);
    }
    if !args.keep {
        folders.iter().try_for_each(fs::remove_dir_all)?;
    }

    let [first, second] = [&programs[0], &programs[1]].map(|bytes| Digest::of(bytes).to_hex());
    let difference = difference(&programs[0], &programs[1]);
    if args.json {
        println!(
            "{}",
            json!({ "ok": difference.is_none(), "first": first, "second": second })
        );
    } else {
        println!("{first}  {}", args.bin);
    }
    Ok(Verdict::of(difference.as_slice()))
}

fn build(args: &Args, folder: &Path) -> Result<Vec<u8>> {
    let root = root().canonicalize()?;
    let home = match env::var_os("CARGO_HOME") {
        Some(home) => home.into(),
        None => env::home_dir().context("no home folder")?.join(".cargo"),
    };
    let text = |path: &Path| {
        path.to_str()
            .map(str::to_owned)
            .context("a folder's name is no text")
    };
    // The last that fits counts.
    let names = [
        (text(&root)?, "/source"),
        (text(&home)?, "/cargo"),
        (text(folder)?, "/target"),
    ];
    let rust = names
        .iter()
        .map(|(path, name)| format!("--remap-path-prefix={path}={name}"));
    let rust: Vec<String> = rust.collect();
    let c = names
        .iter()
        .map(|(path, name)| format!("-ffile-prefix-map={path}={name}"));
    let c: Vec<String> = c.collect();
    let seconds = git(&["log", "-1", "--format=%ct"])?;

    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--quiet", "--locked", "--package", &args.package])
        .args(["--bin", &args.bin, "--profile", &args.profile])
        .current_dir(&root)
        .env("CARGO_TARGET_DIR", folder)
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_ENCODED_RUSTFLAGS", rust.join("\x1f"))
        .env("CFLAGS", c.join(" "))
        .env("CXXFLAGS", c.join(" "))
        .env("SOURCE_DATE_EPOCH", seconds.trim())
        .status()
        .context("cannot run cargo")?;
    ensure!(status.success(), "the program does not build: {status}");

    let profile = if args.profile == "dev" {
        "debug"
    } else {
        &args.profile
    };
    let name = format!("{}{}", args.bin, env::consts::EXE_SUFFIX);
    let path = folder.join(profile).join(name);
    fs::read(&path).with_context(|| format!("cannot read `{}`", path.display()))
}

/// Where two programs differ.
fn difference(first: &[u8], second: &[u8]) -> Option<String> {
    if first == second {
        return None;
    }
    let pairs = || first.iter().zip(second);
    let at = pairs().position(|(a, b)| a != b);
    let at = at.unwrap_or(first.len().min(second.len()));
    let n = pairs().filter(|(a, b)| a != b).count();
    let (n_first, n_second) = (first.len(), second.len());
    Some(format!(
        "the two differ from byte {at} on, {n} bytes in all; they have {n_first} and {n_second} bytes"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_has_its_place() {
        assert_eq!(difference(b"abc", b"abc"), None);
        let told = difference(b"abcd", b"axcyz").unwrap();
        assert_eq!(
            told,
            "the two differ from byte 1 on, 2 bytes in all; they have 4 and 5 bytes"
        );
        let told = difference(b"ab", b"abc").unwrap();
        assert!(
            told.starts_with("the two differ from byte 2 on, 0 bytes"),
            "{told}"
        );
    }
}
