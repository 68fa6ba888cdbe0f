//! The numbers that a run reports about itself.

use std::fmt;

/// How the values of a metric add up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MetricKind {
    /// A sum that only grows.
    Counter,
    /// The last value.
    Gauge,
    /// How many values lie below each of some bounds.
    Histogram,
}

/// Bounds of histograms of milliseconds; the last one, infinity, goes without saying.
pub const DURATION_BUCKETS_MS: [f64; 14] = [
    0.5, 1., 2., 5., 10., 25., 50., 100., 250., 500., 1000., 2500., 5000., 10_000.,
];

macro_rules! metrics {
    ($($metric:ident = $name:literal, $kind:ident, $unit:literal, $labels:expr, $help:literal;)*) => {
        /// A number that a run reports about itself, by its published name.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum Metric {
            $(#[doc = $help] $metric,)*
        }

        impl Metric {
            /// Every metric.
            pub const ALL: &[Self] = &[$(Self::$metric,)*];

            /// The name, all of which begin with `geno_lewm.`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$metric => concat!("geno_lewm.", $name),)* }
            }

            /// How values add up.
            pub fn kind(self) -> MetricKind {
                match self { $(Self::$metric => MetricKind::$kind,)* }
            }

            /// The unit of a value; `1` for a plain number.
            pub fn unit(self) -> &'static str {
                match self { $(Self::$metric => $unit,)* }
            }

            /// The names of its labels.
            pub fn labels(self) -> &'static [&'static str] {
                match self { $(Self::$metric => &$labels,)* }
            }

            /// What it counts or measures, in a few words.
            pub fn help(self) -> &'static str {
                match self { $(Self::$metric => $help,)* }
            }
        }
    };
}

metrics! {
    BatchThroughput = "inference.batch.throughput", Gauge, "variants/s", [],
        "Variants scored a second in the last batch";
    BatchDuration = "inference.batch.duration", Histogram, "ms", [],
        "Time of a batch";
    ScoreDuration = "inference.score.duration", Histogram, "ms", [],
        "Time of a variant scored by itself";
    VariantsScored = "inference.variants.scored", Counter, "variants", [],
        "Variants scored";
    RowsRejected = "inference.rows.rejected", Counter, "rows", ["code"],
        "Rows of a VCF that were set aside";
    ModelLoadDuration = "inference.model.load.duration", Histogram, "ms", [],
        "Time to check and load a model";
    MemoryPeak = "inference.memory.peak_bytes", Gauge, "bytes", [],
        "Most memory the process held at once";
    VerifyDuration = "provenance.verify.duration", Histogram, "ms", [],
        "Time of a verification";
    ReceiptsWritten = "provenance.receipts.written", Counter, "receipts", [],
        "Receipts written";
    Mismatches = "provenance.verify.mismatches", Counter, "events", ["code"],
        "Commitments that did not hold";
    ErrorsRaised = "errors.raised", Counter, "events", ["code"],
        "Commands that failed";
    RunDuration = "run.duration", Gauge, "ms", [],
        "Time of the whole command";
    CacheHit = "data.cache.hit", Counter, "ops", [],
        "States found in the cache";
    CacheMiss = "data.cache.miss", Counter, "ops", [],
        "States not found in the cache";
    StepDuration = "training.step.duration", Histogram, "ms", [],
        "Time of an optimizer step";
    LossPrediction = "training.loss.pred", Gauge, "1", [],
        "Prediction loss of the last step";
    LossRegularisation = "training.loss.reg", Gauge, "1", [],
        "Regularisation loss of the last step";
    CollapseAlert = "training.collapse.alert", Counter, "events", [],
        "Alerts about states that lose their spread";
    CollapsePredictedCosine = "training.collapse.pred_cos_mean", Gauge, "1", [],
        "Mean cosine between predicted states";
    CollapsePredictedNorm = "training.collapse.pred_l2_mean", Gauge, "1", [],
        "Mean length of predicted states";
    CollapseTargetVariance = "training.collapse.target_var_per_dim", Gauge, "1", [],
        "Variance of target states a dimension";
    CollapsePredictedVariance = "training.collapse.pred_var_per_dim", Gauge, "1", [],
        "Variance of predicted states a dimension";
    CollapseCorrelation = "training.collapse.pred_target_corr", Gauge, "1", [],
        "Correlation of predicted and target states";
    CollapsePairwiseDistance = "training.collapse.pairwise_pred_dist_mean", Gauge, "1", [],
        "Mean distance between predicted states";
    CollapseDivergence = "training.collapse.kl_reg", Gauge, "1", [],
        "Divergence of the states from the regulariser's target";
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_unique_and_begin_alike() {
        let mut seen = HashSet::new();
        for metric in Metric::ALL {
            assert!(metric.name().starts_with("geno_lewm."), "{metric}");
            assert!(seen.insert(metric.name()), "{metric} twice");
        }
    }

    #[test]
    fn only_counters_carry_labels() {
        for metric in Metric::ALL {
            let has_labels = !metric.labels().is_empty();
            assert!(
                !has_labels || metric.kind() == MetricKind::Counter,
                "{metric}"
            );
        }
    }
}
