//! Whether held-out common variants have uniform percentiles, as those of the calibration have.

use std::{collections::BTreeMap, fs, io::Write, path::Path};

use anyhow::{Context, Result};
use geno_eval::UniformityTest;
use geno_provenance::{Manifest, write_atomic};
use serde_json::{Value, json};

use crate::score_row::ScoreRow;

/// Scores of the common variants of the test part.
pub(crate) const SCORES: &str = "test.scores.jsonl";

/// What came out.
pub(crate) const REPORT: &str = "calibration_uniformity.json";

/// Fewest variants of a context that is tested by itself.
const FEWEST: usize = 30;

/// Writes the report beside the scores.
pub(crate) fn report(folder: &Path) -> Result<()> {
    let mut by_bucket: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for row in ScoreRow::read(&folder.join(SCORES))? {
        let bucket = by_bucket.entry(row.bucket_id).or_default();
        bucket.push(row.sigma_calibrated);
    }
    let all: Vec<f64> = by_bucket.values().flatten().copied().collect();
    let mut metrics = vec![metric("calibration_ks", &all)?];
    for (bucket, percentiles) in by_bucket
        .iter()
        .filter(|(_, values)| values.len() >= FEWEST)
    {
        metrics.push(metric(&format!("calibration_ks {bucket}"), percentiles)?);
    }
    let manifest = Manifest::parse(&fs::read(folder.join("model/manifest.json"))?)?;
    let report = json!({
        "calibration_hash": manifest.calibration.hash.to_string(),
        "metrics": metrics,
        "report": "percentiles of held-out common variants against the uniform distribution",
        "weights_id": manifest.weights_id().to_string(),
    });
    let text = serde_json::to_vec_pretty(&report)?;
    Ok(write_atomic(&folder.join(REPORT), |out| {
        out.write_all(&text)
    })?)
}

fn metric(name: &str, percentiles: &[f64]) -> Result<Value> {
    let test = UniformityTest::of(percentiles).context("no percentiles")?;
    let mean = percentiles.iter().sum::<f64>() / percentiles.len() as f64;
    Ok(json!({
        "higher_is_better": false,
        "n": test.n,
        "name": name,
        "notes": format!("p = {:.3}; mean percentile {mean:.3}, 0.5 if uniform", test.p_value),
        "split": "test",
        "unit": "largest difference of distribution functions",
        "value": test.statistic,
    }))
}
