//! Metrics of scores against labels, by name.

use std::{fmt, str::FromStr};

use geno_core::{Coded, ErrorCode};

/// A metric; of each, higher is better.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum MetricKind {
    /// [`BinaryMetrics::auroc`](crate::BinaryMetrics::auroc).
    Auroc,
    /// [`BinaryMetrics::average_precision`](crate::BinaryMetrics::average_precision).
    AveragePrecision,
    /// [`BinaryMetrics::balanced_accuracy`](crate::BinaryMetrics::balanced_accuracy).
    BalancedAccuracy,
    /// [`BinaryMetrics::accuracy`](crate::BinaryMetrics::accuracy).
    Accuracy,
    /// [`PrecisionByChromosome`](crate::PrecisionByChromosome).
    PrecisionByChromosome,
    /// The area over pairs of one molecular consequence, as of [`Auroc`](crate::Auroc).
    MatchedAuroc,
    /// [`Spearman`](crate::Spearman).
    SpearmanRho,
}

/// A word that is no metric.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{name}` is no metric: {}", MetricKind::ALL.map(MetricKind::name).join(", "))]
pub struct UnknownMetric {
    /// The word.
    name: String,
}

impl Coded for UnknownMetric {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl MetricKind {
    /// All of them, in the order of documents.
    pub const ALL: [Self; 7] = [
        Self::Auroc,
        Self::AveragePrecision,
        Self::BalancedAccuracy,
        Self::Accuracy,
        Self::PrecisionByChromosome,
        Self::MatchedAuroc,
        Self::SpearmanRho,
    ];

    /// The name used in documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auroc => "auroc",
            Self::AveragePrecision => "average_precision",
            Self::BalancedAccuracy => "balanced_accuracy",
            Self::Accuracy => "accuracy",
            Self::PrecisionByChromosome => "average_precision_by_chromosome",
            Self::MatchedAuroc => "auroc_within_consequence",
            Self::SpearmanRho => "spearman_rho",
        }
    }

    /// What it is measured in.
    pub fn unit(self) -> &'static str {
        match self {
            Self::BalancedAccuracy | Self::Accuracy => "fraction",
            Self::SpearmanRho => "correlation",
            _ => "area",
        }
    }

    /// Whether it depends on a threshold.
    pub fn has_threshold(self) -> bool {
        matches!(self, Self::BalancedAccuracy | Self::Accuracy)
    }

    /// The value of scores that say nothing, where it does not depend on the variants.
    pub fn chance(self) -> Option<f64> {
        match self {
            Self::Auroc | Self::MatchedAuroc | Self::BalancedAccuracy => Some(0.5),
            Self::SpearmanRho => Some(0.0),
            Self::AveragePrecision | Self::Accuracy | Self::PrecisionByChromosome => None,
        }
    }
}

impl fmt::Display for MetricKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for MetricKind {
    type Err = UnknownMetric;

    fn from_str(name: &str) -> Result<Self, UnknownMetric> {
        let mut all = Self::ALL.into_iter();
        all.find(|kind| kind.name() == name)
            .ok_or_else(|| UnknownMetric {
                name: name.to_owned(),
            })
    }
}
