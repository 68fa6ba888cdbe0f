//! Scores against labels and baselines: metrics, comparisons, strata, and what follows from them.

mod binary;
mod findings;
mod measured;
mod ranks;
mod strata;

use std::collections::BTreeMap;

use geno_core::{Coded, Digest, ErrorCode};
use geno_provenance::{Label, PublicPath, Timestamp};

use crate::{
    binary::BinaryMetrics,
    bootstrap::{BinaryIntervals, Bootstrap, Ends},
    document::{Comparison, DocumentProducer, MetricRow, MetricsDocument, StratumRow},
    join::{Coverage, Join, Labels},
    label_rule::LabelRule,
    labelled::LabelledScoresError,
    metric_kind::MetricKind,
    report::ReportIdentity,
    spearman::PairedError,
};

/// How an evaluation is done.
#[derive(Clone, Debug, PartialEq)]
pub struct EvaluationOptions {
    /// Name of the set of variants.
    pub split: Label,
    /// How intervals are drawn.
    pub bootstrap: Bootstrap,
    /// The metric that verdicts go by: unless said otherwise the area under the receiver operating
    /// characteristic of classes, and the rank correlation of numbers.
    pub primary: Option<MetricKind>,
    /// What equal scores do to average precision.
    pub ties: TieRule,
}

/// What equal scores do to average precision.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum TieRule {
    /// They count together, so that the order of variants plays no part.
    #[default]
    Together,
    /// They count one by one, in the order of the variants, as in the Python package.
    InOrder,
}

/// What scores are worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// Name of the set of variants.
    pub split: Label,
    /// The metrics, against the first baseline.
    pub metrics: Vec<MetricRow>,
    /// Each metric against each baseline.
    pub comparisons: Vec<Comparison>,
    /// The primary metric by classes of variants.
    pub strata: Vec<StratumRow>,
    /// What of labels and scores met.
    pub coverage: Coverage,
    /// The variants: see [`Join::variants_digest`].
    pub variants: Digest,
    /// What single scores gave.
    pub summary: Summary,
    /// What the metrics do not say.
    pub limitations: Vec<Label>,
    /// What speaks against the scores.
    pub negative_findings: Vec<Label>,
    /// What the metrics say.
    pub conclusions: Vec<Label>,
}

/// What the scores gave by themselves.
#[derive(Clone, Debug, PartialEq)]
pub enum Summary {
    /// Of classes.
    Classes {
        /// Positive variants.
        n_positive: u64,
        /// Negative variants.
        n_negative: u64,
        /// The metrics; those that need a threshold mean nothing without.
        metrics: BinaryMetrics,
        /// Their intervals.
        intervals: Option<BinaryIntervals>,
        /// The threshold.
        threshold: Option<f64>,
    },
    /// Of numbers.
    Values {
        /// The rank correlation.
        rho: f64,
        /// Its interval.
        interval: Option<Ends>,
    },
}

/// Why scores cannot be evaluated.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluateError {
    /// All variants that are evaluated have one label.
    #[error("the evaluated variants do not have both labels")]
    Labels(#[from] LabelledScoresError),
    /// Scores have no rank correlation with the labels.
    #[error("scores of `{scores}` cannot be compared to the labels by rank")]
    Ranks {
        /// Whose scores.
        scores: Label,
        /// Why not.
        source: PairedError,
    },
    /// The primary metric is one of classes, and labels are other numbers than 0 and 1.
    #[error("`{metric}` needs labels of 0 and 1")]
    NotClasses {
        /// The metric.
        metric: MetricKind,
    },
    /// The primary metric cannot be computed.
    #[error("`{metric}` cannot be computed: {}", what_it_needs(*metric))]
    NoPrimary {
        /// The metric.
        metric: MetricKind,
    },
}

fn what_it_needs(metric: MetricKind) -> &'static str {
    match metric {
        MetricKind::MatchedAuroc => "no consequence is known that has both labels",
        MetricKind::PrecisionByChromosome => "no two chromosomes have both labels each",
        MetricKind::BalancedAccuracy | MetricKind::Accuracy => "there is no threshold",
        MetricKind::SpearmanRho => "labels are classes",
        MetricKind::Auroc | MetricKind::AveragePrecision => "labels are numbers",
    }
}

impl Coded for EvaluateError {
    fn code(&self) -> ErrorCode {
        ErrorCode::EvalDataset
    }
}

impl Evaluation {
    /// Evaluates the first scores of a join, and compares them to the others.
    ///
    /// # Errors
    ///
    /// [`EvaluateError`].
    pub fn of(
        join: &Join,
        rule: &LabelRule,
        options: &EvaluationOptions,
    ) -> Result<Self, EvaluateError> {
        let (mut measured, summary) = match &join.labels {
            Labels::Classes(classes) => binary::measure(join, classes, rule, options)?,
            Labels::Values(values) => ranks::measure(join, values, rule, options)?,
        };
        let usual = match &join.labels {
            Labels::Classes(_) => MetricKind::Auroc,
            Labels::Values(_) => MetricKind::SpearmanRho,
        };
        let primary = options.primary.unwrap_or(usual);
        if measured.iter().all(|one| one.kind != primary) {
            // Ranks are asked for where a benchmark's own metric is one of classes.
            if let (Labels::Values(_), true) = (&join.labels, primary != MetricKind::SpearmanRho) {
                let classes = join.labels.classes();
                let classes = classes.ok_or(EvaluateError::NotClasses { metric: primary })?;
                let (all, _) = binary::measure(join, &classes, rule, options)?;
                measured.extend(all.into_iter().filter(|one| one.kind == primary));
            }
        }
        if measured.iter().all(|one| one.kind != primary) {
            return Err(EvaluateError::NoPrimary { metric: primary });
        }
        let variants = join.variants_digest();
        let metrics: Vec<MetricRow> = measured
            .iter()
            .map(|one| one.row(join, options, variants))
            .collect();
        let comparisons: Vec<Comparison> = measured
            .iter()
            .flat_map(|one| one.comparisons(join, options, primary))
            .collect();
        let strata = strata::measure(join, primary, options);
        let mut evaluation = Self {
            split: options.split.clone(),
            metrics,
            comparisons,
            strata,
            coverage: join.coverage.clone(),
            variants,
            summary,
            limitations: Vec::new(),
            negative_findings: Vec::new(),
            conclusions: Vec::new(),
        };
        evaluation.limitations = findings::limitations(&evaluation, join, options);
        evaluation.negative_findings = findings::negative(&evaluation, &measured);
        evaluation.conclusions = findings::conclusions(&evaluation);
        Ok(evaluation)
    }

    /// The document of the evaluation alone.
    pub fn document(
        self,
        generated_at: Timestamp,
        identity: ReportIdentity,
        artifacts: BTreeMap<Label, PublicPath>,
    ) -> MetricsDocument {
        let mut limitations = self.limitations;
        limitations.extend(identity.limitation().map(sentence));
        MetricsDocument {
            generated_by: DocumentProducer::Eval,
            generated_at: sentence(generated_at.to_string()),
            identity,
            metrics: self.metrics,
            comparisons: self.comparisons,
            strata: self.strata,
            coverage: [(self.split, self.coverage)].into(),
            rollout_strata: Vec::new(),
            artifacts,
            limitations,
            negative_findings: self.negative_findings,
            conclusions: self.conclusions,
        }
    }
}

/// A text of this module as a label.
///
/// # Panics
///
/// For a text that is empty or holds a control character: what texts are made of holds none.
fn sentence(text: String) -> Label {
    Label::new(text).expect("a sentence of labels and numbers")
}
