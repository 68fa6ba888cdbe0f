//! Tables built from examples, and percentiles looked up in them.

use std::num::NonZeroU64;

use geno_core::{Coded, ErrorCode};
use geno_surprise::{
    BucketId, CalibrationBucket, CalibrationParameters, CalibrationTable, GcCutoffs, GridSpacing,
    classify_context, score,
};
use serde_json::Value;

use crate::fixtures::{close, examples, f64_of, golden, grid, parameters, rounded, text};

fn check_bucket(bucket: &CalibrationBucket, golden: &Value) {
    assert_eq!(bucket.id().to_string(), text(&golden["bucket_id"]));
    assert_eq!(bucket.n_calibration(), golden["n"].as_u64().unwrap());
    let back_off_to = bucket.back_off_to().map(|id| id.to_string());
    assert_eq!(Value::from(back_off_to), golden["back_off_to"]);
    let (cdf, sigma) = (bucket.cdf(), bucket.sigma_grid());
    let ends = |values: &[f64]| vec![values[0], values[values.len() - 1]];
    if golden.get("points").is_some() {
        assert_eq!(cdf.len() as u64, golden["points"].as_u64().unwrap());
        assert_eq!(ends(cdf), grid(&golden["cdf_first_last"]));
        assert_eq!(ends(sigma), grid(&golden["sigma_grid_first_last"]));
    } else {
        let sigma_grid = golden.get("sigma_grid").unwrap_or(&golden["grid"]);
        assert_eq!(cdf, grid(&golden["cdf"]));
        assert_eq!(sigma, grid(sigma_grid));
    }
}

#[test]
fn tables_their_warnings_and_lookups_equal_the_reference() {
    let golden = golden("eval_golden.json");
    let golden = &golden["calibration"];
    let tables = golden["tables"].as_object().unwrap();
    assert_eq!(tables.len(), 3);
    for (name, golden_table) in tables {
        let parameters = parameters(&golden_table["params"]);
        let list = examples(&golden["examples"]);
        let (table, sparse) = CalibrationTable::build(list, &parameters).unwrap();

        let buckets = golden_table["buckets"].as_array().unwrap();
        assert_eq!(table.buckets().len(), buckets.len(), "{name}");
        for (bucket, golden) in table.buckets().iter().zip(buckets) {
            check_bucket(bucket, golden);
        }

        let warnings = golden_table["warnings"].as_array().unwrap();
        assert_eq!(sparse.len(), warnings.len(), "{name}");
        for (found, warning) in sparse.iter().zip(warnings) {
            assert_eq!(found.bucket_id.to_string(), warning["bucket_id"]);
            let resolved = found.resolved_bucket_id.to_string();
            assert_eq!(resolved, warning["resolved_bucket_id"]);
            assert_eq!(found.n_calibration, warning["n_calibration"]);
            assert_eq!(found.min_bucket_size, warning["min_bucket_size"]);
            assert_eq!(found.low_confidence, warning["low_confidence"]);
        }

        let table = rounded(&table);
        let lookups = golden_table["lookups_after_f32_round_trip"]
            .as_array()
            .unwrap();
        assert_eq!(lookups.len(), 84, "{name}");
        for row in lookups {
            let min = NonZeroU64::new(row[1].as_u64().unwrap()).unwrap();
            let bucket = table.resolve(text(&row[0]).parse().unwrap(), min);
            let result = bucket.score(f64_of(&row[2])).unwrap();
            assert_eq!(result.bucket_id.to_string(), text(&row[3]), "{row}");
            close(result.sigma_calibrated, f64_of(&row[4]));
            assert_eq!(result.confidence, f64_of(&row[5]), "{row}");
            assert_eq!(Value::from(result.low_confidence), row[6], "{row}");
        }
    }
}

#[test]
fn the_earlier_table_and_its_percentiles_equal_the_reference() {
    let golden = golden("golden_base/python_golden.json");
    let parameters = CalibrationParameters {
        seed: 9,
        per_bucket_sample: 40,
        grid_size: 11,
        spacing: GridSpacing::Surprise,
        min_bucket_size: 30,
        low_confidence_size: 10,
    };
    let list = examples(&golden["calibration_examples"]);
    let (table, _) = CalibrationTable::build(list, &parameters).unwrap();
    let buckets = golden["calibration_seed9_sample40_grid11_min30"]
        .as_array()
        .unwrap();
    assert_eq!(table.buckets().len(), buckets.len());
    for (bucket, golden) in table.buckets().iter().zip(buckets) {
        check_bucket(bucket, golden);
    }
    for row in golden["percentile_star"].as_array().unwrap() {
        let star = table.get(BucketId::All).unwrap();
        close(star.percentile(f64_of(&row[0])), f64_of(&row[1]));
    }
}

#[test]
fn a_surprise_that_overflowed_has_a_code_and_no_score() {
    let golden = golden("eval_golden.json");
    let list = examples(&golden["calibration"]["examples"]);
    let (table, _) = CalibrationTable::build(list, &CalibrationParameters::default()).unwrap();
    let label = classify_context(None, b"ACGT", None, GcCutoffs::default()).unwrap();
    for sigma in [f64::NAN, f64::INFINITY, -0.5] {
        let error = score(sigma, label, &table).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InputGeneric);
    }
    let result = score(1.0, label, &table).unwrap();
    assert_eq!(
        (result.bucket_id, result.confidence),
        (BucketId::All, 0.335)
    );
}
