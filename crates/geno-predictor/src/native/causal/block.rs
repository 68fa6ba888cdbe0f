//! One block of the causal predictor.

use geno_kernels::{Affine, Kernel, LayerNorm, TokenSteps, rotate};
use geno_weights::WeightError;

use super::sequences::Sequences;
use crate::{
    causal::{attention::CausalAttention, block::CausalBlock},
    causal_config::CausalConfig,
    native::{
        feed_forward::NormedFeedForward,
        layers::Layers,
        workspace::{Workspace, sized},
    },
};

/// `x += attention(LN(x))`, `x += ffn(LN(x))`.
#[derive(Debug)]
pub(super) struct Block {
    norm: LayerNorm,
    query: Affine,
    /// Keys, then values.
    key_value: Affine,
    output: Affine,
    ffn: NormedFeedForward,
    n_heads: usize,
}

impl Block {
    pub(super) fn load(
        layers: &mut Layers<'_, '_>,
        name: &str,
        config: &CausalConfig,
    ) -> Result<Self, WeightError> {
        let d = config.d_hidden;
        let [attn_norm, attn, ffn_norm, inner, outer] = CausalBlock::names(name);
        let [in_proj, out_proj] = CausalAttention::names(&attn);
        let norm = layers.norm(&attn_norm, d)?;
        let in_names = ["weight", "bias"].map(|part| format!("{in_proj}.{part}"));
        let [query, key_value] = layers.cut(in_names, d, [d, 2 * d])?;
        Ok(Self {
            norm,
            query,
            key_value,
            output: layers.affine(&out_proj, [d, d])?,
            ffn: NormedFeedForward::load(layers, [ffn_norm, inner, outer], [d, config.ffn_dim])?,
            n_heads: config.n_heads,
        })
    }

    /// Runs the new tokens through this block, the `i`-th, and keeps their keys and values. Of the
    /// first `unread` values of the tokens no more is made than those.
    pub(super) fn forward(
        &self,
        kernel: Kernel,
        sequences: &mut Sequences,
        i: usize,
        unread: usize,
    ) {
        let (d, n_heads) = (self.norm.weight.len(), self.n_heads);
        let Workspace {
            tokens,
            normed,
            queries,
            mixed,
            inner,
            ..
        } = &mut sequences.work;
        let (kept, positions) = (&mut sequences.kept[i], &sequences.positions);

        let memory = sized(normed, tokens.len());
        self.norm.forward(kernel, tokens, memory);
        let before = kept.len();
        kept.resize(before + 2 * tokens.len(), 0.0);
        self.key_value.forward(kernel, memory, &mut kept[before..]);
        let asking = &memory[unread..];
        let queries = sized(queries, asking.len());
        self.query.forward(kernel, asking, queries);
        if let Some(table) = &sequences.rotary {
            let keys_values = &mut kept[before..];
            rotate(kernel, table, positions, keys_values, 2 * d, n_heads);
            let positions = &positions[unread / d..];
            rotate(kernel, table, positions, queries, d, n_heads);
        }

        let steps = TokenSteps {
            keys_values: kept,
            n_sequences: sequences.n_rows,
            n_heads,
        };
        let mixed = sized(mixed, queries.len());
        steps.attend(kernel, d, queries, mixed);
        let tokens = &mut tokens[unread..];
        self.output.add(kernel, mixed, tokens);
        self.ffn.add(kernel, tokens, normed, inner);
    }
}
