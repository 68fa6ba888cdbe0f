//! The layers of a block's attention, and an encoder in which they are others.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::{CarbonEncoder, block::Block, dense::Linear};

/// One of the four layers of a block's attention.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub enum AttentionLayer {
    /// Queries.
    #[serde(rename = "q")]
    Query,
    /// Keys.
    #[serde(rename = "k")]
    Key,
    /// Values.
    #[serde(rename = "v")]
    Value,
    /// What turns the attended values into rows of the residual stream.
    #[serde(rename = "o")]
    Output,
}

impl AttentionLayer {
    /// All four, in the order of a checkpoint.
    pub const ALL: [Self; 4] = [Self::Query, Self::Key, Self::Value, Self::Output];

    /// Its name in a checkpoint: `q_proj`, `k_proj`, `v_proj`, `o_proj`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Query => "q_proj",
            Self::Key => "k_proj",
            Self::Value => "v_proj",
            Self::Output => "o_proj",
        }
    }

    fn of(self, block: &mut Block) -> &mut Linear {
        match self {
            Self::Query => &mut block.query,
            Self::Key => &mut block.key,
            Self::Value => &mut block.value,
            Self::Output => &mut block.output,
        }
    }
}

impl CarbonEncoder {
    /// The same encoder with other attention weights, which share memory where they are the same.
    ///
    /// `map` is asked for each block below the state layer and each of its layers, and is given the
    /// weights there, `[n_in, n_out]`. If the encoder was loaded on a device that records gradients,
    /// those of states reach whatever the new weights were computed from.
    ///
    /// # Panics
    ///
    /// If new weights have another shape.
    #[must_use]
    pub fn map_attention(
        &self,
        mut map: impl FnMut(usize, AttentionLayer, Tensor<2>) -> Tensor<2>,
    ) -> Self {
        let mut encoder = self.clone();
        for (i, block) in encoder.network.blocks.iter_mut().enumerate() {
            for layer in AttentionLayer::ALL {
                let linear = layer.of(block);
                let weight = linear.weight.clone().squeeze_dim(0);
                let shape = weight.dims();
                let mapped = map(i, layer, weight);
                assert_eq!(mapped.dims(), shape, "weights of a layer");
                linear.weight = mapped.unsqueeze_dim(0);
            }
        }
        encoder
    }

    /// Runs sites one after the other, however small the network.
    ///
    /// Gradients need that: what a weight has from several sites is then always summed in one order.
    #[must_use]
    pub fn one_after_another(mut self) -> Self {
        self.max_parallel_width = 0;
        self
    }
}
