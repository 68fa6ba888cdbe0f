//! The shape of an action encoder over bases.

use geno_action::MAX_ALLELE_LEN;
use geno_core::TOKEN_BP;
use serde::{Deserialize, Serialize};

use crate::error::{ConfigError, MAX_WIDTH, MAX_WINDOW_BP, in_range, multiple_of};

/// Edit types, each a number of its own.
pub(crate) const N_TYPES: usize = 5;

/// Widths of a [`BaseActionEncoder`](crate::BaseActionEncoder).
///
/// ```
/// use geno_predictor::BaseActionConfig;
///
/// let config = BaseActionConfig::new(256);
/// assert_eq!((config.d_features(), config.n_parameters()), (294, 547_328));
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct BaseActionConfig {
    /// Width of an action.
    pub d_action: usize,
    /// Width of each of the two positions' features, even.
    #[serde(default = "d_pos")]
    pub d_pos: usize,
    /// Width inside.
    #[serde(default = "d_hidden")]
    pub d_hidden: usize,
    /// Positions are below this.
    #[serde(default = "max_window_bp")]
    pub max_window_bp: usize,
}

fn d_pos() -> usize {
    64
}

fn d_hidden() -> usize {
    512
}

fn max_window_bp() -> usize {
    49_152
}

impl BaseActionConfig {
    /// The default network for actions of this width.
    pub fn new(d_action: usize) -> Self {
        Self {
            d_action,
            d_pos: d_pos(),
            d_hidden: d_hidden(),
            max_window_bp: max_window_bp(),
        }
    }

    /// Checks that this describes a network.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] names the field: a value of zero or beyond any sensible size, or an odd
    /// `d_pos`.
    pub fn validate(&self) -> Result<(), ConfigError> {
        in_range("d_action", self.d_action, MAX_WIDTH)?;
        in_range("d_pos", self.d_pos, MAX_WIDTH)?;
        in_range("d_hidden", self.d_hidden, MAX_WIDTH)?;
        in_range("max_window_bp", self.max_window_bp, MAX_WINDOW_BP)?;
        multiple_of("d_pos", self.d_pos, 2)
    }

    /// How many numbers describe an edit: `2 · 16 · 4` of its alleles, `6 · 4 + 6` of its token and
    /// its place in it, 5 of its type, 3 of its lengths, and `2 · d_pos` of its positions.
    pub fn d_features(&self) -> usize {
        2 * MAX_ALLELE_LEN * 4 + TOKEN_BP * 4 + TOKEN_BP + N_TYPES + 3 + 2 * self.d_pos
    }

    /// How many numbers the network has to learn: three affine maps, two norms, and what stands for
    /// a missing edit.
    pub fn n_parameters(&self) -> usize {
        let h = self.d_hidden;
        let linear = |from: usize, to: usize| (from + 1) * to;
        linear(self.d_features(), h)
            + linear(h, h)
            + linear(h, self.d_action)
            + 4 * h
            + self.d_action
    }
}
