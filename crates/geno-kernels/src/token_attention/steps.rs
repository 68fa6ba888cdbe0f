//! Attention of tokens to those before them in many short sequences.

use rayon::prelude::*;

use super::{
    TASK_QUERIES,
    query::{Seen, attend_query},
};
use crate::{
    Kernel,
    scratch::{at_least, with_scratch},
};

/// The keys and values of sequences that go on side by side, one token a step.
///
/// They may be appended to step by step: a token's result is the same to the last bit whether those
/// before it were looked from in the same call or in earlier ones.
#[derive(Clone, Copy, Debug)]
pub struct TokenSteps<'a> {
    /// `[steps, sequences, 2 · width]`: of every token its key, then its values.
    pub keys_values: &'a [f32],
    /// Sequences.
    pub n_sequences: usize,
    /// Heads, which share the width.
    pub n_heads: usize,
}

impl TokenSteps<'_> {
    /// Scaled dot-product attention of the tokens of the last steps, each to itself and those before
    /// it in its sequence: `out = softmax(q·kᵀ/√d) · v`, head by head.
    ///
    /// # Shapes
    ///
    /// - `queries`: `[last steps, sequences, width]`
    /// - `out`: as `queries`
    ///
    /// # Cost
    ///
    /// `4 · width` operations a query and key it sees.
    ///
    /// # Panics
    ///
    /// If a shape does not fit the others.
    ///
    /// # Examples
    ///
    /// ```
    /// use geno_kernels::{Kernel, TokenSteps};
    ///
    /// // Two sequences of two tokens: keys of 0, which are all alike, and the values 2, 3 and 4, 9.
    /// let keys_values = [0., 2., 0., 3., 0., 4., 0., 9.];
    /// let steps = TokenSteps { keys_values: &keys_values, n_sequences: 2, n_heads: 1 };
    /// let mut out = [0.; 2];
    /// steps.attend(Kernel::detect(), 1, &[1., 1.], &mut out);
    /// assert_eq!(out, [3., 6.]);
    /// ```
    pub fn attend(&self, kernel: Kernel, width: usize, queries: &[f32], out: &mut [f32]) {
        let n_sequences = self.n_sequences;
        assert!(n_sequences > 0 && width.is_multiple_of(self.n_heads));
        let step = n_sequences * 2 * width;
        let n_steps = self.keys_values.len() / step;
        assert_eq!(self.keys_values.len(), n_steps * step, "a part of a step");
        assert_eq!(out.len(), queries.len(), "results of other queries");
        let asking = queries.len() / (n_sequences * width);
        assert_eq!(
            queries.len(),
            asking * n_sequences * width,
            "a part of a step"
        );
        assert!(asking <= n_steps, "queries of {asking} of {n_steps} steps");

        let rows = out.par_chunks_exact_mut(width).enumerate();
        rows.with_min_len(TASK_QUERIES).for_each(|(i, out)| {
            let n_keys = n_steps - asking + i / n_sequences + 1;
            let keys = &self.keys_values[i % n_sequences * 2 * width..];
            let seen = Seen {
                first: None,
                keys,
                values: &keys[width..],
                stride: step,
                visible: None,
                head_dim: width / self.n_heads,
            };
            with_scratch(|scratch| {
                let scores = at_least(&mut scratch.values, n_keys);
                attend_query(kernel, &queries[i * width..][..width], seen, scores, out);
            });
        });
    }
}
