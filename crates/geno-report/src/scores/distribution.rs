//! How percentiles are distributed, in little memory.

use std::collections::BTreeMap;

/// How finely percentiles are told apart.
const N_BINS: u32 = 1_000;

/// Percentiles between 0 and 1, counted to a thousandth.
///
/// ```
/// use geno_report::Distribution;
///
/// let distribution: Distribution = [0.1, 0.2, 0.9].into_iter().collect();
/// assert_eq!(distribution.n(), 3);
/// assert_eq!(distribution.counts(2), [2, 1]);
/// assert!((distribution.quantile(0.5).unwrap() - 0.2).abs() <= 0.001);
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Distribution {
    n: u64,
    bins: BTreeMap<u32, u64>,
}

impl Distribution {
    /// Counts a percentile.
    pub fn add(&mut self, percentile: f64) {
        let bin = (percentile * f64::from(N_BINS)) as u32;
        *self.bins.entry(bin.min(N_BINS - 1)).or_default() += 1;
        self.n += 1;
    }

    /// How many percentiles there are.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// How many fall into each of so many bins of equal width, the last with its upper end.
    ///
    /// # Panics
    ///
    /// If 1,000 is no multiple of that number.
    pub fn counts(&self, n_bins: u32) -> Vec<u64> {
        assert_eq!(N_BINS % n_bins, 0, "bins are made of finer ones");
        let mut counts = vec![0; n_bins as usize];
        for (bin, n) in &self.bins {
            counts[(bin / (N_BINS / n_bins)) as usize] += n;
        }
        counts
    }

    /// The percentile that a part `q` of them does not exceed, to a thousandth; none of none.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let wanted = (q * self.n as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        let found = self.bins.iter().find(|(_, n)| {
            seen += **n;
            seen >= wanted
        });
        found.map(|(bin, _)| (f64::from(*bin) + 0.5) / f64::from(N_BINS))
    }

    /// How many are at least a whole number of thousandths.
    pub fn n_from(&self, thousandths: u32) -> u64 {
        self.bins.range(thousandths..).map(|(_, n)| n).sum()
    }
}

impl FromIterator<f64> for Distribution {
    fn from_iter<I: IntoIterator<Item = f64>>(percentiles: I) -> Self {
        let mut distribution = Self::default();
        percentiles.into_iter().for_each(|p| distribution.add(p));
        distribution
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn quantiles_are_those_of_the_sorted_values(
            values in prop::collection::vec(0.0f64..=1.0, 1..60), q in 0.0f64..=1.0,
        ) {
            let distribution: Distribution = values.iter().copied().collect();
            let mut sorted = values;
            sorted.sort_by(f64::total_cmp);
            let place = ((q * sorted.len() as f64).ceil() as usize).max(1) - 1;
            let found = distribution.quantile(q).unwrap();
            prop_assert!((found - sorted[place]).abs() <= 0.001);
            let n_high = sorted.iter().filter(|value| **value >= 0.5).count();
            prop_assert_eq!(distribution.n_from(500), n_high as u64);
            prop_assert_eq!(distribution.counts(20).iter().sum::<u64>(), sorted.len() as u64);
        }
    }
}
