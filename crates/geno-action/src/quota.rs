//! Whole numbers in given proportions.

/// Splits `n` in proportion to weights, so that the parts add up to `n` and none is a whole unit or
/// more away from its exact share.
///
/// `n · weight / total` rounded down, and what is then left to the largest remainders, the earlier
/// entry first among equal ones. All parts are 0 when no weight is positive.
///
/// # Panics
///
/// If a weight is negative or not finite.
///
/// # Source
///
/// The method of largest remainders (Hamilton).
///
/// # Examples
///
/// ```
/// // SNV, INS, DEL, MNV and INDEL in a batch of 32.
/// assert_eq!(geno_action::exact_quotas(&[0.4, 0.2, 0.2, 0.1, 0.1], 32), [13, 7, 6, 3, 3]);
/// ```
pub fn exact_quotas(weights: &[f64], n: u64) -> Vec<u64> {
    for weight in weights {
        assert!(weight.is_finite() && *weight >= 0.0, "weight {weight}");
    }
    let total: f64 = weights.iter().sum();
    if total <= 0.0 {
        return vec![0; weights.len()];
    }
    let share = |weight: &f64| weight / total * n as f64;
    let mut quotas: Vec<u64> = weights.iter().map(|weight| share(weight) as u64).collect();
    let mut by_remainder: Vec<usize> = (0..weights.len()).filter(|&i| weights[i] > 0.0).collect();
    by_remainder.sort_by(|&a, &b| {
        let remainder = |i: usize| share(&weights[i]).fract();
        remainder(b).total_cmp(&remainder(a))
    });
    let given: u64 = quotas.iter().sum();
    for &i in by_remainder.iter().take(n.saturating_sub(given) as usize) {
        quotas[i] += 1;
    }
    quotas
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_to_split_by_gives_nothing() {
        assert_eq!(exact_quotas(&[0.0, 0.0], 5), [0, 0]);
        assert!(exact_quotas(&[], 5).is_empty());
    }

    #[test]
    fn equal_remainders_favour_the_earlier_entry() {
        assert_eq!(exact_quotas(&[1.0, 1.0, 1.0], 4), [2, 1, 1]);
    }

    proptest! {
        #[test]
        fn parts_add_up_and_lie_within_one_of_their_share(
            weights in proptest::collection::vec(0u32..50, 1..8), n in 0u64..10_000,
        ) {
            let total: u32 = weights.iter().sum();
            prop_assume!(total > 0);
            let weights: Vec<f64> = weights.into_iter().map(f64::from).collect();
            let quotas = exact_quotas(&weights, n);
            prop_assert_eq!(quotas.iter().sum::<u64>(), n);
            for (quota, weight) in quotas.iter().zip(&weights) {
                let share = weight / f64::from(total) * n as f64;
                prop_assert!((*quota as f64 - share).abs() < 1.0 + 1e-6);
            }
        }
    }
}
