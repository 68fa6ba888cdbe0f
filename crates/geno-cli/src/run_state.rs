//! What the program knows of a run, for its envelope.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use geno_app::{Build, config::Settings};
use geno_provenance::PublicPath;
use geno_runtime::RunState;

use crate::{clock, failure::Failure};

/// The code, the configuration files and the time of this run.
pub(crate) fn run_state(settings: &Settings) -> Result<RunState, Failure> {
    let mut configs = BTreeMap::new();
    for (i, (path, digest)) in settings.files.iter().enumerate() {
        // By its place, since two files may have one name.
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = PublicPath::new(format!("run/{}/{name}", i + 1))?;
        configs.insert(name, *digest);
    }
    Ok(RunState {
        code: Build::current().code_state(),
        configs,
        started: clock::now()?,
    })
}

/// Where the envelope of a run goes: where it was asked for, or beside the output.
///
/// `None` if none is wanted, or the output goes to standard output and nothing was named.
pub(crate) fn envelope_path(
    named: Option<&Path>,
    output: Option<&Path>,
    is_wanted: bool,
) -> Option<PathBuf> {
    let beside = |output: &Path| {
        let mut name = output.as_os_str().to_owned();
        name.push(".envelope.json");
        PathBuf::from(name)
    };
    match named {
        Some(path) => Some(path.to_owned()),
        None => output.filter(|_| is_wanted).map(beside),
    }
}
