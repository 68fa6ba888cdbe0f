//! One surprise from several.

use crate::names::names;

names! {
    /// How the distances of one edit's several predictions become one surprise.
    "aggregation"
    enum Aggregation {
        /// The arithmetic mean.
        Mean = "mean",
        /// The largest.
        Max = "max",
        /// The middle one; of an even number, the mean of the two in the middle.
        Median = "median",
    }
}

impl Aggregation {
    /// Aggregates distances; `None` when there are none.
    ///
    /// ```
    /// use geno_surprise::Aggregation;
    ///
    /// assert_eq!(Aggregation::Median.of(&[4., 1., 2., 9.]), Some(3.));
    /// assert_eq!(Aggregation::Max.of(&[]), None);
    /// ```
    pub fn of(self, distances: &[f64]) -> Option<f64> {
        if distances.is_empty() {
            return None;
        }
        Some(match self {
            Self::Mean => distances.iter().sum::<f64>() / distances.len() as f64,
            Self::Max => distances.iter().copied().fold(f64::NEG_INFINITY, larger),
            Self::Median => median(distances),
        })
    }
}

/// The larger of two, or NaN if either is: a distance that is no number must not vanish.
fn larger(a: f64, b: f64) -> f64 {
    if a.is_nan() || a > b { a } else { b }
}

fn median(distances: &[f64]) -> f64 {
    let mut sorted = distances.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[middle]
    } else {
        f64::midpoint(sorted[middle - 1], sorted[middle])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_distance_is_its_own_aggregate() {
        for aggregation in Aggregation::ALL {
            assert_eq!(aggregation.of(&[0.25]), Some(0.25));
            assert_eq!(aggregation.as_str().parse(), Ok(*aggregation));
        }
    }

    #[test]
    fn the_largest_distance_is_not_a_number_if_any_is_not() {
        for distances in [[1., f64::NAN], [f64::NAN, 1.]] {
            assert!(Aggregation::Max.of(&distances).unwrap().is_nan());
        }
    }
}
