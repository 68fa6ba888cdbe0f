//! Fixtures, and the values in them. A missing one fails the test that wants it.

use std::{fs, path::PathBuf};

use geno_surprise::{
    BucketId, CalibrationBucket, CalibrationExample, CalibrationParameters, CalibrationTable,
    GridSpacing,
};
use serde_json::Value;

pub(crate) fn bytes(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/parity");
    let path = folder.join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn golden(name: &str) -> Value {
    serde_json::from_slice(&bytes(name)).unwrap()
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

pub(crate) fn f64_of(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

pub(crate) fn grid(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(f64_of).collect()
}

pub(crate) fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-12, "{found} {expected}");
}

/// A list of `[bucket id, raw surprise]`.
pub(crate) fn examples(list: &Value) -> Vec<CalibrationExample> {
    let example = |row: &Value| {
        let bucket: BucketId = text(&row[0]).parse().unwrap();
        CalibrationExample::new(bucket, f64_of(&row[1])).unwrap()
    };
    list.as_array().unwrap().iter().map(example).collect()
}

/// Parameters by the names of the Python package; absent ones have their default.
pub(crate) fn parameters(given: &Value) -> CalibrationParameters {
    let default = CalibrationParameters::default();
    let or = |name: &str, default| given.get(name).map_or(default, |v| v.as_u64().unwrap());
    CalibrationParameters {
        seed: or("seed", default.seed),
        per_bucket_sample: or("per_bucket_sample", default.per_bucket_sample as u64) as usize,
        grid_size: or("grid_size", default.grid_size as u64) as usize,
        spacing: GridSpacing::Surprise,
        min_bucket_size: or("min_bucket_size", default.min_bucket_size),
        low_confidence_size: or("low_confidence_size", default.low_confidence_size),
    }
}

/// The table as it is after its numbers went through 32-bit floats.
pub(crate) fn rounded(table: &CalibrationTable) -> CalibrationTable {
    let round = |values: &[f64]| values.iter().map(|&v| f64::from(v as f32)).collect();
    let buckets = table.buckets().iter().map(|bucket| {
        let (cdf, grid) = (round(bucket.cdf()), round(bucket.sigma_grid()));
        CalibrationBucket::new(
            bucket.id(),
            bucket.n_calibration(),
            cdf,
            grid,
            bucket.back_off_to(),
        )
    });
    CalibrationTable::new(buckets.collect::<Result<_, _>>().unwrap()).unwrap()
}
