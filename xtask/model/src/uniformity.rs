//! Whether held-out common variants have uniform percentiles, as those of the calibration have.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    path::Path,
};

use anyhow::{Context, Result};
use geno_eval::UniformityTest;
use geno_provenance::{Manifest, write_atomic};
use serde::Deserialize;
use serde_json::{Value, json};

/// Scores of the common variants of the test part.
pub(crate) const SCORES: &str = "test.scores.jsonl";

/// What came out.
pub(crate) const REPORT: &str = "calibration_uniformity.json";

/// Fewest variants of a context that is tested by itself.
const FEWEST: usize = 30;

#[derive(Deserialize)]
struct Row {
    sigma_calibrated: f64,
    bucket_id: String,
}

/// Writes the report beside the scores.
pub(crate) fn report(folder: &Path) -> Result<()> {
    let mut by_bucket: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let file = File::open(folder.join(SCORES)).context("no scores of the test part")?;
    for line in BufReader::new(file).lines() {
        let row: Row = serde_json::from_str(&line?)?;
        by_bucket
            .entry(row.bucket_id)
            .or_default()
            .push(row.sigma_calibrated);
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
