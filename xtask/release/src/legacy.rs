//! `cargo xtask release verify --legacy`: a release of the Python package, checked.
//!
//! Reads schema 1.0.0 of its files as version 0.2.1 writes them, with the markers of its tools, and writes none. What its
//! verifier refuses is an error here. What that verifier gets wrong is told as a warning whose code begins with
//! `legacy.`, where the release at hand shows it.

mod batch;
mod compare;
mod dataset;
mod demo;
mod efficiency;
mod evaluation;
mod integrity;
mod leakage;
mod markdown;
mod model;
mod paper;
mod release;
mod rows;
mod runtime;
mod snapshot;
mod sums;
mod training;
mod transcript;
mod vcf;

use std::path::PathBuf;

use anyhow::Result;

use self::release::Release;
use crate::Verdict;

/// The folders of a release of the Python package, and its paper.
pub(crate) struct Folders {
    pub(crate) model: PathBuf,
    pub(crate) dataset: PathBuf,
    pub(crate) demo: PathBuf,
    pub(crate) paper: Option<PathBuf>,
}

/// Finds everything that is wrong with such a release, and what its own verifier leaves unchecked.
pub(crate) fn run(folders: &Folders, as_json: bool) -> Result<Verdict> {
    let mut release = Release::open(&folders.model, &folders.dataset, &folders.demo)?;
    let dataset = dataset::check(&mut release)?;
    let model = model::check(&mut release, dataset.as_ref())?;
    let demo = demo::check(&mut release, model.manifest.as_ref())?;
    if let Some(path) = &folders.paper {
        paper::check(&mut release, path, dataset.as_ref(), &model, demo.as_ref());
    }
    Ok(release.issues.tell("the release", as_json))
}
