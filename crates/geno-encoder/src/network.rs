//! The network up to its state layer.

use std::{ops::Range, sync::Arc};

use burn::tensor::{Int, Tensor, TensorData};

use crate::{
    attention::{KeyValues, Visibility},
    block::{Block, Pass, tail},
    dense::RmsNorm,
    rope::Rope,
};

/// Embedding rows of DNA, the blocks below the state layer, and the norm where that is the last.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    /// `[n_dna_tokens, d]`.
    pub(crate) embedding: Tensor<2>,
    pub(crate) blocks: Vec<Block>,
    pub(crate) final_norm: Option<RmsNorm>,
    pub(crate) rope: Arc<Rope>,
    pub(crate) visibility: Visibility,
}

/// Keys and values of the first tokens of a window, in every layer that was run.
pub(crate) type Prefix = Vec<KeyValues>;

impl Network {
    /// Runs the tokens `start..` of a window, of which `prefix` holds those before.
    ///
    /// Returns the rows `keep` of the state layer, counted from the window's first token, and the
    /// keys and values of all tokens up to the last. In the last block, other rows than those give
    /// keys and values only.
    ///
    /// # Shapes
    ///
    /// - output: `[keep.len(), d]`
    pub(crate) fn extend(
        &self,
        tokens: &[u32],
        start: usize,
        prefix: &[KeyValues],
        keep: Range<usize>,
    ) -> (Tensor<2>, Prefix) {
        let len = tokens.len();
        let keep = keep.start - start..keep.end - start;
        let Some(last) = self.blocks.len().checked_sub(1) else {
            return (self.embed(&tokens[keep]), Prefix::new());
        };

        let pass = Pass {
            rotation: &self.rope.at(start..start + len),
            visibility: &self.visibility,
        };
        let mut x = self.embed(tokens);
        let mut kept = Prefix::new();
        for (i, block) in self.blocks.iter().enumerate() {
            let rows = if i == last { keep.clone() } else { 0..len };
            let (rows, layer) = block.extend(x, start, rows, prefix.get(i), &pass);
            x = rows;
            kept.push(layer);
        }
        (self.finish(x), kept)
    }

    /// Runs suffixes of equal length, each after the first `start` tokens of one window.
    ///
    /// Returns the last `keep` rows of every suffix at the state layer.
    ///
    /// # Shapes
    ///
    /// - output: `[n, keep, d]`
    pub(crate) fn extend_each(
        &self,
        suffixes: &[&[u32]],
        start: usize,
        prefix: &[KeyValues],
        keep: usize,
    ) -> Tensor<3> {
        let (n, len) = (suffixes.len(), suffixes[0].len());
        let pass = Pass {
            rotation: &self.rope.at(start..start + len),
            visibility: &self.visibility,
        };
        let mut x = self.embed(&suffixes.concat());
        for (i, (block, prefix)) in self.blocks.iter().zip(prefix).enumerate() {
            let rows = if i + 1 == self.blocks.len() {
                keep
            } else {
                len
            };
            x = block.extend_each(x, n, start, rows, prefix, &pass);
        }
        let x = self.finish(if self.blocks.is_empty() {
            tail(x, n, keep)
        } else {
            x
        });
        let width = x.dims()[1];
        x.reshape([n, keep, width])
    }

    fn embed(&self, tokens: &[u32]) -> Tensor<2> {
        let ids: Vec<i32> = tokens.iter().map(|&id| id as i32).collect();
        let ids = TensorData::new(ids, [tokens.len()]);
        let ids = Tensor::<1, Int>::from_data(ids, &self.embedding.device());
        self.embedding.clone().select(0, ids)
    }

    fn finish(&self, x: Tensor<2>) -> Tensor<2> {
        match &self.final_norm {
            Some(norm) => norm.forward(x),
            None => x,
        }
    }
}
