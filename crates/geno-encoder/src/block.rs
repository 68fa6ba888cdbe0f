//! One block of the network: attention and a gated layer, both on a residual stream.

use burn::tensor::{FloatDType, Tensor, activation::silu};

use crate::{
    attention::{KeyValues, Visibility},
    dense::{Linear, RmsNorm},
    rope::Rotation,
};

/// What every block of a pass shares.
pub(crate) struct Pass<'a> {
    pub(crate) rotation: &'a Rotation,
    pub(crate) visibility: &'a Visibility,
}

/// Weights of one block.
///
/// `x ← x + O · attention(norm(x))`, then `x ← x + down(silu(gate(norm(x))) · up(norm(x)))`.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) attention_norm: RmsNorm,
    pub(crate) query: Linear,
    pub(crate) key: Linear,
    pub(crate) value: Linear,
    pub(crate) output: Linear,
    pub(crate) ffn_norm: RmsNorm,
    pub(crate) gate: Linear,
    pub(crate) up: Linear,
    pub(crate) down: Linear,
    pub(crate) head_dim: usize,
}

impl Block {
    /// Runs the tokens `start..` of one window after the kept keys and values of those before.
    ///
    /// Returns the rows `keep` (counted from `start`) and all keys and values.
    ///
    /// # Shapes
    ///
    /// - `x`: `[len, d]`
    /// - output: `[keep.len(), d]`
    pub(crate) fn extend(
        &self,
        x: Tensor<2>,
        start: usize,
        keep: std::ops::Range<usize>,
        prefix: Option<&KeyValues>,
        pass: &Pass<'_>,
    ) -> (Tensor<2>, KeyValues) {
        let Pass {
            rotation,
            visibility,
        } = *pass;
        let len = x.dims()[0];
        let normed = self.attention_norm.forward(x.clone());
        let (keys, values) = self.keys_values(&normed, 1, rotation);
        let kept = KeyValues::append(prefix, start, keys.squeeze_dim(0), values.squeeze_dim(0));

        let narrow = |x: Tensor<2>| match keep.len() == len {
            true => x,
            false => x.narrow(0, keep.start, keep.len()),
        };
        let queries = self.queries(narrow(normed), 1, &rotation.clone().slice(keep.clone()));
        let attended = kept.attend(queries.squeeze_dim(0), start + keep.start, visibility);
        (self.after_attention(narrow(x), attended), kept)
    }

    /// Runs `n` suffixes of equal length after the first `start` tokens of a window.
    ///
    /// Returns the last `keep` rows of every suffix.
    ///
    /// # Shapes
    ///
    /// - `x`: `[n · len, d]`
    /// - output: `[n · keep, d]`
    pub(crate) fn extend_each(
        &self,
        x: Tensor<2>,
        n: usize,
        start: usize,
        keep: usize,
        prefix: &KeyValues,
        pass: &Pass<'_>,
    ) -> Tensor<2> {
        let Pass {
            rotation,
            visibility,
        } = *pass;
        let len = x.dims()[0] / n;
        let normed = self.attention_norm.forward(x.clone());
        let (keys, values) = self.keys_values(&normed, n, rotation);

        let tail = |x: Tensor<2>| tail(x, n, keep);
        let queries = self.queries(tail(normed), n, &rotation.clone().slice(len - keep..len));
        let attended = prefix.attend_suffixes(start, queries, [keys, values], visibility);
        self.after_attention(tail(x), attended)
    }

    /// Multiplies in another dtype from now on: linear layers, and attention's products.
    pub(crate) fn cast(&mut self, dtype: FloatDType) {
        let layers = [
            &mut self.query,
            &mut self.key,
            &mut self.value,
            &mut self.output,
            &mut self.gate,
            &mut self.up,
            &mut self.down,
        ];
        layers.into_iter().for_each(|layer| layer.cast(dtype));
    }

    /// Keys and values in the dtype of the products.
    fn keys_values(
        &self,
        normed: &Tensor<2>,
        n: usize,
        rotation: &Rotation,
    ) -> (Tensor<4>, Tensor<4>) {
        let keys = self.heads(self.key.forward(normed.clone()), n);
        let values = self.heads(self.value.forward(normed.clone()), n);
        let dtype = self.key.weight.dtype();
        (rotation.rotate(keys).cast(dtype), values.cast(dtype))
    }

    /// Queries, scaled by `head_dim^(−1/2)`.
    fn queries(&self, normed: Tensor<2>, n: usize, rotation: &Rotation) -> Tensor<4> {
        let queries = self.heads(self.query.forward(normed), n);
        let scale = (self.head_dim as f64).sqrt().recip();
        rotation.rotate(queries).mul_scalar(scale)
    }

    /// `[n · len, n_heads · head_dim]` as `[n, len, n_heads, head_dim]`.
    fn heads(&self, x: Tensor<2>, n: usize) -> Tensor<4> {
        let [rows, width] = x.dims();
        x.reshape([n, rows / n, width / self.head_dim, self.head_dim])
    }

    fn after_attention(&self, x: Tensor<2>, attended: Tensor<2>) -> Tensor<2> {
        let x = x + self.output.forward(attended);
        let normed = self.ffn_norm.forward(x.clone());
        let gate = silu(self.gate.forward(normed.clone()));
        x + self.down.forward(gate * self.up.forward(normed))
    }
}

/// The last `keep` of the rows of each of `n` sequences.
pub(crate) fn tail(x: Tensor<2>, n: usize, keep: usize) -> Tensor<2> {
    let [rows, width] = x.dims();
    let len = rows / n;
    if keep == len {
        return x;
    }
    let x = x.reshape([n, len, width]).narrow(1, len - keep, keep);
    x.reshape([n * keep, width])
}
