//! Attention among a few tokens of many groups.

mod query;
mod steps;

use rayon::prelude::*;

use self::query::{Seen, attend_query};
pub use self::steps::TokenSteps;
use crate::{
    Kernel,
    scratch::{at_least, with_scratch},
};

/// Queries of a task at least, so that threads have enough to share.
const TASK_QUERIES: usize = 32;

/// The keys and values of groups of tokens, each group looked at by its own queries.
///
/// A group's first token may stand apart. As a softmax does not change when all scores are shifted,
/// its score is taken as 0 and the other keys are relative to its: `kⱼ − k₀`. That spares a
/// projection, and as `W·xⱼ + b − (W·x₀ + b) = W·(xⱼ − x₀)`, the bias too.
#[derive(Clone, Copy, Debug)]
pub struct TokenGroups<'a> {
    /// `[groups, width]`: the values of a token that every query sees with a score of 0.
    pub first: Option<&'a [f32]>,
    /// `[groups · keys, width]`.
    pub keys: &'a [f32],
    /// `[groups · keys, width]`.
    pub values: &'a [f32],
    /// `[groups · queries, keys]`, true where a query sees a key.
    pub visible: &'a [bool],
    /// Keys of a group.
    pub n_keys: usize,
    /// Heads, which share the width.
    pub n_heads: usize,
}

impl TokenGroups<'_> {
    /// Scaled dot-product attention: `out = softmax(q·kᵀ/√d) · v` over what each query sees, head by
    /// head. A query that sees nothing gets zeros, and what it does not see changes no bit.
    ///
    /// # Shapes
    ///
    /// - `queries`: `[groups · queries, width]`
    /// - `out`: as `queries`
    ///
    /// # Cost
    ///
    /// `4 · width` operations a query and key it sees.
    ///
    /// # Panics
    ///
    /// If a shape does not fit the others.
    pub fn attend(&self, kernel: Kernel, width: usize, queries: &[f32], out: &mut [f32]) {
        assert!(self.n_keys > 0 && width.is_multiple_of(self.n_heads));
        assert_eq!(self.values.len(), self.keys.len(), "values of other keys");
        let n_groups = self.keys.len() / (self.n_keys * width);
        assert_eq!(self.keys.len(), n_groups * self.n_keys * width);
        assert!(
            self.first
                .is_none_or(|first| first.len() == n_groups * width)
        );
        assert_eq!(out.len(), queries.len(), "results of other queries");
        let n_queries = queries.len() / width;
        assert_eq!(queries.len(), n_queries * width, "a part of a query");
        assert_eq!(self.visible.len(), n_queries * self.n_keys);
        if n_queries == 0 {
            return;
        }
        assert!(
            n_queries.is_multiple_of(n_groups),
            "queries of other groups"
        );
        let of_group = n_queries / n_groups;

        let rows = out.par_chunks_exact_mut(width).enumerate();
        rows.with_min_len(TASK_QUERIES).for_each(|(i, out)| {
            let (group, rows) = (i / of_group, self.n_keys * width);
            let seen = Seen {
                first: self.first.map(|first| &first[group * width..][..width]),
                keys: &self.keys[group * rows..][..rows],
                values: &self.values[group * rows..][..rows],
                stride: width,
                visible: Some(&self.visible[i * self.n_keys..][..self.n_keys]),
                head_dim: width / self.n_heads,
            };
            with_scratch(|scratch| {
                let scores = at_least(&mut scratch.values, self.n_keys);
                attend_query(kernel, &queries[i * width..][..width], seen, scores, out);
            });
        });
    }
}
