//! The blocks of the predictor, over many rows.

use geno_kernels::{Affine, Kernel, LayerNorm};
use geno_weights::WeightError;

use super::{
    attention::{Projections, of_only_key},
    feed_forward::NormedFeedForward,
    layers::Layers,
    pass::{Pass, Tokens, Wanted},
    sight::Sight,
    workspace::Workspace,
};
use crate::{
    config::PredictorConfig,
    predictor::build::{cross_name, self_name},
    residual::PreNormFeedForward,
};

/// All blocks, in their order.
#[derive(Debug)]
pub(super) struct Network {
    cross_blocks: Vec<CrossBlock>,
    self_blocks: Vec<SelfBlock>,
    width: usize,
    n_heads: usize,
    kernel: Kernel,
}

/// The state looks at the actions in the even ones, the actions at the state in the odd ones.
#[derive(Debug)]
enum CrossBlock {
    Even {
        norm: LayerNorm,
        attention: Projections,
        /// Value and output in one, for a single action.
        of_only_key: Affine,
        ffn: NormedFeedForward,
    },
    Odd {
        /// Of queries and of what they look at.
        norms: [LayerNorm; 2],
        attention: Projections,
        ffn: NormedFeedForward,
    },
}

/// All look at all.
#[derive(Debug)]
struct SelfBlock {
    norm: LayerNorm,
    attention: Projections,
    ffn: NormedFeedForward,
}

impl Network {
    pub(super) fn load(
        layers: &mut Layers<'_, '_>,
        kernel: Kernel,
        config: &PredictorConfig,
    ) -> Result<Self, WeightError> {
        let d = config.d_hidden;
        let feed_forward = |layers: &mut Layers<'_, '_>, name: &str| {
            let names = PreNormFeedForward::names(name);
            NormedFeedForward::load(layers, names, [d, config.ffn_dim])
        };
        let cross_block = |i| -> Result<CrossBlock, WeightError> {
            let name = cross_name(i);
            let attn = format!("{name}.attn");
            let mut norm = |which: &str| layers.norm(&format!("{name}.{which}"), d);
            Ok(if i % 2 == 0 {
                CrossBlock::Even {
                    norm: norm("attn_norm")?,
                    attention: Projections::load(layers, &attn, d)?,
                    of_only_key: of_only_key(layers, kernel, &attn, d)?,
                    ffn: feed_forward(layers, &name)?,
                }
            } else {
                CrossBlock::Odd {
                    norms: [norm("query_norm")?, norm("memory_norm")?],
                    attention: Projections::load(layers, &attn, d)?,
                    ffn: feed_forward(layers, &name)?,
                }
            })
        };
        let cross_blocks: Result<_, _> = (0..config.n_cross_layers).map(cross_block).collect();
        let self_block = |i| -> Result<SelfBlock, WeightError> {
            let name = self_name(i);
            Ok(SelfBlock {
                norm: layers.norm(&format!("{name}.attn_norm"), d)?,
                attention: Projections::load(layers, &format!("{name}.attn"), d)?,
                ffn: feed_forward(layers, &name)?,
            })
        };
        let self_blocks: Result<_, _> = (0..config.n_self_layers).map(self_block).collect();
        Ok(Self {
            cross_blocks: cross_blocks?,
            self_blocks: self_blocks?,
            width: d,
            n_heads: config.n_heads,
            kernel,
        })
    }

    /// Runs the tokens of `workspace` through all blocks. Of the states, the last values are not
    /// computed; where the last step alone is wanted, its token is the only action's that stays.
    pub(super) fn forward(&self, sight: &Sight, wanted: Wanted, workspace: &mut Workspace) {
        let mut pass = Pass {
            kernel: self.kernel,
            width: self.width,
            n_heads: self.n_heads,
            sight,
            workspace,
        };
        for block in &self.cross_blocks {
            match block {
                CrossBlock::Even {
                    norm,
                    attention,
                    of_only_key,
                    ffn,
                } => {
                    match sight.n_actions() {
                        1 => pass.state_looks_at_one(norm, of_only_key),
                        _ => pass.state_looks(norm, attention),
                    }
                    pass.feed_forward(Tokens::States, ffn);
                }
                CrossBlock::Odd {
                    norms: [query, memory],
                    attention,
                    ffn,
                } => {
                    pass.actions_look(query, memory, attention, sight.causal());
                    pass.feed_forward(Tokens::Actions, ffn);
                }
            }
        }
        let (last, others) = self.self_blocks.split_last().expect("at least one block");
        for block in others {
            pass.all_look(&block.norm, &block.attention);
            pass.feed_forward(Tokens::All, &block.ffn);
        }
        // Nothing reads the state's after the last block.
        match wanted {
            Wanted::Every => {
                pass.actions_look(&last.norm, &last.norm, &last.attention, sight.by_actions());
            }
            Wanted::Last => pass.last_actions_look(&last.norm, &last.attention),
        }
        pass.feed_forward(Tokens::Actions, &last.ffn);
    }
}
