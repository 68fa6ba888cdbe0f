//! The lines of `cargo xtask bench rollout`.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use geno_provenance::{Json, Label};

use super::{HORIZONS, RolloutSpeed, Samples};

/// The timings of one haplotype with a cache, from the lines of the benchmark.
pub(super) fn of_lines(text: &str) -> Result<RolloutSpeed> {
    let (mut rows, mut told) = (BTreeMap::new(), None);
    for line in text.lines().filter(|line| line.starts_with('{')) {
        let line = Json::parse(line.as_bytes())?;
        let word = |key: &str| line.get(key).and_then(Json::as_str);
        let samples = line.get("growing_forwards_samples");
        let is_it =
            word("name") == Some("rollout") && line.get("items").and_then(Json::as_u64) == Some(1);
        let Some(naive) = samples.filter(|_| is_it) else {
            continue;
        };
        let edits = line.get("edits").and_then(Json::as_u64);
        let of = (
            word("backend").context("no backend")?,
            word("shape").context("no shape")?,
        );
        let of = (Label::new(of.0)?, Label::new(of.1)?);
        ensure!(
            told.as_ref().is_none_or(|told| *told == of),
            "lines are of two benchmarks"
        );
        let samples = Samples {
            rollout_ns: nanoseconds(line.get("samples").context("no samples")?)?,
            naive_ns: nanoseconds(naive)?,
        };
        let before = rows.insert(edits.context("a rollout of no edits")?, samples);
        ensure!(before.is_none(), "a number of edits comes twice");
        told = Some(of);
    }
    for horizon in HORIZONS {
        ensure!(
            rows.contains_key(&horizon),
            "no rollout of {horizon} edits was timed"
        );
    }
    let (backend, shape) = told.context("no rollout was timed")?;
    Ok(RolloutSpeed {
        backend,
        shape,
        rows,
    })
}

fn nanoseconds(seconds: &Json) -> Result<Vec<u64>> {
    let Json::Array(seconds) = seconds else {
        anyhow::bail!("samples are no list");
    };
    let nanoseconds = seconds.iter().map(|seconds| {
        let nanoseconds = (seconds.as_f64().unwrap_or(f64::NAN) * 1e9).round();
        ensure!((1.0..1e18).contains(&nanoseconds), "a sample is no time");
        Ok(nanoseconds as u64)
    });
    nanoseconds.collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A line of one haplotype.
    pub(in super::super) fn line(edits: u64, rollout: &str, naive: &str) -> String {
        format!(
            r#"{{"name": "rollout", "items": 1, "edits": {edits}, "backend": "native", "shape": "nano", "samples": {rollout}, "growing_forwards_samples": {naive}}}"#
        ) + "\n"
    }

    #[test]
    fn lines_that_do_not_measure_both_lengths_are_refused() {
        for (text, expected) in [
            (line(5, "[0.1]", "[0.2]"), "20 edits"),
            (String::new(), "5 edits"),
            (line(5, "[0.1]", "[0.2]").repeat(2), "twice"),
            (line(5, "[0.0]", "[0.2]"), "no time"),
            (line(5, "[0.1]", "\"x\""), "no list"),
        ] {
            let error = of_lines(&text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
