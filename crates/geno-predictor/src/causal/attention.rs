//! Attention to what came before.

use burn::{
    module::Module,
    tensor::{Device, Tensor, activation::softmax},
};

use super::rotation::Rotation;
use crate::{
    layer::{Linear, LinearInit},
    mask,
    source::{Sink, Source},
};

/// Keys and values `[batch, n_heads, n_tokens, d_head]` of one block.
#[derive(Clone, Debug)]
pub(super) struct KeyValues {
    keys: Tensor<4>,
    values: Tensor<4>,
}

/// `out · softmax(q·kᵀ/√d_head) · v` over a token and those before it, head by head; queries and
/// keys are rotated by their place.
#[derive(Module, Debug)]
pub(crate) struct CausalAttention {
    /// To queries, keys and values, in this order.
    in_proj: Linear,
    out_proj: Linear,
    n_heads: usize,
}

impl KeyValues {
    /// Number of tokens.
    pub(super) fn len(&self) -> usize {
        self.keys.dims()[2]
    }

    fn followed_by(self, next: Self) -> Self {
        Self {
            keys: Tensor::cat(vec![self.keys, next.keys], 2),
            values: Tensor::cat(vec![self.values, next.values], 2),
        }
    }
}

impl CausalAttention {
    pub(super) fn new<S: Source>(
        source: &mut S,
        name: &str,
        d: usize,
        n_heads: usize,
        device: &Device,
    ) -> Result<Self, S::Error> {
        let [in_proj, out_proj] = Self::names(name);
        let init = LinearInit::truncated(d);
        Ok(Self {
            in_proj: Linear::new(source, &in_proj, [d, 3 * d], init, device)?,
            out_proj: Linear::new(source, &out_proj, [d, d], init, device)?,
            n_heads,
        })
    }

    /// Looks from each of the rows `[batch, n, d]` at `past`, the rows before it and itself, and
    /// adds their keys and values to `past`.
    pub(super) fn forward(
        &self,
        x: Tensor<3>,
        past: &mut Option<KeyValues>,
        rotation: Option<&Rotation>,
    ) -> Tensor<3> {
        let [batch, n, d] = x.dims();
        let d_head = d / self.n_heads;
        let qkv = self
            .in_proj
            .forward(x)
            .reshape([batch, n, 3 * self.n_heads, d_head]);
        let part = |i| {
            let part = qkv.clone().narrow(2, i * self.n_heads, self.n_heads);
            part.swap_dims(1, 2)
        };
        let rotated = |x| match rotation {
            Some(rotation) => rotation.turn(x),
            None => x,
        };
        let own = KeyValues {
            keys: rotated(part(1)),
            values: part(2),
        };
        let seen = match past.take() {
            Some(past) => past.followed_by(own),
            None => own,
        };
        let before = seen.len() - n;

        let queries = rotated(part(0)).mul_scalar((d_head as f64).powf(-0.5));
        let mut scores = queries.matmul(seen.keys.clone().swap_dims(2, 3));
        if n > 1 {
            let hidden = mask::causal(n, before, &scores.device());
            scores = scores + hidden;
        }
        let mixed = softmax(scores, 3).matmul(seen.values.clone());
        *past = Some(seen);
        self.out_proj
            .forward(mixed.swap_dims(1, 2).reshape([batch, n, d]))
    }

    pub(super) fn save(&self, name: &str, sink: &mut Sink<'_>) {
        let [in_proj, out_proj] = Self::names(name);
        self.in_proj.save(&in_proj, sink);
        self.out_proj.save(&out_proj, sink);
    }

    pub(crate) fn names(name: &str) -> [String; 2] {
        ["in_proj", "out_proj"].map(|part| format!("{name}.{part}"))
    }
}
