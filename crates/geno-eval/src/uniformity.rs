//! Whether percentiles are what they claim to be.

use std::f64::consts::PI;

/// How far a sample lies from the uniform distribution on `[0, 1]`: the test of Kolmogorov and
/// Smirnov.
///
/// ```text
/// D = sup |Fₙ(x) − x|
/// p = 2 Σ (−1)ʲ⁻¹ exp(−2 j² λ²),  λ = (√n + 0.12 + 0.11 / √n) · D
/// ```
///
/// `p` is asymptotic with Stephens' correction, good to 0.01 from `n` = 4 on; it takes the sample for
/// independent, which neighbouring variants are not quite. Ties, which the uniform distribution does not
/// have, make `D` larger and never smaller.
///
/// ```
/// use geno_eval::UniformityTest;
///
/// let test = UniformityTest::of(&[0.1, 0.4, 0.5, 0.9]).unwrap();
/// // Up to 0.5 three quarters of the values were seen, and one half was due.
/// assert_eq!(test.statistic, 0.25);
/// assert!(test.p_value > 0.9);
/// ```
///
/// Source: M. A. Stephens, "Use of the Kolmogorov–Smirnov, Cramér–von Mises and related statistics
/// without extensive tables", Journal of the Royal Statistical Society B 32 (1970).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UniformityTest {
    /// Number of values.
    pub n: usize,
    /// Largest distance of the two distribution functions.
    pub statistic: f64,
    /// Probability of such a distance, or a larger one, if the sample is uniform.
    pub p_value: f64,
}

impl UniformityTest {
    /// Tests a sample in any order; none if it is empty or a value is outside `[0, 1]`.
    pub fn of(sample: &[f64]) -> Option<Self> {
        let is_inside = |value: &f64| (0.0..=1.0).contains(value);
        if sample.is_empty() || !sample.iter().all(is_inside) {
            return None;
        }
        let mut sorted = sample.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let n = sorted.len() as f64;
        let distances = sorted.iter().enumerate().map(|(i, &value)| {
            let (below, above) = (i as f64 / n, (i + 1) as f64 / n);
            (above - value).max(value - below)
        });
        let statistic = distances.fold(0.0, f64::max);
        let lambda = (n.sqrt() + 0.12 + 0.11 / n.sqrt()) * statistic;
        Some(Self {
            n: sorted.len(),
            statistic,
            p_value: kolmogorov_tail(lambda),
        })
    }
}

/// `P(K > λ)` of the Kolmogorov distribution, by whichever of its two series converges fast.
fn kolmogorov_tail(lambda: f64) -> f64 {
    let terms = 1..=20;
    if lambda < 1.18 {
        if lambda <= 0.0 {
            return 1.0;
        }
        let below: f64 = terms
            .map(|j| {
                let odd = f64::from(2 * j - 1);
                (-(odd * PI / lambda).powi(2) / 8.0).exp()
            })
            .sum();
        return 1.0 - (2.0 * PI).sqrt() / lambda * below;
    }
    let tail: f64 = terms
        .map(|j| {
            let sign = if j % 2 == 1 { 1.0 } else { -1.0 };
            sign * (-2.0 * (f64::from(j) * lambda).powi(2)).exp()
        })
        .sum();
    (2.0 * tail).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The series that defines the distribution, 2,000 terms of it in double precision elsewhere.
    #[test]
    fn the_tail_is_that_of_the_whole_series() {
        for (lambda, below) in [
            (0.5, 0.036055),
            (0.8, 0.455858),
            (1.0, 0.730000),
            (1.17, 0.870610),
            (1.19, 0.882258),
            (1.36, 0.950514),
            (1.63, 0.990154),
            (2.0, 0.999329),
        ] {
            assert!(
                (1.0 - kolmogorov_tail(lambda) - below).abs() < 1e-6,
                "{lambda}"
            );
        }
        assert_eq!(kolmogorov_tail(0.0), 1.0);
    }

    #[test]
    fn a_grid_is_uniform_and_a_heap_is_not() {
        let grid: Vec<f64> = (0..100)
            .rev()
            .map(|i| (f64::from(i) + 0.5) / 100.0)
            .collect();
        let test = UniformityTest::of(&grid).unwrap();
        assert!((test.statistic - 0.005).abs() < 1e-12);
        assert!(test.p_value > 0.9999);
        let heap: Vec<f64> = grid.iter().map(|value| value * value).collect();
        let test = UniformityTest::of(&heap).unwrap();
        // sup of √x − x is ¼, at x = ¼.
        assert!((test.statistic - 0.25).abs() < 0.01);
        assert!(test.p_value < 1e-4);
    }

    #[test]
    fn what_is_no_sample_of_percentiles_has_no_test() {
        assert_eq!(UniformityTest::of(&[]), None);
        assert_eq!(UniformityTest::of(&[0.5, 1.1]), None);
        assert_eq!(UniformityTest::of(&[f64::NAN]), None);
    }
}
