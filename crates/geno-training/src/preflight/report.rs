//! `training_preflight_report.json`.

use geno_provenance::{Json, Timestamp, training_run::PREFLIGHT_REPORT};

use super::{
    Issue, Severity, accelerator::Accelerator, carbon::Carbon, config::ConfigSection,
    dataset::Dataset, dependencies::Dependency, memory::Memory,
};

/// What a preflight found.
#[derive(Debug)]
pub struct PreflightReport {
    pub(super) time: Timestamp,
    pub(super) run_dir: String,
    pub(super) run_dir_exists: bool,
    pub(super) dataset: Dataset,
    pub(super) carbon: Carbon,
    pub(super) config: ConfigSection,
    pub(super) accelerator: Accelerator,
    pub(super) dependencies: Vec<Dependency>,
    pub(super) memory: Option<Memory>,
    pub(super) issues: Vec<Issue>,
}

impl PreflightReport {
    /// Whether the run can start.
    pub fn is_ok(&self) -> bool {
        let mut issues = self.issues.iter();
        issues.all(|issue| issue.severity == Severity::Warning)
    }

    /// What is wrong, in the order in which it was found.
    pub fn issues(&self) -> &[Issue] {
        &self.issues
    }

    /// The report in the shape of the Python package's, with the estimate of `memory` beside it.
    pub fn to_json(&self) -> Json {
        let dependencies = self.dependencies.iter().map(Dependency::to_json);
        let run_dir = Json::object([
            ("path", Json::from(self.run_dir.as_str())),
            ("exists", self.run_dir_exists.into()),
            ("preflight_report_path", PREFLIGHT_REPORT.into()),
        ]);
        Json::object([
            ("schema_version", Json::from("1.0.0")),
            ("generated_by", "geno_lewm.training.preflight".into()),
            ("generated_at", self.time.to_string().into()),
            ("ok", self.is_ok().into()),
            ("dataset_snapshot_id", self.dataset.snapshot_id()),
            ("training_config", self.config.to_json()),
            ("run_dir", run_dir),
            ("dataset", self.dataset.to_json()),
            ("carbon", self.carbon.to_json()),
            ("accelerator", self.accelerator.to_json()),
            ("dependencies", Json::Array(dependencies.collect())),
            ("memory", self.memory.map_or(Json::Null, Memory::to_json)),
            (
                "issues",
                Json::Array(self.issues.iter().map(Issue::to_json).collect()),
            ),
        ])
    }
}
