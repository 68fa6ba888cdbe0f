//! The legacy planner against what the Python package found.

use std::convert::Infallible;

use geno_action::{RelEdit, legacy::ActionSampler};
use geno_core::PythonRandom;
use geno_planning::{CemConfig, Iteration, SearchConfig, StopReason, legacy};
use serde_json::{Value, json};

#[test]
fn the_published_search_is_repeated_to_the_number() {
    let text = include_str!("../../../../fixtures/parity/golden_base/python_golden.json");
    let golden: Value = serde_json::from_str(text).unwrap();
    let window = golden["window600_seed42"].as_str().unwrap().as_bytes();
    let expected = &golden["cem_mean_abs_dist_to_300"];

    let mut sampler = ActionSampler::new(window, PythonRandom::new(0)).unwrap();
    let config = SearchConfig {
        horizon: 2,
        seed: 3,
        ..SearchConfig::default()
    };
    let cem = CemConfig {
        n_samples: 64,
        n_elite: 8,
        ..CemConfig::default()
    };
    let mean = |edits: &[RelEdit]| {
        let distances = edits.iter().map(|edit| edit.rel_pos().abs_diff(300) as f64);
        Ok::<_, Infallible>(distances.sum::<f64>() / edits.len() as f64)
    };
    let found = legacy::plan(&mut sampler, &config, &cem, mean).unwrap();

    let best = found.best_edits.iter().map(|edit| {
        let edit_type = edit.edit_type().id();
        json!([
            edit.rel_pos(),
            edit_type,
            edit.reference(),
            edit.alternate()
        ])
    });
    let log = |i: &Iteration| {
        let means = (i.elite_mean_distance, i.elite_mean_objective);
        json!([
            i.best_distance,
            i.best_objective,
            means.0,
            means.1,
            i.n_candidates
        ])
    };
    let iterations: Value = found.iterations.iter().map(log).collect();
    assert_eq!(iterations, expected["iterations"]);
    assert_eq!(best.collect::<Value>(), expected["best"]);
    assert_eq!(json!(found.n_evaluations), expected["n_evaluations"]);
    assert_eq!(found.score.distance, expected["best_distance"]);
    assert_eq!(found.stopped_reason, StopReason::DistanceThreshold);
    assert_eq!(expected["stopped"], "distance_threshold");
}
