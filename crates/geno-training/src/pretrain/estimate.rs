//! Means of windows, and how sure they are.

use geno_core::RandomStream;
use serde::Serialize;

use crate::bootstrap::Interval;

/// Samples of windows.
const N_RESAMPLES: usize = 2_000;

/// The mean of some windows, with its error.
///
/// Windows are taken as independent. Neighbours on a genome share repeats, so that intervals are
/// narrower than they would be for another stretch of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Standard deviation of the values over the root of their number; 0 for one value.
    pub standard_error: f64,
    /// The 2.5 % quantile of the means of 2,000 samples of windows, drawn with replacement.
    pub low: f64,
    /// The 97.5 % quantile.
    pub high: f64,
}

impl Estimate {
    /// The estimate from values, one a window, the samples being those of a seed. Two lists of one
    /// length and seed are sampled alike.
    ///
    /// # Panics
    ///
    /// If there is no value.
    pub fn of(values: &[f64], seed: u64) -> Self {
        let n = values.len();
        assert!(n > 0, "values to average");
        let mean = values.iter().sum::<f64>() / n as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let variance = squares / n.saturating_sub(1).max(1) as f64;
        let stream = RandomStream::new(seed, "pretrain/bootstrap");
        let Interval { low, high } = Interval::of(n, N_RESAMPLES, stream, |sample| {
            sample.iter().map(|&i| values[i]).sum::<f64>() / n as f64
        });
        Self {
            mean,
            standard_error: (variance / n as f64).sqrt(),
            low,
            high,
        }
    }
}

/// The value in the middle, or between the two in the middle.
///
/// # Panics
///
/// If there is no value.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let n = values.len();
    (values[(n - 1) / 2] + values[n / 2]) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_a_normal_mean() {
        let mut stream = RandomStream::new(5, "values");
        let values: Vec<f64> = (0..400).map(|_| stream.unit()).collect();
        let found = Estimate::of(&values, 1);
        // Of numbers between 0 and 1 the deviation is 1/√12.
        let expected = (1.0f64 / 12.0 / 400.0).sqrt();
        assert!((found.standard_error / expected - 1.0).abs() < 0.1);
        for (bound, sign) in [(found.low, -1.0), (found.high, 1.0)] {
            let deviations = (bound - found.mean) / found.standard_error * sign;
            assert!((1.75..2.2).contains(&deviations), "{deviations}");
        }
        assert_eq!(Estimate::of(&values, 1), found);
    }

    #[test]
    fn one_value_is_its_own_mean() {
        let found = Estimate::of(&[2.5], 0);
        assert_eq!((found.mean, found.low, found.high), (2.5, 2.5, 2.5));
        assert_eq!(found.standard_error, 0.0);
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0]), 2.5);
    }
}
