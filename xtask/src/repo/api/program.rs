//! The commands of the program and their arguments, which a test of the program lists.

use std::{env, fs};

use anyhow::{Context, Result};

use super::Surface;
use crate::workspace::cargo;

/// The test that writes the list, in `crates/geno-cli/src/api.rs`.
const TEST: &str = "test --quiet -p geno-cli --bin geno-lewm --features experimental -- \
    api::commands_and_arguments_are_those_of_the_snapshot";

pub(super) fn surface() -> Result<Surface> {
    let file = "cli.txt".to_owned();
    let path = env::temp_dir().join(format!("geno-lewm-api-{}.txt", std::process::id()));
    let name = path
        .to_str()
        .context("the temporary folder's name is no text")?;

    let arguments: Vec<&str> = TEST.split_whitespace().collect();
    let listed = cargo(&arguments, &[("GENO_LEWM_API", name)])
        .and_then(|()| fs::read_to_string(&path).context("the program's test listed nothing"));
    _ = fs::remove_file(&path);
    let lines = listed?.lines().map(str::to_owned).collect();
    Ok(Surface { file, lines })
}
