//! `release.toml`: what a release is made of, and where it is published.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde::Deserialize;

/// A release, declared.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Config {
    /// Folder of the release.
    pub(super) folder: PathBuf,
    pub(super) dataset: DatasetSection,
    pub(super) model: ModelSection,
    pub(super) evaluation: EvaluationSection,
    pub(super) demo: DemoSection,
    pub(super) efficiency: EfficiencySection,
    pub(super) publish: PublishSection,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DatasetSection {
    /// Specification.
    pub(super) spec: PathBuf,
    /// Folder of what it is made of.
    pub(super) inputs: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelSection {
    pub(super) folder: PathBuf,
    /// Folder of the packaged run, if there is one.
    pub(super) training_run: Option<PathBuf>,
    /// The encoder's checkpoint, when the model directory does not hold it.
    pub(super) encoder: Option<PathBuf>,
    /// What people say of it.
    pub(super) metadata: PathBuf,
}

/// Paths inside the data set.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EvaluationSection {
    pub(super) vcf: PathBuf,
    pub(super) labels: PathBuf,
    pub(super) fasta: PathBuf,
    /// What percentiles are made of, of which nothing may be evaluated.
    pub(super) background: Option<PathBuf>,
    pub(super) split: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DemoSection {
    pub(super) vcf: PathBuf,
    pub(super) fasta: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EfficiencySection {
    pub(super) samples: u32,
    pub(super) warmup: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PublishSection {
    pub(super) repo_id: String,
    pub(super) dataset_url: String,
    pub(super) demo_url: String,
}

impl Config {
    /// Reads a release.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let at = || format!("`{}`", path.display());
        let text = fs::read_to_string(path).with_context(|| format!("no {}", at()))?;
        toml::from_str(&text).with_context(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_experiment_is_a_release() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../configs/first_experiment/release.toml");
        let config = Config::read(&path).unwrap();
        assert_eq!(config.efficiency.samples, 5);
        let text = fs::read_to_string(&path).unwrap();
        let misspelled = text.replace("samples", "sample");
        let error = toml::from_str::<Config>(&misspelled)
            .unwrap_err()
            .to_string();
        assert!(error.contains("unknown field `sample`"), "{error}");
    }
}
