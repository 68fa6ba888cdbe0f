//! Which edits a search may make, and how likely each is before anything is known.

use std::{fmt, ops::Range};

use geno_action::{DEFAULT_EDGE_MARGIN, EditType, LengthWeights};

use crate::GuideSites;

/// How likely edits are before the search has learned anything, factor by factor.
#[derive(Clone, Debug)]
pub struct EditPrior {
    /// Weight of each type, in the order of [`EditType::ALL`]. A type of weight 0 is never made.
    pub type_weights: [f64; EditType::ALL.len()],
    /// Weights of event lengths: bases inserted or deleted behind the anchor (1 to 15), bases of an
    /// MNV (2 to 16). An INDEL takes two that differ. What a type has no use for is left out.
    pub lengths: LengthWeights,
    /// Bases of one bin of positions, counted from the left margin.
    pub position_bin_bp: usize,
    /// Weight of each bin, by where a reference allele begins; none means that every place is alike.
    /// A bin of weight 0 is never edited.
    pub position_weights: Option<Vec<f64>>,
}

impl EditPrior {
    /// The default weights of some types, and no others.
    ///
    /// ```
    /// use geno_action::EditType;
    /// use geno_planning::EditPrior;
    ///
    /// let prior = EditPrior::of_types(&[EditType::Snv, EditType::Del]);
    /// assert_eq!(prior.type_weights, [0.4, 0.0, 0.2, 0.0, 0.0]);
    /// ```
    pub fn of_types(types: &[EditType]) -> Self {
        let mut prior = Self::default();
        for edit_type in EditType::ALL {
            if !types.contains(&edit_type) {
                prior.type_weights[usize::from(edit_type.id())] = 0.0;
            }
        }
        prior
    }
}

/// SNV 0.4, INS and DEL 0.2, MNV and INDEL 0.1; a length of `k` has weight `0.5ᵏ`; bins of 8 bases.
impl Default for EditPrior {
    fn default() -> Self {
        Self {
            type_weights: [0.4, 0.2, 0.2, 0.1, 0.1],
            lengths: LengthWeights::geometric(0.5, 1..=16).expect("a distribution"),
            position_bin_bp: 8,
            position_weights: None,
        }
    }
}

/// Where in the window edits may lie.
///
/// All hold at once, of whole reference alleles, anchor included.
///
/// Its `Debug` shows lengths alone.
#[derive(Clone)]
pub struct Restrictions {
    /// Bases left alone at either end of the window.
    pub margin: usize,
    /// Stretches of the window, 0-based and half open; those that touch count as one.
    pub intervals: Option<Vec<Range<usize>>>,
    /// Cuts that must be near.
    pub guides: Option<GuideSites>,
}

/// Anywhere but [`DEFAULT_EDGE_MARGIN`] bases at either end.
impl Default for Restrictions {
    fn default() -> Self {
        Self {
            margin: DEFAULT_EDGE_MARGIN,
            intervals: None,
            guides: None,
        }
    }
}

impl fmt::Debug for Restrictions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Restrictions")
            .field("margin", &self.margin)
            .field("n_intervals", &self.intervals.as_ref().map(Vec::len))
            .field("guides", &self.guides)
            .finish()
    }
}
