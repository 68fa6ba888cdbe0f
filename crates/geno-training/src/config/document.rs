//! A configuration file as it is written, before it is checked.

use geno_runtime::ModelConfig;
use serde::{Deserialize, Deserializer, de::IgnoredAny};

use super::{
    DataSection, DeviceName, OptimizerSection, PublishedPhase, TrainingConfig, TrainingConfigError,
    TrainingSection,
};
use crate::Schedule;

/// All top-level keys; those of the model are [`ModelConfig`]'s to read.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Document {
    run_id: String,
    seed: u64,
    phase: PublishedPhase,
    deterministic: bool,
    #[serde(deserialize_with = "or_default")]
    training: TrainingSection,
    #[serde(deserialize_with = "or_default")]
    optimizer: Optimizer,
    #[serde(deserialize_with = "or_default")]
    data: DataSection,
    #[serde(deserialize_with = "or_default")]
    runtime: Runtime,
    #[serde(rename = "eval", deserialize_with = "or_default")]
    _eval: Eval,
    #[serde(rename = "observability", deserialize_with = "or_default")]
    _observability: Observability,
    #[serde(rename = "schema_version")]
    _schema_version: IgnoredAny,
    #[serde(rename = "encoder")]
    _encoder: IgnoredAny,
    #[serde(rename = "predictor")]
    _predictor: IgnoredAny,
    #[serde(rename = "action")]
    _action: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Optimizer {
    name: OptimizerName,
    lr: f64,
    beta1: f64,
    beta2: f64,
    weight_decay: f64,
    grad_clip: f64,
    warmup_steps: u64,
    schedule: Schedule,
}

#[derive(Default, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum OptimizerName {
    #[default]
    Adamw,
    SgdMomentum,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Runtime {
    device: DeviceName,
    #[serde(rename = "backend")]
    _backend: IgnoredAny,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Eval {
    #[serde(rename = "benchmarks")]
    _benchmarks: Vec<String>,
    #[serde(rename = "smoke_variants")]
    _smoke_variants: u64,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Observability {
    #[serde(rename = "log_level")]
    _log_level: IgnoredAny,
    #[serde(rename = "redaction_strict")]
    _redaction_strict: bool,
    #[serde(rename = "wandb_project")]
    _wandb_project: Option<String>,
}

/// A section whose every line is a comment is one that is not there.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl Default for Document {
    fn default() -> Self {
        Self {
            run_id: "default".to_owned(),
            seed: 0,
            phase: PublishedPhase::default(),
            deterministic: false,
            training: TrainingSection::default(),
            optimizer: Optimizer::default(),
            data: DataSection::default(),
            runtime: Runtime::default(),
            _eval: Eval::default(),
            _observability: Observability::default(),
            _schema_version: IgnoredAny,
            _encoder: IgnoredAny,
            _predictor: IgnoredAny,
            _action: IgnoredAny,
        }
    }
}

impl Default for Optimizer {
    fn default() -> Self {
        Self {
            name: OptimizerName::default(),
            lr: 3e-4,
            beta1: 0.9,
            beta2: 0.95,
            weight_decay: 0.1,
            grad_clip: 1.0,
            warmup_steps: 1000,
            schedule: Schedule::default(),
        }
    }
}

impl Document {
    pub(super) fn into_config(
        self,
        model: ModelConfig,
    ) -> Result<TrainingConfig, TrainingConfigError> {
        let Self {
            training,
            optimizer,
            data,
            ..
        } = self;
        at_least_one("training.max_steps", training.max_steps)?;
        let every = training.collapse_log_every_steps;
        at_least_one("training.collapse_log_every_steps", every)?;
        at_least_one("data.batch_size", data.batch_size as u64)?;
        if optimizer.name == OptimizerName::SgdMomentum {
            return Err(TrainingConfigError::Momentum);
        }
        Ok(TrainingConfig {
            run_id: self.run_id,
            seed: self.seed,
            phase: self.phase,
            deterministic: self.deterministic,
            model,
            training,
            optimizer: optimizer.checked()?,
            data,
            device: self.runtime.device,
        })
    }
}

impl Optimizer {
    fn checked(self) -> Result<OptimizerSection, TrainingConfigError> {
        let not_negative = 0.0..f64::INFINITY;
        for (key, value, allowed, range) in [
            ("optimizer.lr", self.lr, &not_negative, "at least 0"),
            (
                "optimizer.beta1",
                self.beta1,
                &(0.0..1.0),
                "at least 0 and below 1",
            ),
            (
                "optimizer.beta2",
                self.beta2,
                &(0.0..1.0),
                "at least 0 and below 1",
            ),
            (
                "optimizer.weight_decay",
                self.weight_decay,
                &not_negative,
                "at least 0",
            ),
            (
                "optimizer.grad_clip",
                self.grad_clip,
                &not_negative,
                "at least 0",
            ),
        ] {
            if !allowed.contains(&value) {
                return Err(TrainingConfigError::Range { key, value, range });
            }
        }
        Ok(OptimizerSection {
            lr: self.lr,
            beta1: self.beta1,
            beta2: self.beta2,
            weight_decay: self.weight_decay,
            grad_clip: (self.grad_clip > 0.0).then_some(self.grad_clip),
            warmup_steps: self.warmup_steps,
            schedule: self.schedule,
        })
    }
}

fn at_least_one(key: &'static str, value: u64) -> Result<(), TrainingConfigError> {
    match value {
        0 => Err(TrainingConfigError::Range {
            key,
            value: 0.0,
            range: "at least 1",
        }),
        _ => Ok(()),
    }
}
