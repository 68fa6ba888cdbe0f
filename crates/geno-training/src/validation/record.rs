//! What is kept of one prediction.

use geno_action::EditType;

/// One prediction beside what was encoded. `s` is the source, `s′` the encoded state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record {
    /// The example it belongs to; those of one are not independent.
    pub(crate) example: usize,
    /// Edits that lead to it.
    pub(crate) step: usize,
    /// Type of the last of them.
    pub(crate) edit_type: EditType,
    /// Which base of its 6-mer that begins at.
    pub(crate) offset: usize,
    /// `‖ŝ − s′‖²`.
    pub(crate) missed: f64,
    /// `‖s − s′‖²`.
    pub(crate) change: f64,
    /// `‖s + mean change − s′‖²`.
    pub(crate) by_mean_change: f64,
    /// `cos(ŝ, s′)`.
    pub(crate) cosine: f64,
    /// How many of the example's other alternatives have a state nearer to the prediction; none where
    /// there are no others.
    pub(crate) rank: Option<usize>,
}
