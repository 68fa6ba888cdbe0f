//! Lengths drawn as the Python package draws them.

use geno_core::PythonRandom;

use super::LegacySampleError;

/// `weight(k) = 0.5^k`, for lengths `k` in a range.
pub(super) fn halving(min: usize, max: usize) -> Vec<(usize, f64)> {
    let weight = |k: usize| (k, 0.5f64.powi(k as i32));
    (min..=max).map(weight).collect()
}

/// The first length whose cumulative share reaches the draw, shares being divided before they are
/// added up.
pub(super) fn draw_by_share(
    random: &mut PythonRandom,
    weights: &[(usize, f64)],
) -> Result<usize, LegacySampleError> {
    let (total, last) = total_and_last(weights)?;
    let drawn = random.random();
    let mut cumulative = 0.0;
    for &(length, weight) in weights {
        cumulative += weight / total;
        if drawn <= cumulative {
            return Ok(length);
        }
    }
    Ok(last)
}

/// The first entry whose cumulative weight passes the draw, which is scaled to the total.
pub(super) fn draw_by_weight<T: Copy>(
    random: &mut PythonRandom,
    weights: &[(T, f64)],
) -> Result<T, LegacySampleError> {
    let (total, last) = total_and_last(weights)?;
    let drawn = random.random() * total;
    let mut cumulative = 0.0;
    for &(entry, weight) in weights {
        cumulative += weight;
        if drawn < cumulative {
            return Ok(entry);
        }
    }
    Ok(last)
}

fn total_and_last<T: Copy>(weights: &[(T, f64)]) -> Result<(f64, T), LegacySampleError> {
    let total: f64 = weights.iter().map(|(_, weight)| weight).sum();
    match weights.last() {
        Some(&(last, _)) if total > 0.0 => Ok((total, last)),
        _ => Err(LegacySampleError::NoWeight),
    }
}
