//! The document of an evaluation, schema 1.0.0 of the Python package, with verdicts and strata.

mod comparison;
mod gate;
mod markdown;
mod merge;
mod read;
mod row;
mod stratum;

use std::collections::BTreeMap;

use geno_provenance::{ArtifactPath, Json, Label, indented_json};

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
pub enum DocumentProducer {
    /// `geno-lewm eval`, and `geno-lewm rollout`.
    Eval,
    /// `geno-lewm eval-all`.
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
pub struct MetricsDocument {
    /// Who made it.
    pub generated_by: DocumentProducer,
    /// When, as ISO 8601 in UTC.
    pub generated_at: Label,
    /// What was evaluated.
    pub identity: ReportIdentity,
    /// The metrics, at least one.
    pub metrics: Vec<MetricRow>,
    /// Each metric against each baseline.
    pub comparisons: Vec<Comparison>,
    /// The primary metric of each split by classes of variants.
    pub strata: Vec<StratumRow>,
    /// Of each split, what of labels and scores met.
    pub coverage: BTreeMap<Label, Coverage>,
    /// Rows of rollouts by number of edits, as they were read.
    pub rollout_strata: Vec<Json>,
    /// Files that the metrics stand on.
    pub artifacts: BTreeMap<Label, ArtifactPath>,
    /// What the metrics do not say.
    pub limitations: Vec<Label>,
    /// What speaks against the model.
    pub negative_findings: Vec<Label>,
    /// What the metrics say, each of them named.
    pub conclusions: Vec<Label>,
}

impl DocumentProducer {
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
