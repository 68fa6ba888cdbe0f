//! What a release has to have measured.

use std::fmt;

use geno_core::{Coded, ErrorCode};

use super::{MetricRow, MetricsDocument};
use crate::benchmark::{GateEntry, Registry, Track};

/// A list of metrics that a release needs: those of the gates in the [`Registry`].
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

impl Gate {
    /// What the registry asks for, split by split.
    fn entries(self) -> impl Iterator<Item = (&'static str, &'static GateEntry)> {
        let (version, track) = match self {
            Self::V02Vep => ("0.2", Track::VariantEffectPrediction),
            Self::V02Rollout => ("0.2", Track::LatentRolloutFidelity),
        };
        let benchmarks = Registry::built_in().benchmarks().iter();
        benchmarks
            .filter(move |benchmark| benchmark.track == track)
            .filter_map(move |benchmark| Some((&*benchmark.split, benchmark.gate(version)?)))
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
        for (split, entry) in self.entries() {
            for metric in &entry.metrics {
                lacks.extend(lacks_of(document, split, metric, entry));
            }
        }
        match lacks.is_empty() {
            true => Ok(()),
            false => Err(GateError { gate: self, lacks }),
        }
    }
}

fn lacks_of(
    document: &MetricsDocument,
    split: &'static str,
    metric: &'static str,
    entry: &'static GateEntry,
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
    if let Some(baseline) = entry.baseline.as_deref()
        && row
            .baseline
            .as_ref()
            .is_none_or(|one| one.name.as_str() != baseline)
    {
        lacks.push(Lack::Baseline {
            split,
            metric,
            baseline,
        });
    }
    if entry.interval && row.interval.is_none() {
        lacks.push(Lack::Interval { split, metric });
    }
    lacks
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_are_those_that_releases_of_0_2_were_read_by() {
        let classes = &[
            "auroc",
            "average_precision",
            "balanced_accuracy",
            "accuracy",
        ][..];
        let ranks = &["spearman_rho"][..];
        let rollout = &["cosine_similarity_mean", "l2_distance_mean", "recall_at_k"][..];
        let carbon = Some("carbon_zero_shot");
        let expected = [
            (Gate::V02Vep, "clinvar_coding", classes, carbon, true),
            (Gate::V02Vep, "clinvar_noncoding", classes, carbon, true),
            (Gate::V02Vep, "brca2", ranks, carbon, true),
            (Gate::V02Vep, "traitgym_mendelian", ranks, carbon, true),
            (
                Gate::V02Rollout,
                "rollout_phased_haplotypes",
                rollout,
                None,
                false,
            ),
            (
                Gate::V02Rollout,
                "rollout_synthetic_edit_chains",
                rollout,
                None,
                false,
            ),
        ];
        let found = [Gate::V02Vep, Gate::V02Rollout]
            .into_iter()
            .flat_map(|gate| {
                gate.entries()
                    .map(move |(split, entry)| (gate, split, entry))
            });
        let found: Vec<_> = found.collect();
        assert_eq!(found.len(), expected.len());
        for ((gate, split, entry), expected) in found.into_iter().zip(expected) {
            let baseline = entry.baseline.as_deref();
            let read = (gate, split, &entry.metrics[..], baseline, entry.interval);
            let (g, s, metrics, b, i) = expected;
            assert_eq!((read.0, read.1, read.3, read.4), (g, s, b, i));
            assert_eq!(read.2, metrics, "{split}");
        }
    }
}
