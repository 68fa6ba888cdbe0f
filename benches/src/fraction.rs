//! How often something was so.

use geno_eval::wilson_interval;
use serde_json::{Value, json};

/// How often something was so, with the interval that holds the real frequency in 95 of 100 cases.
pub(crate) fn fraction(count: usize, of: usize) -> Value {
    let [low, high] = wilson_interval(count, of);
    json!({
        "count": count,
        "of": of,
        "fraction": count as f64 / of as f64,
        "low": low,
        "high": high,
    })
}
