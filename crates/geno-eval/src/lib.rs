//! How good predictions are: scores of labelled variants ([`BinaryMetrics`], [`Spearman`]) with their
//! intervals ([`Bootstrap`], [`DeLong`]), also within classes ([`Auroc`]) and chromosomes
//! ([`PrecisionByChromosome`]), over all thresholds ([`Curves`]); probabilities ([`Reliability`]); percentiles of held-out variants
//! ([`UniformityTest`]); and rollouts, the state after all edits of a haplotype.
//!
//! Files become these through a [`Join`], which brings labels and scores of the same variants together.
//! [`Evaluation`] is what scores are worth, with a [`Verdict`] against each baseline, and
//! [`MetricsDocument`] the document of that, which [`EvaluationReport`] shows as Markdown and a [`Gate`]
//! checks for what is missing.
//!
//! A haplotype gives a [`StateRow`]: the state it starts from, the one predicted, the one encoded,
//! and how near the prediction is to its target among other targets ([`RankTargets`]).
//! [`RolloutMetrics`] adds rows up, and [`MetricsReport`] is the document of that. Rows and report
//! are those of the Python package geno-lewm 0.2.1, with `skill` beside its metrics.
//!
//! ```
//! use geno_eval::{RankTargets, RolloutMetrics, RolloutStates, StateTriple};
//! use geno_provenance::Label;
//!
//! let split = Label::new("demo")?;
//! let mut rank = RankTargets::new(2);
//! let mut metrics = RolloutMetrics::new(1);
//! for (id, predicted, target) in [("a", [1.0, 0.1], [1.0, 0.0]), ("b", [0.9, 0.0], [0.0, 1.0])] {
//!     let states = StateTriple {
//!         source: vec![0.6, 0.8],
//!         predicted: predicted.into(),
//!         target: target.into(),
//!     };
//!     let rollout = RolloutStates::new(Label::new(id)?, split.clone(), 1.try_into()?, states)?;
//!     for row in rank.add(rollout) {
//!         metrics.add(&row)?;
//!     }
//! }
//! let summary = metrics.finish();
//! // The first prediction is nearest to its own target, the second is not.
//! assert_eq!(summary[0].all.recall, 0.5);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod benchmark;
mod binary;
mod bootstrap;
mod by_chromosome;
mod curves;
mod delong;
mod document;
mod evaluation;
mod join;
mod label_rule;
mod labelled;
mod matched;
mod metric_kind;
mod number;
mod rank;
mod reliability;
mod report;
mod roc;
mod rollout;
mod spearman;
mod state_row;
mod strata;
mod ties;
mod uniformity;
mod variant_rows;
mod vector;
mod wilson;

#[cfg(feature = "json-schema")]
pub use self::{benchmark::benchmark_schema, document::metrics_schema};
pub use self::{
    benchmark::{
        Assembly, AtLeast, BaselineEntry, BaselineRecipe, Benchmark, ChainRule, Classes,
        ClinvarRegion, ClinvarRule, Column, EntryFault, Evaluating, GateEntry, LabelEntry,
        LabelKind, MappingRule, MetricMode, OpenBenchmarkError, PhasedRule, PrepareBenchmark,
        PrepareBenchmarkError, PrepareProgress, Prepared, PreparedBenchmark, Registry,
        RegistryError, Rule, RunRecord, RunRecordError, Selection, Source, SourceFormat,
        SpliceRule, StepInputs, StopRule, SurpriseRises, TableColumns, TableRule, Track,
        VariantKind,
    },
    binary::BinaryMetrics,
    bootstrap::{BinaryIntervals, Bootstrap, Ends, OtherVariants},
    by_chromosome::PrecisionByChromosome,
    curves::{CurveBands, Curves},
    delong::{DeLong, DeLongDifference},
    document::{
        BaselineValue, Comparison, DocumentProducer, EvaluationReport, Gate, GateError, Lack,
        MergeError, MetricRow, MetricsDocument, NamedDocument, ReadDocumentError, RowError,
        StratumRow, Verdict,
    },
    evaluation::{EvaluateError, Evaluation, EvaluationOptions, Summary, TieRule},
    join::{
        Baseline, BuiltIn, Coverage, EvaluatedVariant, Join, JoinError, JoinFiles, Labels,
        OpenJoin, ScoreColumn, ScoreSource, UnknownBaseline, Unmatched,
    },
    label_rule::{ClassRule, LabelRule},
    labelled::{LabelledScores, LabelledScoresError},
    metric_kind::{MetricKind, UnknownMetric},
    rank::{RankTargets, TooFewTargetsError},
    reliability::{Reliability, ReliabilityBin},
    report::{MetricsReport, ReportIdentity},
    roc::{Auroc, ScoredGroups},
    rollout::{
        AddRowError, ReadRowsError, RolloutMetrics, RolloutScores, SplitSummary, aggregate_rows,
    },
    spearman::{Paired, PairedError, Spearman},
    state_row::{
        ROLLOUT_STATES_PRODUCER, RolloutStates, StateField, StateRow, StateRowError, StateTriple,
        StatesError,
    },
    strata::{Strata, StratumKind},
    uniformity::UniformityTest,
    variant_rows::{Number, ReadVariantsError, RowFault, RowPlace, Value, VariantRow, VariantRows},
    vector::{cosine, l2},
    wilson::wilson_interval,
};
