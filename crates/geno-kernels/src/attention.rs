//! Causal attention of sequences, and of many suffixes that follow them.

mod causal;
mod keys;
mod softmax;
mod task;

use rayon::prelude::*;

pub use self::causal::{Attended, AttentionInputs, CausalAttention};
pub(crate) use self::softmax::Seen;
use self::{
    keys::{PackedKeys, Strided},
    task::{Inputs, Task, tasks},
};
use crate::{Format, Kernel, packed_rows::ROW_SLOTS, rows::for_each_part};

/// Sizes of an attention.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AttentionShape {
    /// Heads that ask.
    pub n_heads: usize,
    /// Heads of keys and values, each for `n_heads / n_kv_heads` that ask.
    pub n_kv_heads: usize,
    /// Width of a head.
    pub head_dim: usize,
}

impl AttentionShape {
    /// Width of all heads that ask.
    pub fn query_width(&self) -> usize {
        self.n_heads * self.head_dim
    }

    /// Width of all keys and all values of a token.
    pub fn key_value_width(&self) -> usize {
        2 * self.n_kv_heads * self.head_dim
    }
}

/// Tokens in consecutive rows. Each sees the first tokens of a sequence, and those of its own
/// segment up to itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Segment {
    /// The sequence that is seen, as it was kept.
    pub follows: usize,
    /// How many of its tokens are seen; 0 for a segment that follows nothing.
    pub start: usize,
    /// How many tokens the segment has.
    pub len: usize,
    /// The number under which the segment's own keys and values are kept. Those of a short one need
    /// not be.
    pub kept: Option<usize>,
    /// The first token that asks: those from here on have a row of queries.
    pub first_query: usize,
    /// Those before here ask.
    pub end_query: usize,
}

impl Segment {
    /// How many rows of queries it has.
    pub fn n_queries(&self) -> usize {
        self.end_query - self.first_query
    }
}

/// Scaled dot-product attention, every token to itself and those before it.
///
/// Holds the packed keys and values of segments, so that others that follow them can be run later,
/// a part at a time. Keys are gone through 256 at a time, with the sums rescaled where a
/// larger score turns up, so that memory does not grow with the length of a sequence.
///
/// # Cost
///
/// `4 · head_dim` operations for each head, query and token it sees.
#[derive(Debug)]
pub struct Attention {
    kernel: Kernel,
    shape: AttentionShape,
    format: Format,
    /// `[numbers][kv heads]`.
    kept: Vec<PackedKeys>,
    tasks: Vec<Task>,
}

impl Attention {
    /// Attention for a network of weights in a format.
    ///
    /// Products are in `bf16` for [`Format::Bf16`] and [`Format::Int8`], as scores have no scale
    /// that is known beforehand.
    ///
    /// # Panics
    ///
    /// If a size is 0, a head is wider than 1,024 or the heads that ask are not a multiple of the
    /// others.
    pub fn new(kernel: Kernel, shape: AttentionShape, format: Format) -> Self {
        assert!(shape.n_kv_heads > 0 && shape.n_heads > 0 && shape.head_dim > 0);
        assert!(shape.head_dim <= ROW_SLOTS, "heads of {}", shape.head_dim);
        assert!(shape.n_heads.is_multiple_of(shape.n_kv_heads));
        Self {
            kernel,
            shape,
            format: format.of_attention(),
            kept: Vec::new(),
            tasks: Vec::new(),
        }
    }

    /// Packs and keeps the keys and values of a segment under a number, in place of any before.
    ///
    /// # Shapes
    ///
    /// - `keys_values`: `[tokens, 2 · n_kv_heads · head_dim]`, all keys before all values
    ///
    /// # Panics
    ///
    /// If a row is not whole.
    pub fn keep(&mut self, number: usize, keys_values: &[f32]) {
        let AttentionShape {
            n_kv_heads,
            head_dim,
            ..
        } = self.shape;
        let width = self.shape.key_value_width();
        assert_eq!(keys_values.len() % width, 0, "a part of a row");
        let first = number * n_kv_heads;
        if self.kept.len() < first + n_kv_heads {
            self.kept
                .resize_with(first + n_kv_heads, PackedKeys::default);
        }
        let format = self.format;
        let heads = self.kept[first..first + n_kv_heads].par_iter_mut();
        heads.enumerate().with_max_len(1).for_each(|(head, kept)| {
            let columns = |from: usize| Strided {
                values: &keys_values[from * head_dim..],
                stride: width,
                width: head_dim,
                len: keys_values.len() / width,
            };
            kept.pack(format, columns(head), columns(n_kv_heads + head));
        });
    }

    /// Attention of the queries of some segments.
    ///
    /// # Shapes
    ///
    /// - `queries`: `[queries of all segments, n_heads · head_dim]`
    /// - `keys_values`: `[tokens of all segments, 2 · n_kv_heads · head_dim]`, of which those of
    ///   segments that are not kept are read
    /// - `out`: as `queries`
    ///
    /// # Panics
    ///
    /// If a shape does not fit the segments, or a segment sees more than is kept.
    pub fn attend(
        &mut self,
        segments: &[Segment],
        queries: &[f32],
        keys_values: &[f32],
        out: &mut [f32],
    ) {
        let shape = self.shape;
        let n_queries: usize = segments.iter().map(Segment::n_queries).sum();
        let n_tokens: usize = segments.iter().map(|segment| segment.len).sum();
        assert_eq!(queries.len(), n_queries * shape.query_width());
        assert_eq!(out.len(), queries.len());
        assert_eq!(keys_values.len(), n_tokens * shape.key_value_width());
        for segment in segments {
            let kept = |number: usize| {
                let keys = self.kept.get(number * shape.n_kv_heads);
                keys.map_or(0, PackedKeys::len)
            };
            let own = segment.kept.map_or(segment.len, kept);
            assert_eq!(own, segment.len, "another segment was kept");
            assert!(segment.start == 0 || segment.start <= kept(segment.follows));
            assert!(segment.first_query <= segment.end_query && segment.end_query <= segment.len);
        }

        tasks(segments, &shape, &mut self.tasks);
        let inputs = Inputs {
            kernel: self.kernel,
            shape,
            format: self.format,
            kept: &self.kept,
            segments,
            queries,
            keys_values,
        };
        let len = |task: &Task| task.n_queries * shape.query_width();
        for_each_part(&self.tasks, out, &len, &|task, out| inputs.run(task, out));
    }
}
