//! Columns of numbers that a row may carry beside its surprise.

use crate::signal::Signal;

/// A column of numbers that not every file has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NumberColumn {
    /// The number of a signal.
    Signal(Signal),
    /// Where that stands among common variants of the context, 0 to 1; a higher one is less usual.
    Percentile(Signal),
    /// Where the mean of all percentiles, the surprise's among them, stands among those of common
    /// variants of the context.
    Ensemble,
}

/// Its value for one edit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NumberValue {
    /// Which.
    pub column: NumberColumn,
    /// Finite.
    pub value: f64,
}

impl NumberColumn {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Signal(Signal::Displacement) => "displacement",
            Self::Signal(Signal::LikelihoodDelta) => "likelihood_delta",
            Self::Percentile(Signal::Displacement) => "displacement_percentile",
            Self::Percentile(Signal::LikelihoodDelta) => "likelihood_delta_percentile",
            Self::Ensemble => "ensemble_percentile",
        }
    }

    /// The key of a VCF's INFO column, and what it says there.
    pub(crate) fn info(self) -> (&'static str, &'static str) {
        match self {
            Self::Signal(Signal::Displacement) => (
                "GENO_LEWM_DISPLACEMENT",
                "Distance between the encoded states before and after the edit, at least 0",
            ),
            Self::Signal(Signal::LikelihoodDelta) => (
                "GENO_LEWM_LIKELIHOOD_DELTA",
                "What the edit adds to the mean log-likelihood of a base of its window",
            ),
            Self::Percentile(Signal::Displacement) => (
                "GENO_LEWM_DISPLACEMENT_PERCENTILE",
                "Percentile of that distance among common variants of its context, 0 to 1",
            ),
            Self::Percentile(Signal::LikelihoodDelta) => (
                "GENO_LEWM_LIKELIHOOD_DELTA_PERCENTILE",
                "Share of common variants of the context that lower the likelihood less, 0 to 1",
            ),
            Self::Ensemble => (
                "GENO_LEWM_ENSEMBLE_PERCENTILE",
                "Percentile of the mean of all percentiles among common variants of its context",
            ),
        }
    }
}
