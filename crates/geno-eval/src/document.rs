//! The document of an evaluation, schema 1.0.0 of the Python package, with verdicts and strata.

mod comparison;
mod gate;
mod markdown;
mod merge;
mod read;
mod row;
#[cfg(feature = "json-schema")]
mod schema;
mod stratum;

use std::collections::BTreeMap;

use geno_provenance::{Json, Label, PublicPath, indented_json};

pub use self::{
    comparison::{Comparison, Verdict},
    gate::{Gate, GateError, Lack},
    markdown::EvaluationReport,
    merge::{MergeError, NamedDocument},
    read::ReadDocumentError,
    row::{BaselineValue, MetricRow, RowError},
    stratum::StratumRow,
};
use crate::{
    join::Coverage,
    report::{ReportIdentity, SCHEMA_VERSION, texts},
};

/// Who made a document.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub enum DocumentProducer {
    /// `geno-lewm eval`, and `geno-lewm rollout`.
    #[cfg_attr(feature = "json-schema", schemars(rename = "geno-lewm-eval"))]
    Eval,
    /// `geno-lewm eval-all`.
    #[cfg_attr(feature = "json-schema", schemars(rename = "geno-lewm-eval-all"))]
    EvalAll,
}

/// Metrics of one evaluation or several, and what follows from them.
///
/// Readers of the Python package accept it: `comparisons`, `strata` and `coverage`, which they do not
/// know, stand beside what they do. What is not known of the model and the data is left out, and said
/// among the limitations; those readers refuse a document without it.
///
/// ```
/// use geno_eval::MetricsDocument;
///
/// let error = MetricsDocument::parse(br#"{"schema_version": "1.0.0", "generated_by": "me"}"#);
/// assert!(error.is_err());
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "json-schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields, transform = schema::complete_document, description = "Metrics of one evaluation or several, and what follows from them.")
)]
pub struct MetricsDocument {
    /// Who made it.
    pub generated_by: DocumentProducer,
    /// When, as ISO 8601 in UTC.
    pub generated_at: Label,
    /// What was evaluated.
    #[cfg_attr(feature = "json-schema", schemars(skip))]
    pub identity: ReportIdentity,
    /// The metrics, at least one.
    #[cfg_attr(feature = "json-schema", schemars(extend("minItems" = 1)))]
    pub metrics: Vec<MetricRow>,
    /// Each metric against each baseline.
    #[cfg_attr(feature = "json-schema", schemars(default))]
    pub comparisons: Vec<Comparison>,
    /// The primary metric of each split by classes of variants.
    #[cfg_attr(feature = "json-schema", schemars(default))]
    pub strata: Vec<StratumRow>,
    /// Of each split, what of labels and scores met.
    #[cfg_attr(feature = "json-schema", schemars(default))]
    pub coverage: BTreeMap<Label, Coverage>,
    /// Rows of rollouts by number of edits, as they were read.
    #[cfg_attr(
        feature = "json-schema",
        schemars(rename = "rollout_stratification", default)
    )]
    pub rollout_strata: Vec<Json>,
    /// Files that the metrics stand on.
    pub artifacts: BTreeMap<Label, PublicPath>,
    /// What the metrics do not say.
    #[cfg_attr(feature = "json-schema", schemars(extend("minItems" = 1)))]
    pub limitations: Vec<Label>,
    /// What speaks against the model.
    #[cfg_attr(feature = "json-schema", schemars(extend("minItems" = 1)))]
    pub negative_findings: Vec<Label>,
    /// What the metrics say, each of them named.
    #[cfg_attr(feature = "json-schema", schemars(extend("minItems" = 1)))]
    pub conclusions: Vec<Label>,
}

/// The JSON Schema (draft 2020-12) of a [`MetricsDocument`].
///
/// What no schema can say stays with the reader: that the ends of an interval are in order, that a verdict
/// is what its interval says, that a metric and its baseline are of the same variants, and that no metric of a split
/// comes twice.
#[cfg(feature = "json-schema")]
pub fn metrics_schema() -> serde_json::Value {
    schemars::SchemaGenerator::default()
        .into_root_schema_for::<MetricsDocument>()
        .into()
}

impl DocumentProducer {
    const ALL: [Self; 2] = [Self::Eval, Self::EvalAll];

    /// The producer of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }

    /// The name used in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Eval => "geno-lewm-eval",
            Self::EvalAll => "geno-lewm-eval-all",
        }
    }
}

impl MetricsDocument {
    /// The document, indented, with its final newline.
    pub fn to_json(&self) -> String {
        let list = |items: Vec<Json>| Json::Array(items);
        let artifacts = self.artifacts.iter();
        let artifacts = artifacts.map(|(key, path)| (key.as_str(), path.as_str().into()));
        let coverage = self.coverage.iter();
        let coverage = coverage.map(|(split, coverage)| (split.as_str(), coverage.to_json()));
        let labels = |labels: &[Label]| texts(labels.iter().map(ToString::to_string));
        let fixed = [
            ("schema_version", SCHEMA_VERSION.into()),
            ("generated_by", self.generated_by.as_str().into()),
            ("generated_at", Json::from(&self.generated_at)),
            (
                "metrics",
                list(self.metrics.iter().map(MetricRow::to_json).collect()),
            ),
            ("artifacts", Json::object(artifacts)),
            ("limitations", labels(&self.limitations)),
            ("negative_findings", labels(&self.negative_findings)),
            ("conclusions", labels(&self.conclusions)),
        ];
        let comparisons = self.comparisons.iter().map(Comparison::to_json).collect();
        let strata = self.strata.iter().map(StratumRow::to_json).collect();
        let own = [
            (
                "comparisons",
                list(comparisons),
                self.comparisons.is_empty(),
            ),
            ("strata", list(strata), self.strata.is_empty()),
            ("coverage", Json::object(coverage), self.coverage.is_empty()),
            (
                "rollout_stratification",
                list(self.rollout_strata.clone()),
                self.rollout_strata.is_empty(),
            ),
        ];
        let own = own.into_iter().filter(|(_, _, is_empty)| !is_empty);
        let own = own.map(|(key, value, _)| (key, value));
        let fields = fixed.into_iter().chain(own).chain(self.identity.fields());
        indented_json(&Json::object(fields)) + "\n"
    }
}
