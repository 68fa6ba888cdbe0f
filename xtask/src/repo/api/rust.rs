//! The public items of the libraries, read out of rustdoc's JSON.
//!
//! That output is not stable, so rustdoc has to be told that it may write it. Telling cargo would
//! build every dependency anew; so this program stands in for rustdoc, and tells it alone.

use std::{
    collections::BTreeSet,
    env,
    path::Path,
    process::{Command, ExitCode},
};

use anyhow::{Context, Result};

use super::Surface;
use crate::{
    repo::packages::packages,
    workspace::{cargo, metadata},
};

/// Set where this program is called as rustdoc.
pub(crate) const MAKES_JSON: &str = "GENO_XTASK_AS_RUSTDOC";

/// What comes with every derived `PartialEq`, and nobody can name.
const STRUCTURAL: &str = "StructuralPartialEq";

/// Runs the real rustdoc with the arguments of this process.
pub(crate) fn as_rustdoc() -> ExitCode {
    let status = Command::new("rustdoc")
        .args(env::args_os().skip(1))
        .env("RUSTC_BOOTSTRAP", "1")
        .status();
    match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("cannot run rustdoc: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The items of every published library, with the features that the gate documents them with.
pub(super) fn surfaces() -> Result<Vec<Surface>> {
    let program = env::current_exe()?;
    let program = program.to_str().context("this program's path is no text")?;
    cargo(
        &["doc", "--quiet", "--workspace", "--no-deps", "--lib"],
        &[
            ("RUSTDOC", program),
            (MAKES_JSON, "1"),
            ("RUSTDOCFLAGS", "-Zunstable-options --output-format=json"),
        ],
    )?;

    let metadata = metadata()?;
    let target = metadata["target_directory"].as_str();
    let folder = Path::new(target.context("cargo names no target folder")?).join("doc");
    let libraries = packages()?.into_iter();
    libraries
        .filter(|package| package.is_published && package.is_library)
        .map(|package| {
            let path = folder.join(format!("{}.json", package.name.replace('-', "_")));
            surface(&package.name, &path)
        })
        .collect()
}

/// Derived impls count, as losing `Clone` breaks use, but say no more than their first line; what every
/// type has does not.
fn surface(name: &str, json: &Path) -> Result<Surface> {
    let lines = |with_derived: bool| {
        let api = public_api::Builder::from_rustdoc_json(json)
            .omit_blanket_impls(true)
            .omit_auto_trait_impls(true)
            .omit_auto_derived_impls(!with_derived)
            .build();
        let api = api.with_context(|| format!("cannot read rustdoc's output of `{name}`"))?;
        anyhow::Ok(
            api.items()
                .map(ToString::to_string)
                .collect::<BTreeSet<_>>(),
        )
    };
    let mut written = lines(false)?;
    let derived = lines(true)?.into_iter();
    written.extend(derived.filter(|line| line.starts_with("impl") && !line.contains(STRUCTURAL)));
    Ok(Surface {
        file: format!("rust/{name}.txt"),
        lines: written,
    })
}
