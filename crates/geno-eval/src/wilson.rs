//! How sure a fraction is that was counted.

/// The normal quantile of 95 %.
const QUANTILE: f64 = 1.959_963_984_540_054;

/// Where the real frequency lies in 95 of 100 cases of something that was so `count` times `of` as many; from 0 to 1
/// of none.
///
/// `(p + z²/2n ± z·√(p(1 − p)/n + z²/4n²)) / (1 + z²/n)`
///
/// # Examples
///
/// ```
/// let [low, high] = geno_eval::wilson_interval(0, 10);
/// assert_eq!(low, 0.0);
/// assert!((high - 0.2775).abs() < 1e-4);
/// ```
///
/// # Source
///
/// Wilson, *Probable inference, the law of succession, and statistical inference*, 1927.
pub fn wilson_interval(count: usize, of: usize) -> [f64; 2] {
    if of == 0 {
        return [0.0, 1.0];
    }
    let (n, z2) = (of as f64, QUANTILE * QUANTILE);
    let p = count as f64 / n;
    let middle = p + z2 / (2.0 * n);
    let half = QUANTILE * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    let bound = |x: f64| (x / (1.0 + z2 / n)).clamp(0.0, 1.0);
    [bound(middle - half), bound(middle + half)]
}

#[cfg(test)]
mod tests {
    use super::*;

    // Where the count is as many deviations away as the quantile says.
    #[test]
    fn the_bounds_are_frequencies_that_just_allow_the_count() {
        for (count, of) in [(15, 100), (1, 10), (9, 10)] {
            let [low, high] = wilson_interval(count, of);
            let p = count as f64 / of as f64;
            assert!(low < p && p < high);
            for bound in [low, high] {
                let deviation = (bound * (1. - bound) / of as f64).sqrt();
                assert!(((p - bound).abs() / deviation - 1.96).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn nothing_of_ten_may_still_be_more_than_a_quarter() {
        let [low, high] = wilson_interval(0, 10);
        assert_eq!((low, (high * 1e4).round()), (0., 2_775.));
        let [low, high] = wilson_interval(10, 10);
        assert_eq!(
            ((low * 1e4).round(), (high * 1e4).round()),
            (7_225., 10_000.)
        );
    }
}
