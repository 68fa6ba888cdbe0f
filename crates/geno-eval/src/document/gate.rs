//! What a release has to have measured.

use std::fmt;

use geno_core::{Coded, ErrorCode};

use super::{MetricRow, MetricsDocument};

/// A list of metrics that a release needs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Gate {
    /// Effects of variants, of version 0.2: ClinVar in and out of coding sequence, BRCA2 and TraitGym,
    /// against the likelihoods of Carbon, with intervals.
    V02Vep,
    /// Rollouts, of version 0.2: phased haplotypes and synthetic chains.
    V02Rollout,
}

/// A document lacks what a gate asks for.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the metrics of {gate} are not complete: {}", list(lacks))]
pub struct GateError {
    /// The gate.
    pub gate: Gate,
    /// What is missing, at least one thing.
    pub lacks: Vec<Lack>,
}

/// Something that a document lacks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Lack {
    /// A field of its identity.
    Identity(&'static str),
    /// A file that the metrics stand on.
    Artifact(&'static str),
    /// A metric of a split.
    Metric {
        /// The split.
        split: &'static str,
        /// The metric.
        metric: &'static str,
    },
    /// A metric of a split has no baseline of the name.
    Baseline {
        /// The split.
        split: &'static str,
        /// The metric.
        metric: &'static str,
        /// The name.
        baseline: &'static str,
    },
    /// A metric of a split has no interval.
    Interval {
        /// The split.
        split: &'static str,
        /// The metric.
        metric: &'static str,
    },
}

/// Files that every document of a release names.
const ARTIFACTS: [&str; 5] = [
    "checkpoint",
    "config",
    "dataset_manifest",
    "eval_config",
    "efficiency_report",
];

const CLASSES: &[&str] = &[
    "auroc",
    "average_precision",
    "balanced_accuracy",
    "accuracy",
];
const RANKS: &[&str] = &["spearman_rho"];
const ROLLOUT: &[&str] = &["cosine_similarity_mean", "l2_distance_mean", "recall_at_k"];

/// The baseline of [`Gate::V02Vep`].
const CARBON: &str = "carbon_zero_shot";

impl Gate {
    /// Splits with the metrics that each needs.
    fn splits(self) -> &'static [(&'static str, &'static [&'static str])] {
        match self {
            Self::V02Vep => &[
                ("clinvar_coding", CLASSES),
                ("clinvar_noncoding", CLASSES),
                ("brca2", RANKS),
                ("traitgym_mendelian", RANKS),
            ],
            Self::V02Rollout => &[
                ("rollout_phased_haplotypes", ROLLOUT),
                ("rollout_synthetic_edit_chains", ROLLOUT),
            ],
        }
    }

    /// Checks a document. Its identity and files have to be named too.
    ///
    /// # Errors
    ///
    /// [`GateError`] with everything that is missing.
    pub fn check(self, document: &MetricsDocument) -> Result<(), GateError> {
        let mut lacks: Vec<Lack> = Vec::new();
        lacks.extend(document.identity.missing().into_iter().map(Lack::Identity));
        let is_missing = |name: &&str| document.artifacts.keys().all(|key| key.as_str() != *name);
        lacks.extend(ARTIFACTS.into_iter().filter(is_missing).map(Lack::Artifact));
        for &(split, metrics) in self.splits() {
            for metric in metrics {
                lacks.extend(self.lacks_of(document, split, metric));
            }
        }
        match lacks.is_empty() {
            true => Ok(()),
            false => Err(GateError { gate: self, lacks }),
        }
    }

    fn lacks_of(
        self,
        document: &MetricsDocument,
        split: &'static str,
        metric: &'static str,
    ) -> Vec<Lack> {
        // A name may begin with its split.
        let is_it = |row: &&MetricRow| {
            let name = row.name.strip_prefix(&format!("{split}_"));
            row.split.as_str() == split && name.unwrap_or(&row.name) == metric
        };
        let Some(row) = document.metrics.iter().find(is_it) else {
            return vec![Lack::Metric { split, metric }];
        };
        let mut lacks = Vec::new();
        if self == Self::V02Vep {
            let baseline = row.baseline.as_ref();
            if baseline.is_none_or(|baseline| baseline.name.as_str() != CARBON) {
                let baseline = CARBON;
                lacks.push(Lack::Baseline {
                    split,
                    metric,
                    baseline,
                });
            }
            if row.interval.is_none() {
                lacks.push(Lack::Interval { split, metric });
            }
        }
        lacks
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V02Vep => "v0.2 variant effects",
            Self::V02Rollout => "v0.2 rollouts",
        })
    }
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identity(field) => write!(f, "no `{field}`"),
            Self::Artifact(key) => write!(f, "no artifact `{key}`"),
            Self::Metric { split, metric } => write!(f, "no `{metric}` on {split}"),
            Self::Baseline {
                split,
                metric,
                baseline,
            } => write!(f, "`{metric}` on {split} without baseline `{baseline}`"),
            Self::Interval { split, metric } => {
                write!(f, "`{metric}` on {split} without interval")
            }
        }
    }
}

fn list(lacks: &[Lack]) -> String {
    let lacks: Vec<String> = lacks.iter().map(ToString::to_string).collect();
    lacks.join(", ")
}

impl Coded for GateError {
    fn code(&self) -> ErrorCode {
        ErrorCode::EvalGeneric
    }
}
