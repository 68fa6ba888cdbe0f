//! The seam between what needs states and what makes them.

use burn::tensor::Tensor;
use geno_action::{ApplyError, Haplotype, Site};
use geno_core::{Coded, ErrorCode, Window};

/// Makes states of windows and of the edits in them.
pub trait SiteEncoder: Send + Sync {
    /// The states of every site, in order.
    ///
    /// A state does not depend on which other edits and sites are in the call.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] for the first site that cannot be encoded.
    fn encode_sites(&self, sites: &[Site]) -> Result<Vec<SiteStates>, EncodeError>;

    /// The states of haplotypes edit by edit: edited row `i` is the window after the first `i + 1`
    /// edits. All states of a haplotype are pooled at its first edit, and those right of it cost no
    /// pass over what lies left of it.
    ///
    /// A state does not depend on which other haplotypes are in the call.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] for the first haplotype that cannot be encoded.
    fn encode_trajectories(&self, haplotypes: &[Haplotype])
    -> Result<Vec<SiteStates>, EncodeError>;

    /// The states `[n_windows, d_state]` of single windows, pooled at a locus (0-based in the
    /// window) or, without one, over the whole window.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] for the first window that cannot be encoded.
    fn encode_windows(
        &self,
        windows: &[(&Window, Option<usize>)],
    ) -> Result<Tensor<2>, EncodeError>;

    /// Width of a state.
    fn d_state(&self) -> usize;
}

/// The states of one site, or of one haplotype edit by edit.
///
/// # Shapes
///
/// - `reference`: `[n_edits, d_state]`, row `i` pooled from the reference window at the locus of
///   edit `i`: edits of one site may lie at different loci, and substitutions of one token have the
///   same row
/// - `edited`: `[n_edits, d_state]`
#[derive(Clone, Debug)]
pub struct SiteStates {
    /// The reference window, once for every edit.
    pub reference: Tensor<2>,
    /// The edited windows.
    pub edited: Tensor<2>,
    /// What the edits cost.
    pub reuse: PrefixReuse,
}

/// How many edits took their prefix from the reference pass.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct PrefixReuse {
    /// Edits with nothing changed left of the edited token.
    pub reused: usize,
    /// Edits whose left side changed as well, which need a full pass of their own.
    pub full: usize,
}

/// Why windows could not be encoded.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// An edit does not fit its window.
    #[error("cannot apply edit {edit}")]
    Edit {
        /// Which edit of the site.
        edit: usize,
        /// Why.
        source: ApplyError,
    },
    /// A locus past the end of its window.
    #[error("locus {locus} is outside a window of {len} bases")]
    LocusOutOfWindow {
        /// The locus, 0-based.
        locus: usize,
        /// Length of the window, in bases.
        len: usize,
    },
    /// A window longer than the model was made for.
    #[error("window takes {tokens} tokens, the model at most {limit}")]
    TooLong {
        /// Tokens of the window, tags included.
        tokens: usize,
        /// `max_position_embeddings` of the model.
        limit: usize,
    },
}

impl Coded for EncodeError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Edit { source, .. } => source.code(),
            Self::LocusOutOfWindow { .. } => ErrorCode::InputOutOfWindow,
            Self::TooLong { .. } => ErrorCode::InputGeneric,
        }
    }
}
