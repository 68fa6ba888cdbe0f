//! How sure a fraction is that was counted.

use serde_json::{Value, json};

/// The normal quantile of 95 %.
const QUANTILE: f64 = 1.959_964;

/// How often something was so, with the interval that holds the real frequency in 95 of 100 cases.
///
/// # Source
///
/// Wilson, *Probable inference, the law of succession, and statistical inference*, 1927.
pub(crate) fn fraction(count: usize, of: usize) -> Value {
    let [low, high] = interval(count, of);
    json!({
        "count": count,
        "of": of,
        "fraction": count as f64 / of as f64,
        "low": low,
        "high": high,
    })
}

/// `(p + z²/2n ± z·√(p(1 − p)/n + z²/4n²)) / (1 + z²/n)`
fn interval(count: usize, of: usize) -> [f64; 2] {
    let (n, z2) = (of as f64, QUANTILE * QUANTILE);
    let p = count as f64 / n;
    let middle = p + z2 / (2. * n);
    let half = QUANTILE * (p * (1. - p) / n + z2 / (4. * n * n)).sqrt();
    let bound = |x: f64| (x / (1. + z2 / n)).clamp(0., 1.);
    [bound(middle - half), bound(middle + half)]
}

#[cfg(test)]
mod tests {
    use super::*;

    // Where the count is as many deviations away as the quantile says.
    #[test]
    fn the_bounds_are_frequencies_that_just_allow_the_count() {
        for (count, of) in [(15, 100), (1, 10), (9, 10)] {
            let [low, high] = interval(count, of);
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
        let [low, high] = interval(0, 10);
        assert_eq!((low, (high * 1e4).round()), (0., 2_775.));
        let [low, high] = interval(10, 10);
        assert_eq!(
            ((low * 1e4).round(), (high * 1e4).round()),
            (7_225., 10_000.)
        );
        assert_eq!(fraction(1, 4)["fraction"], 0.25);
    }
}
