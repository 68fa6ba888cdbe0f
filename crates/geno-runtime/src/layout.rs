//! Which layouts a model's states can be made in.

use geno_core::{Coded, ErrorCode, Layout, PoolType, StateContract};
use geno_data::{GridWindowError, ShiftWindowError, SiteWindows};

use crate::config::EncoderSection;

/// Why a model cannot be used with the layout `grid`, or with several windows a variant.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// A contract under which an edit moves what lies left of it.
    #[error("layout `grid` needs state contract `l2_normalized_v2`, not `{0}`")]
    Contract(StateContract),
    /// A pool that takes in what lies far right of an edit.
    #[error("layout `grid` needs a pool around the edit, not `{0}`")]
    Pool(PoolType),
    /// Windows that no cells can be made of.
    #[error("layout `grid` does not fit `encoder.window_bp`")]
    Window(#[from] GridWindowError),
    /// Windows that several of a variant cannot be made of.
    #[error("`encoder.window_bp` is too small for several windows a variant")]
    Shift(#[from] ShiftWindowError),
}

impl Coded for LayoutError {
    fn code(&self) -> ErrorCode {
        ErrorCode::ConfigGeneric
    }
}

/// The windows that a model takes in this layout.
pub(crate) fn windows_of(
    section: &EncoderSection,
    layout: Layout,
) -> Result<SiteWindows, LayoutError> {
    let (contract, pool) = (section.state_contract, section.pool_type);
    match (layout, contract, pool) {
        (Layout::Centered, ..) => Ok(SiteWindows::centered(section.window_bp, contract)),
        (Layout::Grid, StateContract::LegacyRawV1, _) => Err(LayoutError::Contract(contract)),
        (Layout::Grid, _, PoolType::GlobalMean) => Err(LayoutError::Pool(pool)),
        (Layout::Grid, ..) => Ok(SiteWindows::grid(section.window_bp, section.pool_radius)?),
    }
}
