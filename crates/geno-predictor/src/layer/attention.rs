//! Multi-head attention.

use burn::{
    module::Module,
    tensor::{Device, Tensor, activation::softmax, assert_shape},
};

use super::{Linear, LinearInit};
use crate::source::{Init, Sink, Source};

/// `out · softmax(q·kᵀ/√d_head + bias) · v`, head by head.
///
/// # Shapes
///
/// - queries: `[batch, n_queries, d]`
/// - memory: `[batch, n_keys, d]`
/// - bias: `[batch or 1, 1, n_queries or 1, n_keys]`, very negative where a query must not look
/// - output: `[batch, n_queries, d]`
#[derive(Module, Debug)]
pub(crate) struct Attention {
    /// To queries, keys and values, in this order.
    in_proj: Linear,
    out_proj: Linear,
    n_heads: usize,
}

impl Attention {
    /// Layers `in_proj_weight`, `in_proj_bias` and `out_proj.*` under a name.
    pub(crate) fn new<S: Source>(
        source: &mut S,
        name: &str,
        d: usize,
        n_heads: usize,
        [in_init, out_init]: [LinearInit; 2],
        device: &Device,
    ) -> Result<Self, S::Error> {
        let in_names = Self::in_names(name);
        let out_name = format!("{name}.out_proj");
        Ok(Self {
            in_proj: Linear::named(source, in_names, [d, 3 * d], in_init, device)?,
            out_proj: Linear::new(source, &out_name, [d, d], out_init, device)?,
            n_heads,
        })
    }

    /// The predictor's rule of drawing weights.
    pub(crate) fn truncated(d: usize) -> [LinearInit; 2] {
        [LinearInit::truncated(d); 2]
    }

    /// The action encoder's rule of drawing weights: Xavier-uniform into the heads.
    pub(crate) fn uniform(d: usize) -> [LinearInit; 2] {
        let in_init = LinearInit {
            weight: Init::Uniform((6. / (4 * d) as f64).sqrt()),
            bias: Init::Zeros,
        };
        let out_init = LinearInit {
            bias: Init::Zeros,
            ..LinearInit::uniform(d)
        };
        [in_init, out_init]
    }

    /// Looks from `queries` at `memory`.
    pub(crate) fn cross(
        &self,
        queries: Tensor<3>,
        memory: Tensor<3>,
        bias: Option<Tensor<4>>,
    ) -> Tensor<3> {
        let [_, _, d] = queries.dims();
        let q = self.in_proj.columns(queries, 0..d);
        let kv = self.in_proj.columns(memory, d..3 * d);
        let k = kv.clone().narrow(2, 0, d);
        self.attend(q, k, kv.narrow(2, d, d), bias)
    }

    /// Looks from every row at every row.
    pub(crate) fn within(&self, x: Tensor<3>, bias: Option<Tensor<4>>) -> Tensor<3> {
        let [_, _, d] = x.dims();
        let qkv = self.in_proj.forward(x);
        let part = |i| qkv.clone().narrow(2, i * d, d);
        self.attend(part(0), part(1), part(2), bias)
    }

    /// Looks at a memory of one row: whatever the query, its weight is 1.
    pub(crate) fn at_only(&self, memory: Tensor<3>) -> Tensor<3> {
        let [_, _, d] = memory.dims();
        assert_shape!(memory, [_, 1, d]);
        self.out_proj
            .forward(self.in_proj.columns(memory, 2 * d..3 * d))
    }

    fn attend(
        &self,
        q: Tensor<3>,
        k: Tensor<3>,
        v: Tensor<3>,
        bias: Option<Tensor<4>>,
    ) -> Tensor<3> {
        let [batch, n_queries, d] = q.dims();
        let d_head = d / self.n_heads;
        let heads = |x: Tensor<3>| {
            let [_, rows, _] = x.dims();
            x.reshape([batch, rows, self.n_heads, d_head])
                .swap_dims(1, 2)
        };
        let scale = (d_head as f64).powf(-0.5);
        let mut scores = heads(q).mul_scalar(scale).matmul(heads(k).swap_dims(2, 3));
        if let Some(bias) = bias {
            scores = scores + bias;
        }
        let mixed = softmax(scores, 3).matmul(heads(v));
        self.out_proj
            .forward(mixed.swap_dims(1, 2).reshape([batch, n_queries, d]))
    }

    pub(crate) fn save(&self, name: &str, sink: &mut Sink<'_>) {
        self.in_proj.save_as(Self::in_names(name), sink);
        self.out_proj.save(&format!("{name}.out_proj"), sink);
    }

    pub(crate) fn in_names(name: &str) -> [String; 2] {
        [
            format!("{name}.in_proj_weight"),
            format!("{name}.in_proj_bias"),
        ]
    }
}
