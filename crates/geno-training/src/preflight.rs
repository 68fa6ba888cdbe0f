//! Whether a training run can start: its data, encoder, configuration, device and memory.
//!
//! Nothing is computed and nothing is trained. Everything that is wrong is found at once, as issues
//! with the codes of the Python package where it has one.

mod accelerator;
mod carbon;
mod config;
mod dataset;
mod dependencies;
mod issue;
mod memory;
mod report;

use std::path::Path;

use geno_provenance::Timestamp;
use geno_runtime::BackendProbe;

use self::{
    accelerator::Accelerator, carbon::Carbon, config::ConfigSection, dataset::Dataset,
    dependencies::dependencies, issue::Issues, memory::Memory,
};
pub use self::{
    issue::{Issue, Severity},
    report::PreflightReport,
};
use crate::public_path::public_path;

/// What is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Preflight<'a> {
    /// Folder of a dataset package.
    pub dataset_dir: &'a Path,
    /// Folder of the encoder's checkpoint.
    pub encoder_dir: &'a Path,
    /// The configuration, a YAML file.
    pub training_config: &'a Path,
    /// Folder of the run.
    pub run_dir: &'a Path,
    /// Whether a dataset made for tests will do.
    pub allow_fixture_dataset: bool,
    /// Whether the run needs a GPU.
    pub require_accelerator: bool,
    /// Whether what the run computes on must be part of this program, and answer.
    pub require_native_runtime: bool,
    /// Memory that the GPU must have, in bytes.
    pub min_device_bytes: Option<u64>,
    /// What this program can compute on.
    pub backends: &'a [BackendProbe],
    /// Memory that is free for a new program, in bytes, if it is known.
    pub available_bytes: Option<u64>,
    /// When this is looked at.
    pub time: Timestamp,
}

impl Preflight<'_> {
    /// Looks at everything.
    pub fn run(&self) -> PreflightReport {
        let mut issues = Issues::default();
        let dataset = Dataset::inspect(self.dataset_dir, self.allow_fixture_dataset, &mut issues);
        let carbon = Carbon::inspect(self.encoder_dir, &mut issues);
        let config = ConfigSection::inspect(self.training_config, &mut issues);
        let accelerator = Accelerator::inspect(self, config.device(), &mut issues);
        let dependencies = dependencies(self, config.device(), &mut issues);
        carbon.check_width(&config, &mut issues);
        let memory = config.config.as_ref().zip(carbon.inspection.as_ref());
        let memory =
            memory.map(|(config, encoder)| Memory::inspect(self, config, encoder, &mut issues));
        PreflightReport {
            time: self.time,
            run_dir: public_path(self.run_dir),
            run_dir_exists: self.run_dir.is_dir(),
            dataset,
            carbon,
            config,
            accelerator,
            dependencies,
            memory,
            issues: issues.into_vec(),
        }
    }
}
