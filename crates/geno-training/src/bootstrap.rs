//! Intervals by drawing again from what was measured.

use geno_core::RandomStream;
use serde::Serialize;

/// The middle 95 % of a quantity over samples that are drawn with replacement.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// The 2.5 % quantile.
    pub low: f64,
    /// The 97.5 % quantile.
    pub high: f64,
}

impl Interval {
    /// Draws as many of `n` things as there are, `n_draws` times, and takes the quantity of each sample,
    /// which is given as the places of what was drawn.
    ///
    /// # Panics
    ///
    /// If there is nothing to draw, or no draw.
    pub(crate) fn of(
        n: usize,
        n_draws: usize,
        mut stream: RandomStream,
        quantity: impl Fn(&[usize]) -> f64,
    ) -> Self {
        assert!(n > 0 && n_draws > 0, "things to draw");
        let mut sample = vec![0; n];
        let draws = (0..n_draws).map(|_| {
            sample.fill_with(|| stream.below(n as u64) as usize);
            quantity(&sample)
        });
        let mut draws: Vec<f64> = draws.collect();
        draws.sort_unstable_by(f64::total_cmp);
        let at = |part: f64| draws[(part * (n_draws - 1) as f64).round() as usize];
        Self {
            low: at(0.025),
            high: at(0.975),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_draws() {
        // The larger of two things of which either has an even chance: 0 in a quarter of the draws.
        let larger = |sample: &[usize]| sample[0].max(sample[1]) as f64;
        let found = Interval::of(2, 2_000, RandomStream::new(1, "draws"), larger);
        assert_eq!((found.low, found.high), (0.0, 1.0));
        // The share of ones among 100: 1/2 with the deviation 1/20.
        let share = |sample: &[usize]| sample.iter().filter(|i| **i < 50).count() as f64 / 100.0;
        let found = Interval::of(100, 4_000, RandomStream::new(1, "draws"), share);
        assert!((0.39..=0.41).contains(&found.low), "{found:?}");
        assert!((0.59..=0.61).contains(&found.high), "{found:?}");
    }
}
