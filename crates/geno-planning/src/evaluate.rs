//! The seam to whatever predicts states.

use geno_action::Haplotype;

/// What an evaluator says of a candidate.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// Distance of the predicted state to the target, finite and at least 0.
    pub distance: f64,
    /// The predicted state after all edits, finite; as long as the evaluator likes.
    pub state: Vec<f32>,
}

/// Predicts where candidates lead.
///
/// Implemented for closures. A candidate may be the empty haplotype, the first always is. As many
/// evaluations come back as candidates were given, in their order, and the same candidate always gets
/// the same one.
///
/// # Examples
///
/// ```
/// use std::convert::Infallible;
///
/// use geno_action::Haplotype;
/// use geno_planning::{Evaluate, Evaluation};
///
/// fn assert_evaluator(_: impl Evaluate<Error = Infallible>) {}
///
/// // How far the number of edits is from 3.
/// assert_evaluator(|candidates: &[Haplotype]| {
///     let n_edits = candidates.iter().map(|candidate| candidate.edits().len() as f64);
///     let evaluation = |n: f64| Evaluation { distance: (n - 3.0).abs(), state: vec![n as f32] };
///     Ok(n_edits.map(evaluation).collect())
/// });
/// ```
pub trait Evaluate {
    /// Why candidates could not be evaluated.
    type Error;

    /// Evaluates a batch.
    ///
    /// # Errors
    ///
    /// Whatever the evaluator fails with; the search ends with it.
    fn evaluate(&mut self, candidates: &[Haplotype]) -> Result<Vec<Evaluation>, Self::Error>;
}

impl<F, E> Evaluate for F
where
    F: FnMut(&[Haplotype]) -> Result<Vec<Evaluation>, E>,
{
    type Error = E;

    fn evaluate(&mut self, candidates: &[Haplotype]) -> Result<Vec<Evaluation>, E> {
        self(candidates)
    }
}
