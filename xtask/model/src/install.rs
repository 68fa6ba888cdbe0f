//! Takes over a model into `fixtures/demo`, with the data that the demo shows.

use std::{fs, path::Path};

use anyhow::Result;

use crate::{slice, sources::CHROMOSOME_20, variants};

/// What `geno-lewm demo` carries.
const DEMO: &str = "fixtures/demo";

pub(crate) fn install(build: &Path) -> Result<()> {
    let demo = Path::new(DEMO);
    let data = build.join("data");
    slice::write(&data.join(CHROMOSOME_20), &demo.join(slice::NAME))?;
    variants::write_demo(&data, demo)?;
    let model = demo.join("model");
    fs::remove_dir_all(&model)?;
    copy(&build.join("model"), &model)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy(&entry.path(), &target)?,
            false => drop(fs::copy(entry.path(), target)?),
        }
    }
    Ok(())
}
