//! How far two lists of timings can be told apart.

/// The part of a normal distribution's standard error that the middle of a list has beside the mean.
const MEDIAN: f64 = 1.2533;

/// Standard deviations of a normal distribution in one median absolute deviation.
const MAD: f64 = 1.4826;

/// The quantile of an interval that holds 95 of 100.
const Z: f64 = 1.96;

/// The time of now as a multiple of the recorded one, with its interval.
pub(super) struct Ratio {
    pub(super) value: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Ratio {
    /// Compares medians: `r = ã/b̃`, `[r·e^{−1.96 s}, r·e^{1.96 s}]`, with `s² = s_a² + s_b²` and, of
    /// each side, `s² = (1.2533 · 1.4826 · MAD / (median · √n))² + noise²`.
    ///
    /// The noise does not shrink with repeats: it is what a program's place in memory, the machine's
    /// clock and its other work do to all repeats of a run alike.
    pub(super) fn of(now: &[f64], before: &[f64], noise: f64) -> Self {
        let value = median(now) / median(before);
        let error = |seconds: &[f64]| {
            let n = seconds.len() as f64;
            let spread = MEDIAN * MAD * deviation(seconds) / (median(seconds) * n.sqrt());
            spread.hypot(noise)
        };
        let s = error(now).hypot(error(before));
        let factor = (Z * s).exp();
        Self {
            value,
            low: value / factor,
            high: value * factor,
        }
    }
}

/// The middle of a list that is not empty.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() % 2 {
        0 => f64::midpoint(sorted[middle - 1], sorted[middle]),
        _ => sorted[middle],
    }
}

/// The median distance to the median.
fn deviation(values: &[f64]) -> f64 {
    let middle = median(values);
    let distances: Vec<f64> = values.iter().map(|value| (value - middle).abs()).collect();
    median(&distances)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_that_of_the_formula() {
        assert!((median(&[4., 1., 2., 3.]) - 2.5).abs() < 1e-12);
        assert!((deviation(&[1., 2., 4., 8.]) - 1.5).abs() < 1e-12);
        // Medians 2 and 1, deviations 0.1 and 0; by hand: s_a = 1.2533 · 1.4826 · 0.1 / (2 · √3).
        let ratio = Ratio::of(&[1.9, 2.0, 2.1], &[1.0; 5], 0.0);
        let s = 0.053_639_7_f64;
        assert!((ratio.value - 2.0).abs() < 1e-12);
        assert!((ratio.low - 2.0 * (-1.96 * s).exp()).abs() < 1e-5);
        assert!((ratio.high - 2.0 * (1.96 * s).exp()).abs() < 1e-5);
        let noisy = Ratio::of(&[1.0], &[1.0], 0.02);
        assert!((noisy.high.ln() - 1.96 * 0.02 * 2_f64.sqrt()).abs() < 1e-9);
    }
}
