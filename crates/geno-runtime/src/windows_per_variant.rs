//! In how many windows a variant is scored, and how their surprises become one.

use std::fmt;

use geno_core::TOKEN_BP;
use geno_data::{ShiftWindowError, SiteWindows};
use geno_surprise::Aggregation;

/// The windows of a variant.
///
/// A variant with `n` windows is scored in `n` windows, the `k`-th of which begins `k` bases left of
/// where its layout has it, `k = 0 … n − 1`. The tokens are 6-mers, so in each the edit falls on
/// another token or another place in its token. With raw surprises `σ₀ … σₙ₋₁` the variant's is their
/// mean, largest or median, and its percentile is looked up in a table of the same kind alone.
///
/// # Examples
///
/// ```
/// use geno_runtime::WindowsPerVariant;
/// use geno_surprise::Aggregation;
///
/// let all = WindowsPerVariant::new(6, Aggregation::Mean).unwrap();
/// assert_eq!((all.get(), all.aggregate()), (6, Some(Aggregation::Mean)));
/// assert!(WindowsPerVariant::new(7, Aggregation::Mean).is_none());
///
/// // There is nothing to aggregate in one window.
/// assert_eq!(WindowsPerVariant::new(1, Aggregation::Max), Some(WindowsPerVariant::ONE));
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct WindowsPerVariant(Option<Several>);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Several {
    n: usize,
    aggregate: Aggregation,
}

/// What several windows say of one variant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WindowSpread {
    /// How many there are.
    pub n: usize,
    /// The largest raw surprise of one of them minus the smallest.
    pub spread: f64,
}

impl WindowsPerVariant {
    /// The layout's own window.
    pub const ONE: Self = Self(None);

    /// So many windows, `None` unless 1 to 6. Of one the aggregation means nothing.
    pub fn new(n: usize, aggregate: Aggregation) -> Option<Self> {
        match n {
            1 => Some(Self::ONE),
            2..=TOKEN_BP => Some(Self(Some(Several { n, aggregate }))),
            _ => None,
        }
    }

    /// How many.
    pub fn get(self) -> usize {
        self.0.map_or(1, |several| several.n)
    }

    /// How their surprises become one, if there are several.
    pub fn aggregate(self) -> Option<Aggregation> {
        self.0.map(|several| several.aggregate)
    }

    /// The windows behind the first.
    pub(crate) fn shifted(self, first: SiteWindows) -> Result<Vec<SiteWindows>, ShiftWindowError> {
        let shifts = 1..self.get() as u64;
        shifts.map(|shift| first.shifted(shift)).collect()
    }

    /// One number of those of each window, at least one.
    pub(crate) fn combine(self, values: &[f64]) -> f64 {
        match self.aggregate().and_then(|aggregate| aggregate.of(values)) {
            Some(value) => value,
            None => values[0],
        }
    }

    /// What the surprises of each window say beside that, if there are several.
    pub(crate) fn spread(self, sigmas: &[f64]) -> Option<WindowSpread> {
        let n = self.0?.n;
        let largest = sigmas.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let smallest = sigmas.iter().copied().fold(f64::INFINITY, f64::min);
        let spread = largest - smallest;
        Some(WindowSpread { n, spread })
    }
}

impl fmt::Display for WindowsPerVariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("1"),
            Some(Several { n, aggregate }) => write!(f, "{n} by {aggregate}"),
        }
    }
}
