//! What a training run is to do, as a configuration file says it.

mod document;

use geno_core::{Coded, ErrorCode};
use geno_runtime::{ModelConfig, ModelConfigError, ReadYamlError};
use serde::Deserialize;

use self::document::Document;
use crate::{Course, Schedule, ScheduleError};

/// A training run: the model it makes, and how.
///
/// Files of the Python package load unchanged, and absent keys mean what they mean there. Its
/// schema is closed at every level, and beyond its types the ranges of numbers are checked.
///
/// # Examples
///
/// ```
/// use geno_training::TrainingConfig;
///
/// let yaml = b"seed: 7\ntraining: {max_steps: 200}\noptimizer: {lr: 1.0e-3, warmup_steps: 20}\n";
/// let config = TrainingConfig::from_yaml(yaml)?;
/// assert_eq!((config.seed, config.optimizer.beta2), (7, 0.95));
/// assert_eq!(config.course()?.multiplier(10), 0.5);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct TrainingConfig {
    /// Name of the run.
    pub run_id: String,
    /// Seed of everything that is drawn.
    pub seed: u64,
    /// PublishedPhase of the published training plan; recorded, and decides nothing.
    pub phase: PublishedPhase,
    /// Whether the run is to repeat; recorded, since every run does.
    pub deterministic: bool,
    /// Encoder, predictor and action encoder.
    pub model: ModelConfig,
    /// How long.
    pub training: TrainingSection,
    /// How weights move.
    pub optimizer: OptimizerSection,
    /// What a step sees.
    pub data: DataSection,
    /// `cpu`, `cuda` or `mps`.
    pub device: DeviceName,
}

/// PublishedPhase of the published training plan.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum PublishedPhase {
    /// With a frozen encoder.
    #[default]
    Phase1,
    /// With the encoder's top layers.
    Phase2,
}

/// The device that a configuration names.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum DeviceName {
    /// The processor.
    #[default]
    Cpu,
    /// An NVIDIA GPU.
    Cuda,
    /// A GPU of Apple's.
    Mps,
}

/// How long a run is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub struct TrainingSection {
    /// Steps.
    pub max_steps: u64,
    /// Steps between two looks at collapse.
    pub collapse_log_every_steps: u64,
}

/// How AdamW moves weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OptimizerSection {
    /// Learning rate that the schedule multiplies.
    pub lr: f64,
    /// Decay of the first moment.
    pub beta1: f64,
    /// Decay of the second moment.
    pub beta2: f64,
    /// Weight decay.
    pub weight_decay: f64,
    /// Largest norm of a gradient, if there is one; 0 in a file means none.
    pub grad_clip: Option<f64>,
    /// Steps until the full learning rate.
    pub warmup_steps: u64,
    /// Course of the learning rate.
    pub schedule: Schedule,
}

/// What a step sees.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub struct DataSection {
    /// Corpus of windows; recorded.
    pub corpus_id: String,
    /// Its revision; recorded.
    pub corpus_revision: String,
    /// Examples of a step.
    pub batch_size: usize,
    /// Recorded: how many threads prepare examples is up to the machine.
    pub num_workers: u64,
    /// Recorded: examples are shuffled by blocks of windows.
    pub shuffle_buffer: u64,
}

/// Why a configuration describes no training run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainingConfigError {
    /// The model it describes cannot be.
    #[error(transparent)]
    Model(#[from] ModelConfigError),
    /// An unknown key or a value of the wrong type; the source says where.
    #[error("training configuration cannot be read")]
    Yaml(#[from] ReadYamlError),
    /// A number outside its range.
    #[error("`{key}` is {value}, which must be {range}")]
    Range {
        /// The key.
        key: &'static str,
        /// What it holds.
        value: f64,
        /// What it may hold.
        range: &'static str,
    },
    /// An optimizer that there is not.
    #[error("`optimizer.name` is sgd-momentum, and only adamw is implemented")]
    Momentum,
}

impl Coded for TrainingConfigError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Model(source) => source.code(),
            _ => ErrorCode::ConfigGeneric,
        }
    }
}

impl TrainingConfig {
    /// Reads the bytes of a YAML file. An empty file means all defaults.
    ///
    /// # Errors
    ///
    /// [`TrainingConfigError`].
    pub fn from_yaml(bytes: &[u8]) -> Result<Self, TrainingConfigError> {
        let model = ModelConfig::from_yaml(bytes)?;
        let document: Document = geno_runtime::read_yaml(bytes)?.unwrap_or_default();
        document.into_config(model)
    }

    /// The course of the learning rate over the run.
    ///
    /// # Errors
    ///
    /// [`ScheduleError`] if the run ends within its warm-up.
    pub fn course(&self) -> Result<Course, ScheduleError> {
        let Self {
            training,
            optimizer,
            ..
        } = self;
        let steps = training.max_steps;
        optimizer.schedule.over(steps, optimizer.warmup_steps)
    }
}

impl Default for TrainingSection {
    fn default() -> Self {
        Self {
            max_steps: 50,
            collapse_log_every_steps: 500,
        }
    }
}

impl Default for DataSection {
    fn default() -> Self {
        Self {
            corpus_id: "HuggingFaceBio/carbon-pretraining-corpus".to_owned(),
            corpus_revision: "main@cafef00d".to_owned(),
            batch_size: 64,
            num_workers: 4,
            shuffle_buffer: 4096,
        }
    }
}

impl DeviceName {
    /// The name in a file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
            Self::Mps => "mps",
        }
    }
}
