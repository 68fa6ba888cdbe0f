//! The collapse monitor against the Python package's numbers.

use std::{fs, path::Path};

use geno_training::{CollapseError, CollapseMetrics, CollapseMonitor};
use serde_json::Value;

fn golden() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/parity/nets_golden.json");
    let golden: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    golden["collapse"].clone()
}

fn rows(value: &Value) -> (Vec<f32>, usize) {
    let rows: Vec<Vec<f32>> = serde_json::from_value(value.clone()).unwrap();
    (rows.concat(), rows[0].len())
}

fn close(found: &Value, expected: &Value) {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            assert_eq!(found.len(), expected.len());
            for (key, value) in expected {
                close(&found[key], value);
            }
        }
        (Value::Array(found), Value::Array(expected)) => {
            assert_eq!(found.len(), expected.len());
            found.iter().zip(expected).for_each(|(a, b)| close(a, b));
        }
        (Value::Number(found), Value::Number(expected)) => {
            let (a, b) = (found.as_f64().unwrap(), expected.as_f64().unwrap());
            assert!((a - b).abs() <= 1e-12 * b.abs().max(1.0), "{a} {b}");
        }
        _ => assert_eq!(found, expected),
    }
}

#[test]
fn small_batches_have_the_metrics_and_alerts_of_the_package() {
    let golden = golden();
    let cases = golden["edge_cases"].as_object().unwrap();
    assert_eq!(cases.len(), 3);
    for case in cases.values() {
        let (predicted, width) = rows(&case["prediction"]);
        let (target, _) = rows(&case["target"]);
        let kl_reg = case["metrics"]["kl_reg"].as_f64().unwrap();
        let metrics = CollapseMetrics::of(&predicted, &target, width, kl_reg).unwrap();
        close(&serde_json::to_value(metrics).unwrap(), &case["metrics"]);
        let mut monitor = CollapseMonitor::resumed(1, Some(1.0));
        let alerts = serde_json::to_value(monitor.observe(&metrics)).unwrap();
        close(&alerts, &case["alerts"]);
    }
}

#[test]
fn alerts_follow_the_first_batch_observed() {
    let golden = golden();
    let read = |metrics: &Value, scale: f64| {
        let get = |key: &str| metrics[key].as_f64().unwrap();
        CollapseMetrics {
            pred_cos_mean: get("pred_cos_mean"),
            pred_l2_mean: get("pred_l2_mean"),
            target_var_per_dim: get("target_var_per_dim"),
            pred_var_per_dim: scale * scale * get("pred_var_per_dim"),
            pred_target_corr: get("pred_target_corr"),
            pairwise_pred_dist_mean: scale * get("pairwise_pred_dist_mean"),
            kl_reg: get("kl_reg"),
        }
    };
    let first = CollapseMonitor::resumed(10, Some(10.0)).observe(&read(&golden["metrics"], 1.0));
    close(
        &serde_json::to_value(first).unwrap(),
        &golden["alerts_initial10"],
    );

    let mut monitor = CollapseMonitor::new(10);
    for observed in golden["monitor_log_every_10"].as_array().unwrap() {
        let step = observed["step"].as_u64().unwrap();
        let scale = observed["prediction_scale"].as_f64().unwrap();
        let alerts = monitor
            .is_due(step)
            .then(|| monitor.observe(&read(&golden["metrics"], scale)));
        let found = serde_json::to_value(&alerts).unwrap();
        // The package scales `f32` rows; the metrics are scaled here.
        let (Value::Array(found), Value::Array(expected)) = (&found, &observed["alerts"]) else {
            assert_eq!(found, observed["alerts"], "step {step}");
            continue;
        };
        assert_eq!(found.len(), expected.len(), "step {step}");
        for (found, expected) in found.iter().zip(expected) {
            assert_eq!(found["criterion"], expected["criterion"]);
            for key in ["threshold", "value"] {
                let (a, b) = (
                    found[key].as_f64().unwrap(),
                    expected[key].as_f64().unwrap(),
                );
                assert!((a - b).abs() <= 1e-6 * b, "step {step}: {a} {b}");
            }
        }
    }
}

#[test]
fn rows_that_make_no_batch_are_errors() {
    let of = |predicted: &[f32], target: &[f32], width| {
        CollapseMetrics::of(predicted, target, width, 0.0).unwrap_err()
    };
    assert_eq!(of(&[], &[], 2), CollapseError::Empty);
    assert_eq!(of(&[1.0], &[1.0], 0), CollapseError::Empty);
    assert!(matches!(
        of(&[1.0; 4], &[1.0; 2], 2),
        CollapseError::Shape { .. }
    ));
    assert!(matches!(
        of(&[1.0; 3], &[1.0; 3], 2),
        CollapseError::Shape { .. }
    ));
    assert_eq!(of(&[f32::NAN, 0.0], &[0.0; 2], 2), CollapseError::NotFinite);
}
