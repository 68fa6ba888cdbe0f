//! Benchmarks as data: what each is, where it comes from, how it is read and what it is measured by.

mod agreement;
mod entry;
mod prepare;
mod prepared;
mod registry;
mod rule;
mod run_record;

pub use self::{
    entry::{
        Assembly, BaselineEntry, BaselineRecipe, Benchmark, Column, Evaluating, GateEntry,
        LabelEntry, LabelKind, MetricMode, Source, SourceFormat, SurpriseRises, Track,
    },
    prepare::{PrepareBenchmark, PrepareBenchmarkError, PrepareProgress, Prepared, Selection},
    prepared::{OpenBenchmarkError, PreparedBenchmark},
    registry::{EntryFault, Registry, RegistryError},
    rule::{
        AtLeast, ChainRule, Classes, ClinvarRegion, ClinvarRule, MappingRule, PhasedRule, Rule,
        SpliceRule, StopRule, TableColumns, TableRule, VariantKind,
    },
    run_record::{RunRecord, RunRecordError, StepInputs},
};

#[cfg(feature = "json-schema")]
pub use self::registry::benchmark_schema;
