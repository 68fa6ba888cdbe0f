//! Whether scores that say how probable something is say it right.

use crate::{labelled::LabelledScores, wilson::wilson_interval};

/// Reliability of probabilities: how often what they say comes true.
///
/// ```text
/// Brier = mean (p − y)²
/// ECE   = Σ_b n_b / n · |mean p in b − mean y in b|
/// ```
///
/// Bins `b` are of equal width; a bin has its lower end, and the last its upper one too. A percentile is no
/// probability of a label: of scores that are none these numbers mean nothing.
///
/// ```
/// use geno_eval::{LabelledScores, Reliability};
///
/// let scores = [(true, 0.9), (true, 0.8), (false, 0.8), (false, 0.1)];
/// let reliability = Reliability::of(&LabelledScores::new(scores)?, 2).unwrap();
/// assert!((reliability.brier - 0.175).abs() < 1e-12);
/// assert_eq!(reliability.bins[1].n, 3);
/// # Ok::<_, geno_eval::LabelledScoresError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Reliability {
    /// Mean squared error.
    pub brier: f64,
    /// Expected calibration error.
    pub ece: f64,
    /// The curve, in order; bins may be empty.
    pub bins: Vec<ReliabilityBin>,
}

/// Variants whose probabilities are alike.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ReliabilityBin {
    /// Number of variants.
    pub n: usize,
    /// Mean of their probabilities; 0 of none.
    pub predicted: f64,
    /// Part of them that is positive; 0 of none.
    pub observed: f64,
}

impl ReliabilityBin {
    /// The 95 % interval of [`ReliabilityBin::observed`], see [`wilson_interval`]; from 0 to 1 of no variant.
    pub fn interval(&self) -> [f64; 2] {
        let n_positive = self.observed * self.n as f64;
        wilson_interval(n_positive.round() as usize, self.n)
    }
}

impl Reliability {
    /// Over so many bins; none if there is no bin or a score is outside `[0, 1]`.
    pub fn of(scores: &LabelledScores, n_bins: usize) -> Option<Self> {
        let mut bins = vec![ReliabilityBin::default(); n_bins];
        let mut brier = 0.0;
        for (label, score) in scores.rows() {
            if !(0.0..=1.0).contains(score) {
                return None;
            }
            let place = (score * n_bins as f64) as usize;
            let bin = bins.get_mut(place.min(n_bins.checked_sub(1)?))?;
            let label = f64::from(u8::from(*label));
            bin.n += 1;
            bin.predicted += score;
            bin.observed += label;
            brier += (score - label) * (score - label);
        }
        let n = scores.rows().len() as f64;
        let mut ece = 0.0;
        for bin in bins.iter_mut().filter(|bin| bin.n > 0) {
            ece += (bin.predicted - bin.observed).abs() / n;
            bin.predicted /= bin.n as f64;
            bin.observed /= bin.n as f64;
        }
        Some(Self {
            brier: brier / n,
            ece,
            bins,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Of 7 in 20, from Wilson's formula in Python.
    #[test]
    fn the_interval_is_that_of_wilson() {
        let bin = ReliabilityBin {
            n: 20,
            predicted: 0.3,
            observed: 0.35,
        };
        let [low, high] = bin.interval();
        assert!(
            (low - 0.181_19).abs() < 1e-5 && (high - 0.567_15).abs() < 1e-5,
            "{low} {high}"
        );
        assert_eq!(ReliabilityBin::default().interval(), [0.0, 1.0]);
    }
}
