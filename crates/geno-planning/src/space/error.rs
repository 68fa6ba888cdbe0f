//! What a space of edits cannot be made of.

use geno_action::{LengthWeights, MAX_ALLELE_LEN};
use geno_core::{Coded, ErrorCode};

/// Why a space of edits cannot be.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SpaceError {
    /// The margins leave nothing of the window.
    #[error("margins of {margin} bases leave nothing of a window of {len}")]
    NoInterior {
        /// Bases left alone at either end.
        margin: usize,
        /// Length of the window.
        len: usize,
    },
    /// An interval is empty or reaches past the window.
    #[error("interval {start}..{end} is empty or reaches past a window of {len}")]
    BadInterval {
        /// First base.
        start: usize,
        /// One past the last base.
        end: usize,
        /// Length of the window.
        len: usize,
    },
    /// A weight is negative or not a finite number.
    #[error("weight {weight} of a {factor} is not a finite number of at least 0")]
    BadWeight {
        /// `type` or `position bin`.
        factor: &'static str,
        /// The weight.
        weight: f64,
    },
    /// No weight of a factor is above 0.
    #[error("no {factor} has a weight above 0")]
    NoWeight {
        /// `type` or `position bin`.
        factor: &'static str,
    },
    /// No event is so long.
    #[error("length {length} is outside 1 to {MAX_ALLELE_LEN}")]
    BadLength {
        /// The length.
        length: usize,
    },
    /// A bin of no bases.
    #[error("a bin of positions has at least one base")]
    EmptyBin,
    /// There are not as many weights as bins.
    #[error("{actual} weights for {expected} bins of positions")]
    WrongBins {
        /// Bins of the window.
        expected: usize,
        /// Weights given.
        actual: usize,
    },
}

impl Coded for SpaceError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NoInterior { .. } | Self::BadInterval { .. } => ErrorCode::InputOutOfWindow,
            Self::BadLength { .. } => ErrorCode::InputUnsupportedEdit,
            _ => ErrorCode::InputGeneric,
        }
    }
}

/// Checks that weights are weights, and one of them above 0.
pub(super) fn check_weights(factor: &'static str, weights: &[f64]) -> Result<(), SpaceError> {
    let is_weight = |weight: &&f64| weight.is_finite() && **weight >= 0.0;
    if let Some(&weight) = weights.iter().find(|weight| !is_weight(weight)) {
        return Err(SpaceError::BadWeight { factor, weight });
    }
    let total: f64 = weights.iter().sum();
    if !total.is_finite() {
        return Err(SpaceError::BadWeight {
            factor,
            weight: total,
        });
    }
    if total == 0.0 {
        return Err(SpaceError::NoWeight { factor });
    }
    Ok(())
}

pub(super) fn check_lengths(lengths: &LengthWeights) -> Result<(), SpaceError> {
    let mut lengths = lengths.weights().iter().map(|(length, _)| *length);
    match lengths.find(|length| !(1..=MAX_ALLELE_LEN).contains(length)) {
        Some(length) => Err(SpaceError::BadLength { length }),
        None => Ok(()),
    }
}
