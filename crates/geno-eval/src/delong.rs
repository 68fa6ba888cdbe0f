//! How sure an area under the curve is, without drawing anything.

use std::f64::consts::SQRT_2;

use crate::{
    bootstrap::{Ends, OtherVariants},
    labelled::LabelledScores,
    ties::n_below,
};

/// The area under the receiver operating characteristic with its variance, by DeLong's method.
///
/// ```text
/// V⁺ᵢ = P(a negative scores below positive i),  V⁻ⱼ = P(a positive scores above negative j)
/// Var(AUROC) = Var(V⁺) / n⁺ + Var(V⁻) / n⁻
/// ```
///
/// Ties count half. Variants count as independent.
///
/// Source: E. R. DeLong, D. M. DeLong and D. L. Clarke-Pearson, "Comparing the areas under two or more
/// correlated receiver operating characteristic curves", Biometrics 44 (1988).
///
/// ```
/// use geno_eval::{DeLong, LabelledScores};
///
/// let scores = [(true, 0.9), (true, 0.6), (false, 0.7), (false, 0.1)];
/// let area = DeLong::of(&LabelledScores::new(scores)?);
/// assert_eq!((area.auroc, area.variance), (0.75, 0.125));
/// # Ok::<_, geno_eval::LabelledScoresError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeLong {
    /// The area.
    pub auroc: f64,
    /// Its variance; 0 for a perfect score, and for one variant of either label, of whose spread nothing
    /// is known.
    pub variance: f64,
}

/// How far two scores of the same variants lie apart in their areas.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeLongDifference {
    /// The area of the first less that of the second.
    pub difference: f64,
    /// Its variance, which is smaller where both scores err alike.
    pub variance: f64,
    /// Probability of such a difference, in either direction, if there is none. None without variance.
    pub p_value: Option<f64>,
}

/// `V⁺` and `V⁻`.
struct Placements {
    positive: Vec<f64>,
    negative: Vec<f64>,
}

impl DeLong {
    /// The area and its variance.
    pub fn of(scores: &LabelledScores) -> Self {
        let placements = Placements::of(scores);
        Self {
            auroc: mean(&placements.positive),
            variance: covariance(&placements, &placements),
        }
    }

    /// The interval `AUROC ± 1.96 · √variance`, within 0 and 1. For a perfect score it has no width, whatever
    /// the number of variants: then the bootstrap says no more.
    pub fn interval(&self) -> Ends {
        let width = 1.959_963_984_540_054 * self.variance.sqrt();
        [(self.auroc - width).max(0.0), (self.auroc + width).min(1.0)]
    }
}

impl DeLongDifference {
    /// Compares two scores.
    ///
    /// # Errors
    ///
    /// [`OtherVariants`] if labels differ.
    pub fn of(scores: &LabelledScores, others: &LabelledScores) -> Result<Self, OtherVariants> {
        if !scores.has_labels_of(others) {
            return Err(OtherVariants);
        }
        let [a, b] = [scores, others].map(Placements::of);
        let difference = mean(&a.positive) - mean(&b.positive);
        let variance = covariance(&a, &a) + covariance(&b, &b) - 2.0 * covariance(&a, &b);
        let variance = variance.max(0.0);
        let p_value = (variance > 0.0).then(|| {
            let z = difference.abs() / variance.sqrt();
            libm::erfc(z / SQRT_2)
        });
        Ok(Self {
            difference,
            variance,
            p_value,
        })
    }
}

impl Placements {
    fn of(scores: &LabelledScores) -> Self {
        let sorted = |label| {
            let mut sorted: Vec<f64> = scores.of(label).collect();
            sorted.sort_unstable_by(f64::total_cmp);
            sorted
        };
        let [positive, negative] = [true, false].map(sorted);
        // The part of a group that a score is above.
        let below = |group: &[f64], score| n_below(group, score) / group.len() as f64;
        Self {
            positive: scores
                .of(true)
                .map(|score| below(&negative, score))
                .collect(),
            negative: scores
                .of(false)
                .map(|score| 1.0 - below(&positive, score))
                .collect(),
        }
    }
}

/// The covariance of two areas.
fn covariance(a: &Placements, b: &Placements) -> f64 {
    let of = |a: &[f64], b: &[f64]| {
        let (mean_a, mean_b) = (mean(a), mean(b));
        let products = a.iter().zip(b).map(|(a, b)| (a - mean_a) * (b - mean_b));
        let n = a.len() as f64;
        match a.len() {
            1 => 0.0,
            _ => products.sum::<f64>() / (n - 1.0) / n,
        }
    };
    of(&a.positive, &b.positive) + of(&a.negative, &b.negative)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
