//! Round numbers along an axis.

/// Round numbers, evenly spaced, the first at or below `low` and the last at or above `high`, each
/// with its text. Steps are 1, 2 or 5 times a power of ten, four to ten of them.
pub(crate) fn ticks(low: f64, high: f64) -> Vec<(f64, String)> {
    let step = step((high - low) / 6.0);
    let first = (low / step).floor();
    let last = (high / step).ceil();
    let decimals = (-step.log10().floor()).max(0.0) as usize;
    // Counted by whole numbers: a sum of steps would drift.
    let n = (last - first) as usize;
    (0..=n)
        .map(|i| {
            let value = (first + i as f64) * step;
            (value, format!("{value:.decimals$}"))
        })
        .collect()
}

/// The number of 1, 2 or 5 times a power of ten that is next above.
fn step(rough: f64) -> f64 {
    let power = 10f64.powf(rough.log10().floor());
    let round = [1.0, 2.0, 5.0].map(|times| times * power);
    round
        .into_iter()
        .find(|round| *round >= rough * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_round_and_reach_around_the_values() {
        let texts =
            |low, high| -> Vec<String> { ticks(low, high).into_iter().map(|t| t.1).collect() };
        assert_eq!(texts(1.0, 2.0), ["1.0", "1.2", "1.4", "1.6", "1.8", "2.0"]);
        assert_eq!(texts(0.0, 1_969.0), ["0", "500", "1000", "1500", "2000"]);
        assert_eq!(
            texts(-0.03, 0.04),
            ["-0.04", "-0.02", "0.00", "0.02", "0.04"]
        );
    }

    proptest! {
        #[test]
        fn there_are_few_and_they_enclose_the_values(low in -1e6f64..1e6, width in 1e-6f64..1e6) {
            let ticks = ticks(low, low + width);
            prop_assert!((3..=12).contains(&ticks.len()), "{:?}", ticks);
            prop_assert!(ticks[0].0 <= low + 1e-6 * width.max(1e-3));
            prop_assert!(ticks[ticks.len() - 1].0 >= low + width - 1e-6 * width.max(1e-3));
        }
    }
}
