//! What a release has to have measured: the gates of the registry, efficiency, and the speed of rollouts.

use geno_eval::{Registry, Track};

use crate::{speed, v02::VERSION};

/// The row of efficiency.
pub(super) const EFFICIENCY: &str = "inference_efficiency";
/// The row of the speed of rollouts.
pub(super) const SPEED: &str = "ar_rollout_speed";

/// What has to be there for a row.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Requirement {
    pub(super) id: String,
    pub(super) track: &'static str,
    /// The split of the metrics; none of what is no benchmark.
    pub(super) split: Option<String>,
    pub(super) metrics: Vec<String>,
    /// What each metric has to be compared to.
    pub(super) baseline: Option<String>,
    /// Whether each metric needs an interval.
    pub(super) interval: bool,
}

/// Every row, in the order of the registry.
pub(super) fn all() -> Vec<Requirement> {
    let benchmarks = Registry::built_in().benchmarks().iter();
    let gated = benchmarks.filter_map(|benchmark| {
        let gate = benchmark.gate(VERSION)?;
        Some(Requirement {
            id: benchmark.id.clone(),
            track: match benchmark.track {
                Track::VariantEffectPrediction => "variant_effect_prediction",
                Track::LatentRolloutFidelity => "latent_rollout_fidelity",
            },
            split: Some(benchmark.split.clone()),
            metrics: gate.metrics.clone(),
            baseline: gate.baseline.clone(),
            interval: gate.interval,
        })
    });
    let other = |id: &str, track, metrics: Vec<String>| Requirement {
        id: id.to_owned(),
        track,
        split: None,
        metrics,
        baseline: None,
        interval: false,
    };
    let efficiency = [
        "single_variant_latency_ms",
        "batched_throughput_variants_per_s",
        "peak_memory_bytes",
    ];
    let efficiency = efficiency.map(str::to_owned).to_vec();
    let speed = speed::HORIZONS.map(speedup).to_vec();
    gated
        .chain([
            other(EFFICIENCY, "inference_efficiency", efficiency),
            other(SPEED, "rollout_performance", speed),
        ])
        .collect()
}

/// The metric of the speed of so many edits.
pub(super) fn speedup(horizon: u64) -> String {
    format!("k{horizon}_speedup")
}
