//! Causal attention over kept keys and values.
//!
//! Keys are cut into blocks of [`BLOCK`] positions, counted from the first token of the window, and
//! a query always sees whole blocks, the future masked out. So the shape of every sum depends on
//! the query's position alone, not on how far its pass went on.

use burn::tensor::{DType, Device, Tensor, TensorData, activation::softmax};

use crate::dense::{matmul_rows, product};

/// Positions of a block: small, because the future of a query's own block is computed in vain.
pub(crate) const BLOCK: usize = 64;

/// Which key of a block a query of the same block may see: 0 if it may, −∞ if not.
///
/// Every mask is cut from this one, which lies on the device, so that a pass sends nothing there but
/// its tokens. −∞ is exact and, unlike a large negative number, fast in `exp`.
#[derive(Clone, Debug)]
pub(crate) struct Visibility {
    /// `[1, BLOCK, BLOCK]`: queries, keys.
    mask: Tensor<3>,
}

impl Visibility {
    pub(crate) fn new(device: &Device) -> Self {
        let row = |row| (0..BLOCK).map(move |key| if key > row { f32::NEG_INFINITY } else { 0.0 });
        let values: Vec<f32> = (0..BLOCK).flat_map(row).collect();
        Self {
            mask: Tensor::from_data(TensorData::new(values, [1, BLOCK, BLOCK]), device),
        }
    }

    /// The queries `first..first + rows`, once for each of `group` heads, and the first keys.
    ///
    /// # Shapes
    ///
    /// - output: `[1, group · rows, keys]`
    fn causal(&self, group: usize, first: usize, rows: usize, keys: usize) -> Tensor<3> {
        let mask = self.mask.clone().narrow(1, first, rows).narrow(2, 0, keys);
        mask.repeat_dim(1, group)
    }

    /// A query that sees so many keys, at least one: `[1, 1, BLOCK]`.
    fn first(&self, visible: usize) -> Tensor<3> {
        self.mask.clone().narrow(1, visible - 1, 1)
    }
}

/// Keys and values of the first tokens of a window in one layer.
///
/// Filled with zeros to whole blocks, of which the last may be nothing else.
#[derive(Clone, Debug)]
pub(crate) struct KeyValues {
    /// `[n_kv_heads, head_dim, positions]`: contiguous along the positions.
    keys: Tensor<3>,
    /// `[n_kv_heads, positions, head_dim]`.
    values: Tensor<3>,
}

impl KeyValues {
    /// Keys and values of the tokens `start..start + len`, after those of the tokens `..start`.
    ///
    /// # Shapes
    ///
    /// - `keys`, `values`: `[len, n_kv_heads, head_dim]`
    ///
    /// # Panics
    ///
    /// If `start` is not 0 and there is no `prefix`.
    pub(crate) fn append(
        prefix: Option<&Self>,
        start: usize,
        keys: Tensor<3>,
        values: Tensor<3>,
    ) -> Self {
        let [len, n_heads, head_dim] = keys.dims();
        let fill = match (start + len).next_multiple_of(BLOCK) - (start + len) {
            // Concatenating a single tensor gives that tensor: its keys would stay contiguous along
            // the summed axis, for which few queries are summed in another order than many.
            0 if start == 0 => BLOCK,
            fill => fill,
        };
        let (device, dtype) = (keys.device(), keys.dtype());

        let mut all_keys = vec![keys.permute([1, 2, 0])];
        let mut all_values = vec![values.permute([1, 0, 2])];
        if start > 0 {
            let prefix = prefix.expect("tokens before the first have keys");
            all_keys.insert(0, prefix.keys.clone().narrow(2, 0, start));
            all_values.insert(0, prefix.values.clone().narrow(1, 0, start));
        }
        if fill > 0 {
            let zeros = |shape: [usize; 3]| Tensor::<3>::zeros(shape, &device).cast(dtype);
            all_keys.push(zeros([n_heads, head_dim, fill]));
            all_values.push(zeros([n_heads, fill, head_dim]));
        }
        Self {
            keys: Tensor::cat(all_keys, 2),
            values: Tensor::cat(all_values, 1),
        }
    }

    /// Attention of the tokens from `first` on to all up to themselves.
    ///
    /// # Shapes
    ///
    /// - `queries`: `[len, n_heads, head_dim]`, scaled
    /// - output: `[len, n_heads · head_dim]`
    pub(crate) fn attend(
        &self,
        queries: Tensor<3>,
        first: usize,
        visibility: &Visibility,
    ) -> Tensor<2> {
        let [len, n_heads, head_dim] = queries.dims();
        let n_kv = self.keys.dims()[0];
        let group = n_heads / n_kv;
        // [n_kv, group, len, head_dim]
        let queries = queries
            .reshape([len, n_kv, group, head_dim])
            .permute([1, 2, 0, 3]);

        let mut outputs = Vec::new();
        let mut from = first;
        while from < first + len {
            let block = from / BLOCK * BLOCK;
            let to = (block + BLOCK).min(first + len);
            let rows = to - from;
            let q = queries.clone().narrow(2, from - first, rows);
            let q = q.reshape([n_kv, group * rows, head_dim]);

            let mask = visibility.causal(group, from - block, rows, BLOCK);
            let mut scores = Vec::new();
            if block > 0 {
                let past = self.keys.clone().narrow(2, 0, block);
                scores.push(matmul_rows(q.clone(), past));
            }
            let own = self.keys.clone().narrow(2, block, BLOCK);
            scores.push(matmul_rows(q, own) + mask);

            let weights = softmax(Tensor::cat(scores, 2), 2);
            let values = self.values.clone().narrow(1, 0, block + BLOCK);
            let output = matmul_rows(weights, values).reshape([n_kv, group, rows, head_dim]);
            outputs.push(output.permute([2, 0, 1, 3]));
            from = to;
        }
        Tensor::cat(outputs, 0).reshape([len, n_heads * head_dim])
    }

    /// Attention of `n` suffixes that follow the first `start` tokens, each to those and to itself.
    ///
    /// # Shapes
    ///
    /// - `queries`: `[n, kept, n_heads, head_dim]`, scaled, of the last `kept` tokens of a suffix
    /// - `keys`, `values`: `[n, len, n_kv_heads, head_dim]`, `len` at most [`BLOCK`]
    /// - output: `[n · kept, n_heads · head_dim]`
    pub(crate) fn attend_suffixes(
        &self,
        start: usize,
        queries: Tensor<4>,
        [keys, values]: [Tensor<4>; 2],
        visibility: &Visibility,
    ) -> Tensor<2> {
        let [n, kept, n_heads, head_dim] = queries.dims();
        let [_, len, n_kv, _] = keys.dims();
        let group = n_heads / n_kv;
        let rows = n * group * kept;
        // [n_kv, n, group, kept, head_dim]
        let queries: Tensor<5> = queries
            .reshape([n, kept, n_kv, group, head_dim])
            .permute([2, 0, 3, 1, 4]);
        let shared = queries.reshape([n_kv, rows, head_dim]);
        let own = shared.clone().reshape([n_kv, n, group * kept, head_dim]);

        let whole = start / BLOCK * BLOCK;
        let seen = start.next_multiple_of(BLOCK);
        let mut scores = Vec::new();
        if whole > 0 {
            let past = self.keys.clone().narrow(2, 0, whole);
            scores.push(matmul_rows(shared.clone(), past));
        }
        if seen > whole {
            let part = self.keys.clone().narrow(2, whole, BLOCK);
            scores.push(matmul_rows(shared, part) + visibility.first(start - whole));
        }
        let mask = visibility.causal(group, len - kept, kept, len);
        let own = product(own, keys.permute([2, 0, 3, 1])) + mask.unsqueeze_dim(0);
        scores.push(own.reshape([n_kv, rows, len]));
        let weights = softmax(Tensor::cat(scores, 2), 2);

        let past = weights.clone().narrow(2, 0, seen);
        let past = matmul_rows(past, self.values.clone().narrow(1, 0, seen));
        let own = weights.narrow(2, seen, len);
        let own = own.reshape([n_kv, n, group * kept, len]);
        let values = values.permute([2, 0, 1, 3]);
        // The product with one row is a multiplication; as a product, GPU libraries refuse it.
        let own = match len {
            1 => own * values.cast(DType::F32),
            _ => product(own, values),
        };
        let output = past + own.reshape([n_kv, rows, head_dim]);
        output
            .reshape([n_kv, n, group, kept, head_dim])
            .permute([1, 3, 0, 2, 4])
            .reshape([n * kept, n_heads * head_dim])
    }
}
