//! How likely an event of each length is.

use std::ops::RangeInclusive;

use geno_core::{Coded, ErrorCode};

/// A distribution over lengths in bases: `P(k) = weight(k) / Σ weight`.
///
/// In a window where no event of some length fits, the others share its probability in proportion.
///
/// # Examples
///
/// ```
/// use geno_action::LengthWeights;
///
/// let lengths = LengthWeights::geometric(0.5, 1..=3)?;
/// assert_eq!(lengths.weights(), [(1, 0.5), (2, 0.25), (3, 0.125)]);
/// # Ok::<_, geno_action::LengthWeightsError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LengthWeights(Vec<(usize, f64)>);

/// Why weights make no distribution over lengths.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LengthWeightsError {
    /// A weight is negative or not a finite number.
    #[error("weight {weight} of length {length} is not a finite number of at least 0")]
    BadWeight {
        /// The length.
        length: usize,
        /// Its weight.
        weight: f64,
    },
    /// A length is given twice.
    #[error("length {length} is given twice")]
    Duplicate {
        /// The length.
        length: usize,
    },
    /// No length has a weight above 0.
    #[error("no length has a weight above 0")]
    NoWeight,
    /// The parameter of a geometric distribution is a probability above 0.
    #[error("probability {p} does not lie above 0 and at most at 1")]
    BadProbability {
        /// The parameter.
        p: f64,
    },
}

impl Coded for LengthWeightsError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl LengthWeights {
    /// Takes weights by length; lengths with weight 0 are dropped.
    ///
    /// # Errors
    ///
    /// [`LengthWeightsError`] for a weight that is none, a length given twice, or no weight above 0.
    pub fn new(
        weights: impl IntoIterator<Item = (usize, f64)>,
    ) -> Result<Self, LengthWeightsError> {
        let mut weights: Vec<(usize, f64)> = weights.into_iter().collect();
        weights.sort_by_key(|&(length, _)| length);
        for &(length, weight) in &weights {
            if !weight.is_finite() || weight < 0.0 {
                return Err(LengthWeightsError::BadWeight { length, weight });
            }
        }
        for pair in weights.windows(2) {
            if pair[0].0 == pair[1].0 {
                return Err(LengthWeightsError::Duplicate { length: pair[0].0 });
            }
        }
        weights.retain(|&(_, weight)| weight > 0.0);
        match weights.is_empty() {
            true => Err(LengthWeightsError::NoWeight),
            false => Ok(Self(weights)),
        }
    }

    /// A geometric distribution cut to a range: `weight(k) = p (1 − p)^(k − 1)`.
    ///
    /// # Errors
    ///
    /// [`LengthWeightsError`] for `p` outside `(0, 1]` or an empty range.
    pub fn geometric(p: f64, lengths: RangeInclusive<usize>) -> Result<Self, LengthWeightsError> {
        if !(p > 0.0 && p <= 1.0) {
            return Err(LengthWeightsError::BadProbability { p });
        }
        let weight = |k: usize| (k, p * (1.0 - p).powi(k.saturating_sub(1) as i32));
        Self::new(lengths.map(weight))
    }

    /// Every length of a range alike.
    ///
    /// # Errors
    ///
    /// [`LengthWeightsError::NoWeight`] for an empty range.
    pub fn uniform(lengths: RangeInclusive<usize>) -> Result<Self, LengthWeightsError> {
        Self::new(lengths.map(|length| (length, 1.0)))
    }

    /// The lengths by size, each with its weight, which is above 0.
    pub fn weights(&self) -> &[(usize, f64)] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_that_are_none_are_named() {
        let error = |weights: &[(usize, f64)]| LengthWeights::new(weights.to_vec()).unwrap_err();
        let negative = LengthWeightsError::BadWeight {
            length: 2,
            weight: -1.0,
        };
        assert_eq!(error(&[(1, 1.0), (2, -1.0)]), negative);
        assert_eq!(
            error(&[(1, 1.0), (1, 2.0)]),
            LengthWeightsError::Duplicate { length: 1 }
        );
        assert_eq!(error(&[(1, 0.0)]), LengthWeightsError::NoWeight);
        let bad = LengthWeights::geometric(0.0, 1..=4);
        assert_eq!(bad, Err(LengthWeightsError::BadProbability { p: 0.0 }));
    }

    #[test]
    fn a_certain_first_length_leaves_no_other() {
        let lengths = LengthWeights::geometric(1.0, 1..=4).unwrap();
        assert_eq!(lengths.weights(), [(1, 1.0)]);
    }
}
