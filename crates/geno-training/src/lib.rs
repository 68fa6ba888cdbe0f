//! Training of the trainable parts: a small encoder, the predictor and the action encoder.
//!
//! [`Pretrain`] makes an encoder of a [`DnaCorpus`] and compares it with Markov models on bases that were
//! held out ([`HeldOutReport`]). [`BuildTargets`] keeps the states that a frozen encoder makes of
//! examples, [`TrainPredictor`] trains predictor and action encoder over a [`TargetSet`] of them, and a
//! [`Summary`] says how well states are predicted that were not trained on. Either run keeps
//! [`Checkpoints`], may be killed at any moment, and ends with the bytes of one that was not.
//!
//! Around a run stand its [`TrainingConfig`], whether it can start ([`Preflight`]), its record
//! ([`RunMetadata`](geno_provenance::training_run::RunMetadata)) and the package of that
//! ([`RunPackage`](geno_provenance::training_run::RunPackage)), the model directory that it becomes
//! ([`Export`]), and that model's [`ModelCard`]. [`FixtureSmoke`] makes all files of a run that trains
//! nothing.
//!
//! With the feature `cpu`, the parts of a language model are fused for tensors in memory.

mod bootstrap;
mod card;
mod checkpoint;
mod collapse;
mod config;
mod event_log;
mod export;
mod fixture;
mod identity_difference;
mod language_model;
#[cfg(feature = "experimental")]
mod lora;
mod optimizer;
mod preflight;
mod pretrain;
mod public_path;
mod recorded_command;
mod resolved_config;
mod schedule;
mod targets;
mod trainer;
mod validation;

#[cfg(feature = "experimental")]
pub use self::lora::{Adapters, LoraError, LoraSettings, LoraSettingsError, TrainAdapted};
pub use self::{
    bootstrap::Interval,
    card::{
        CardDocument, CardError, MetricFault, MetricOutcome, ModelCard, ReportedBaseline,
        ReportedMetric,
    },
    checkpoint::{BestCheckpoint, Checkpoint, CheckpointError, Checkpoints},
    collapse::{Alert, CollapseError, CollapseMetrics, CollapseMonitor, Criterion},
    config::{
        DataSection, DeviceName, OptimizerSection, PublishedPhase, TrainingConfig,
        TrainingConfigError, TrainingSection,
    },
    event_log::{EventLog, EventLogError},
    export::{
        EncoderPlacement, Evidence, Export, ExportError, Exported, ModelNames, SourceEncoder,
        author_manifest, export,
    },
    fixture::{FixtureCheckpointError, FixtureReport, FixtureRun, FixtureSmoke, FixtureSmokeError},
    identity_difference::IdentityDifference,
    language_model::{LanguageModel, Objective},
    optimizer::{AdamW, AdamWSettings, LoadOptimizerError, is_decayed},
    preflight::{Issue, Preflight, PreflightReport, Severity},
    pretrain::{
        BatchShape, Best, BitsPerBase, DnaCorpus, DnaCorpusError, Estimate, HeldOut, HeldOutReport,
        History, MarkovModels, ModelBits, Phase, Pretrain, PretrainError, PretrainProgress,
        PretrainSettings, PretrainSettingsError, Pretrained, TokenBatches, TrainingPoint,
        ValidationPoint,
    },
    recorded_command::recorded_command,
    schedule::{Course, Schedule, ScheduleError},
    targets::{
        BuildTargets, BuildTargetsError, DrawnIdentity, EncoderDigests, Example, ExampleEdit,
        ExampleFault, ExampleKind, ExampleLineError, ExamplePlace, ExampleSource, ExampleStates,
        LeftOut, OpenTargetsError, Overlap, Separation, StatesIdentity, TargetCounts, TargetFolder,
        TargetIdentity, TargetProgress, TargetSet, TargetWindows, TargetWriter, TargetsReport,
        TokenSettings, TuplesIdentity, WriteTargetsError, disjoint,
    },
    trainer::{
        Curriculum, CurriculumStage, EditModel, EditObjective, LossPoint, OnCollapse, OtherStates,
        Outcome, PredictionLoss, Regularizer, SMALLEST_CHANGE, SkillPoint, Start, StepEvent,
        TrainError, TrainEvent, TrainHistory, TrainIdentity, TrainPredictor, TrainReport,
        TrainSettings, TrainSettingsError, ValidationEvent,
    },
    validation::{MeanChange, Metric, Strata, Summary},
};
