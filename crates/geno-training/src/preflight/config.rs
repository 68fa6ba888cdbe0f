//! Whether the configuration describes a run.

use std::{collections::BTreeMap, fs, path::Path};

use geno_core::Digest;
use geno_provenance::Json;
use geno_runtime::{ReadYamlError, read_yaml};
use serde_json::Value;

use super::Issues;
use crate::{DeviceName, Schedule, TrainingConfig, TrainingConfigError, public_path::public_path};

/// The configuration, as far as it can be read.
#[derive(Clone, Debug)]
pub(super) struct ConfigSection {
    path: String,
    file: Option<(Digest, u64)>,
    document: BTreeMap<String, Value>,
    pub(super) config: Option<TrainingConfig>,
}

/// Sections whose absence is told: all defaults are seldom meant.
const EXPECTED: [&str; 6] = [
    "encoder",
    "data",
    "predictor",
    "action",
    "training",
    "optimizer",
];

impl ConfigSection {
    pub(super) fn inspect(path: &Path, issues: &mut Issues) -> Self {
        let mut section = Self {
            path: public_path(path),
            file: None,
            document: BTreeMap::new(),
            config: None,
        };
        match fs::read(path) {
            Ok(bytes) => section.read(&bytes, issues),
            Err(error) => {
                let message = format!("cannot be read: {error}");
                issues.error("training_config.missing", section.path.as_str(), message);
            }
        }
        section
    }

    fn read(&mut self, bytes: &[u8], issues: &mut Issues) {
        self.file = Some((Digest::of(bytes), bytes.len() as u64));
        let path = self.path.as_str();
        match read_yaml(bytes) {
            Ok(document) => self.document = document.unwrap_or_default(),
            Err(error @ ReadYamlError::Schema(_)) => {
                return issues.error("training_config.invalid", path, error.to_string());
            }
            Err(error) => {
                return issues.error("training_config.invalid_yaml", path, error.to_string());
            }
        }
        match TrainingConfig::from_yaml(bytes) {
            Ok(config) => self.config = Some(config),
            Err(error) => {
                return issues.error(code(&error), path, chain(&error));
            }
        }
        if let Some(config) = &self.config {
            let (steps, warmup) = (config.training.max_steps, config.optimizer.warmup_steps);
            if config.optimizer.schedule == Schedule::Wsd && steps <= warmup {
                let message = format!("{steps} steps end within a warm-up of {warmup}");
                issues.error(
                    "training_config.training.max_steps_wsd_warmup",
                    path,
                    message,
                );
            }
        }
        for name in EXPECTED {
            if !self.document.contains_key(name) {
                let code = format!("training_config.{name}.missing");
                issues.warning(code, path, format!("no section `{name}`: all its defaults"));
            }
        }
    }

    pub(super) fn device(&self) -> Option<DeviceName> {
        self.config.as_ref().map(|config| config.device)
    }

    pub(super) fn to_json(&self) -> Json {
        let (digest, size) = self.file.unzip();
        let keys = self.document.keys().map(|key| Json::from(key.as_str()));
        let resolved = self.config.as_ref().map(|_| {
            let fields = self.document.iter();
            Json::object(fields.map(|(key, value)| (key.as_str(), json(value))))
        });
        Json::object([
            ("path", Json::from(self.path.as_str())),
            ("sha256", digest.map_or(Json::Null, Json::from)),
            ("size_bytes", size.map_or(Json::Null, Json::from)),
            ("top_level_keys", Json::Array(keys.collect())),
            ("resolved", resolved.unwrap_or(Json::Null)),
        ])
    }
}

fn code(error: &TrainingConfigError) -> &'static str {
    match error {
        TrainingConfigError::Range {
            key: "training.max_steps",
            ..
        } => "training_config.training.max_steps_invalid",
        TrainingConfigError::Range {
            key: "training.collapse_log_every_steps",
            ..
        } => "training_config.training.collapse_log_every_steps_invalid",
        _ => "training_config.schema_invalid",
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}

/// A value of YAML, in which numbers are finite where the configuration was read.
fn json(value: &Value) -> Json {
    Json::parse(value.to_string().as_bytes()).unwrap_or(Json::Null)
}
