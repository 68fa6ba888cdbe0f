//! From a VCF to verified scores: model directories, backends and the pipeline between files.
//!
//! [`ModelDir`] is a folder whose every file is checked against a manifest, [`Runtime`] is the
//! model it holds, ready to score single variants and whole VCFs.
//!
//! ```no_run
//! use std::path::Path;
//!
//! use geno_action::EditSpec;
//! use geno_core::Window;
//! use geno_runtime::{Annotations, BackendChoice, EncoderSource, ModelDir, Runtime};
//!
//! let model = ModelDir::open(Path::new("demo/model"), &EncoderSource::default())?;
//! let runtime = Runtime::load(&model, BackendChoice::Auto)?;
//!
//! let window = Window::new(0, b"ACGT".repeat(3_072))?;
//! let edit = EditSpec::new("20", 6_145, "A", "G")?;
//! let scored = runtime.score_variant(&edit, window, Annotations::default())?;
//! println!("{}", scored.score.sigma_calibrated);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod annotated;
mod annotations;
mod backend;
#[cfg(feature = "cache")]
mod build_cache;
mod calibrate;
mod calibration_table;
mod carbon_baseline;
mod checkpoint;
mod components;

mod config;
mod context_sources;
mod disjoint;
mod encoder_files;
mod envelope;
mod found;
mod frozen_encoder;
mod given_states;
mod identity;
mod input_files;
mod layout;
mod likelihood;
mod lineage;
mod mapped_encoder;
mod memory_budget;
mod model_dir;
mod model_files;
mod number_column;
mod outputs;
mod partial;
mod pipeline;
mod receipts;
mod rerun;
mod roll;
mod row_sink;
mod rows;
mod run_log;
mod run_vcf;
mod runtime;
mod score_vcf;
mod signal;
mod signal_tables;
mod spooled_row;
mod state_file;
mod windows_per_variant;
mod yaml;

#[cfg(feature = "cache")]
pub use self::build_cache::{BuildCache, BuildCacheError, CacheBuilt, CacheProgress, state_recipe};
pub use self::{
    annotations::{Annotations, SurroundingsMismatch},
    backend::{Backend, BackendChoice, BackendError, BackendProbe},
    calibrate::{Calibrate, CalibrateError, Calibration, GcBinning},
    calibration_table::{CalibrationFiles, CalibrationSource, CalibrationTableUseError},
    carbon_baseline::{
        BaselineFormat, BaselineSummary, CarbonBaseline, CarbonBaselineError, CarbonModel,
        CarbonOptions, LikelihoodCacheError, Recipe, RecipeError, UnknownBaselineFormat,
    },
    checkpoint::{
        BindError, CheckpointError, ConvertTo, Derivation, DerivedEncoder, EncoderInspection,
        InspectedFile, InspectedGroup, Int8Refusal, MAX_STATE_ERROR, MEASURED_WINDOWS,
        MeasureError, MeasureFault, MeasuredError, MeasuredSettings, OtherEncoderError, ScoreError,
        StateError, UnknownConversion, convert_measured, derive_encoder, inspect_encoder,
    },
    components::LoadModelError,
    config::{
        ActionKind, ActionSection, EncoderSection, ModelConfig, ModelConfigError, PredictorKind,
        PredictorSection,
    },
    context_sources::{ContextError, ContextSources},
    disjoint::{Disjoint, DisjointError, LabelSet, SharedVariants},
    encoder_files::EncoderSource,
    envelope::{EnvelopeError, EnvelopeRequest, RunState, registered_pipeline},
    frozen_encoder::FrozenEncoder,
    given_states::{GivenStates, GivenStatesError, MAX_GIVEN_STATES_LEN},
    identity::ModelIdentity,
    input_files::InputFiles,
    layout::LayoutError,
    likelihood::{
        EditLikelihood, LikelihoodDelta, LikelihoodLevel, Phases, SiteLikelihoods, Strands,
    },
    lineage::{Lineage, LineageStep},
    mapped_encoder::MappedEncoder,
    memory_budget::MemoryBudget,
    model_dir::{CompleteError, ENCODER_CONFIG_KEYS, MissingPart, ModelDir, ModelDirError},
    model_files::ModelFiles,
    number_column::{NumberColumn, NumberValue},
    partial::{PartialError, Unfinished},
    receipts::ReceiptError,
    rerun::{
        Comparison, RerunError, RerunMismatch, RerunSummary, RerunVcf, Tolerance, compare_receipts,
    },
    roll::{PlaceEditsError, RollError, RollOptions, RollProgress, RolledRow, RolledStates},
    row_sink::WriteRowsError,
    rows::{COLUMNS, ExtraColumns, RowFormat, ScoreRow, UnknownFormat},
    run_vcf::{Completion, Progress, RunVcfError},
    runtime::{
        Arithmetic, LoadOptions, Part, Parts, PlanEvaluator, PlanPrediction, Runtime, RuntimeError,
        Scored, Unedited, UnusableState,
    },
    score_vcf::{ReceiptFiles, ScoreSummary, ScoreVcf, ScoreVcfError},
    signal::{Signal, SignalLikelihood, SignalValue, Signals},
    signal_tables::{SignalTableError, SignalTables, TableOf},
    state_file::{StateFile, StateFileError, StateFormat, StateRecord},
    windows_per_variant::{WindowSpread, WindowsPerVariant},
    yaml::{ReadYamlError, read_yaml},
};
