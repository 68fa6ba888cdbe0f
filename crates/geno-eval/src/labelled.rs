//! Scores of variants whose label is known.

use geno_core::{Coded, ErrorCode};

/// Scores of positive and negative variants, at least one of each, all finite.
///
/// ```
/// use geno_eval::LabelledScores;
///
/// let scores = LabelledScores::new([(true, 0.9), (false, 0.2)])?;
/// assert_eq!((scores.n_positive(), scores.n_negative()), (1, 1));
/// # Ok::<_, geno_eval::LabelledScoresError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LabelledScores {
    rows: Vec<(bool, f64)>,
    n_positive: usize,
}

/// Why labels and scores allow for no metric.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LabelledScoresError {
    /// A score is infinite or no number.
    #[error("score {row} is {value}")]
    NotFinite {
        /// Which, counted from 1.
        row: usize,
        /// The score.
        value: f64,
    },
    /// All variants have one label, or there is none.
    #[error("{n_positive} positive and {n_negative} negative variants: there must be one of each")]
    OneClass {
        /// Positive variants.
        n_positive: usize,
        /// Negative variants.
        n_negative: usize,
    },
}

impl Coded for LabelledScoresError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl LabelledScores {
    /// Takes labels, true for positive, with their scores.
    ///
    /// # Errors
    ///
    /// [`LabelledScoresError`].
    pub fn new(rows: impl IntoIterator<Item = (bool, f64)>) -> Result<Self, LabelledScoresError> {
        let rows: Vec<_> = rows.into_iter().collect();
        if let Some(i) = rows.iter().position(|(_, score)| !score.is_finite()) {
            let (row, value) = (i + 1, rows[i].1);
            return Err(LabelledScoresError::NotFinite { row, value });
        }
        let n_positive = rows.iter().filter(|(label, _)| *label).count();
        let n_negative = rows.len() - n_positive;
        if n_positive == 0 || n_negative == 0 {
            return Err(LabelledScoresError::OneClass {
                n_positive,
                n_negative,
            });
        }
        Ok(Self { rows, n_positive })
    }

    /// Labels and scores, in their order.
    pub fn rows(&self) -> &[(bool, f64)] {
        &self.rows
    }

    /// Number of positive variants.
    pub fn n_positive(&self) -> usize {
        self.n_positive
    }

    /// Number of negative variants.
    pub fn n_negative(&self) -> usize {
        self.rows.len() - self.n_positive
    }

    /// Whether other scores have the same labels in the same order.
    pub(crate) fn has_labels_of(&self, others: &Self) -> bool {
        let labels = |scores: &'_ Self| -> Vec<bool> {
            scores.rows.iter().map(|(label, _)| *label).collect()
        };
        labels(self) == labels(others)
    }

    /// The scores of one label, in their order.
    pub(crate) fn of(&self, label: bool) -> impl Iterator<Item = f64> {
        let of_label = self.rows.iter().filter(move |row| row.0 == label);
        of_label.map(|(_, score)| *score)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_allows_for_no_metric_is_refused() {
        let error = |rows: &[(bool, f64)]| {
            let error = LabelledScores::new(rows.iter().copied()).unwrap_err();
            error.to_string()
        };
        assert_eq!(error(&[(true, 0.0), (false, f64::NAN)]), "score 2 is NaN");
        assert_eq!(
            error(&[(true, f64::INFINITY), (false, 1.0)]),
            "score 1 is inf"
        );
        for rows in [&[][..], &[(true, 1.0)], &[(false, 1.0), (false, 2.0)]] {
            assert!(error(rows).ends_with("there must be one of each"));
        }
    }
}
