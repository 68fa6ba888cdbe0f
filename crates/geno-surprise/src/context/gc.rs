//! How rich in G and C the window around an edit is.

use geno_core::{Coded, ErrorCode, gc_fraction};

use crate::names::names;

names! {
    /// The GC content of a window, in three steps.
    "GC bin"
    enum GcBin {
        /// At or below the low cut-off.
        Low = "low",
        /// Between the cut-offs.
        Mid = "mid",
        /// At or above the high cut-off.
        High = "high",
    }
}

/// Where the GC bins meet: two fractions, the low one below the high one.
///
/// The default is fixed thirds, which published tables were built with. They are not terciles:
/// most of a genome is [`GcBin::Mid`] under them.
///
/// ```
/// use geno_surprise::{GcBin, GcCutoffs};
///
/// let cutoffs = GcCutoffs::new(0.38, 0.44)?;
/// assert_eq!(cutoffs.bin(0.41), GcBin::Mid);
/// assert_eq!(cutoffs.bin(0.44), GcBin::High);
/// assert!(GcCutoffs::new(0.5, 0.5).is_err());
/// # Ok::<_, geno_surprise::GcCutoffsError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GcCutoffs {
    low: f64,
    high: f64,
}

/// Two numbers that cannot divide GC fractions into three bins.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("GC cut-offs {low} and {high} are not two rising fractions between 0 and 1")]
pub struct GcCutoffsError {
    /// The low cut-off given.
    pub low: f64,
    /// The high cut-off given.
    pub high: f64,
}

impl Coded for GcCutoffsError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl GcCutoffs {
    /// Takes two cut-offs.
    ///
    /// # Errors
    ///
    /// [`GcCutoffsError`] unless `0 <= low < high <= 1`.
    pub fn new(low: f64, high: f64) -> Result<Self, GcCutoffsError> {
        if 0. <= low && low < high && high <= 1. {
            Ok(Self { low, high })
        } else {
            Err(GcCutoffsError { low, high })
        }
    }

    /// The terciles of GC fractions: a third of them is in each bin, but for those that are equal. `None` if
    /// they are too much alike to be divided.
    ///
    /// ```
    /// use geno_surprise::GcCutoffs;
    ///
    /// let fractions = vec![0.41, 0.38, 0.52, 0.36, 0.39, 0.44];
    /// assert_eq!(GcCutoffs::terciles(fractions), Some(GcCutoffs::new(0.38, 0.44)?));
    /// assert_eq!(GcCutoffs::terciles(vec![0.4; 9]), None);
    /// # Ok::<_, geno_surprise::GcCutoffsError>(())
    /// ```
    pub fn terciles(mut fractions: Vec<f64>) -> Option<Self> {
        fractions.sort_unstable_by(f64::total_cmp);
        let third = |i: usize| fractions.get((i * fractions.len()).div_ceil(3)).copied();
        // The low cut-off belongs to the bin below it, the high one to that above.
        let low = fractions.len().div_ceil(3).checked_sub(1)?;
        Self::new(fractions[low], third(2)?).ok()
    }

    /// The low cut-off; it belongs to [`GcBin::Low`].
    pub fn low(self) -> f64 {
        self.low
    }

    /// The high cut-off; it belongs to [`GcBin::High`].
    pub fn high(self) -> f64 {
        self.high
    }

    /// The bin of a GC fraction.
    pub fn bin(self, fraction: f64) -> GcBin {
        if fraction <= self.low {
            GcBin::Low
        } else if fraction >= self.high {
            GcBin::High
        } else {
            GcBin::Mid
        }
    }
}

impl Default for GcCutoffs {
    fn default() -> Self {
        Self {
            low: 1. / 3.,
            high: 2. / 3.,
        }
    }
}

/// A window without a single called base, which has no GC fraction.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("none of the window's {len} bases is called")]
pub struct NoCalledBases {
    /// The length of the window.
    pub len: usize,
}

impl Coded for NoCalledBases {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

/// Finds the GC bin of a window. `N` does not count.
///
/// # Errors
///
/// [`NoCalledBases`] if the window holds none of `ACGT`.
///
/// # Examples
///
/// ```
/// use geno_surprise::{GcBin, GcCutoffs, classify_gc};
///
/// assert_eq!(classify_gc(b"GCANNNN", GcCutoffs::default()), Ok(GcBin::High));
/// assert!(classify_gc(b"NNN", GcCutoffs::default()).is_err());
/// ```
pub fn classify_gc(bases: &[u8], cutoffs: GcCutoffs) -> Result<GcBin, NoCalledBases> {
    let fraction = gc_fraction(bases).ok_or(NoCalledBases { len: bases.len() })?;
    Ok(cutoffs.bin(fraction))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cutoffs_that_are_no_fractions_are_refused() {
        for (low, high) in [(-0.1, 0.5), (0.5, 1.1), (0.6, 0.4), (f64::NAN, 0.5)] {
            assert!(GcCutoffs::new(low, high).is_err(), "{low} {high}");
        }
    }

    #[test]
    fn both_cutoffs_belong_to_the_outer_bins() {
        let thirds = GcCutoffs::default();
        assert_eq!(thirds.bin(1. / 3.), GcBin::Low);
        assert_eq!(thirds.bin(0.5), GcBin::Mid);
        assert_eq!(thirds.bin(2. / 3.), GcBin::High);
    }
}
