//! Causal attention of whole windows, with rotary positions: what a training step asks for.

mod backward;
mod heads;

use std::cell::RefCell;

use rayon::prelude::*;

use self::heads::{Heads, Rotated};
use super::{
    AttentionShape,
    keys::pack,
    softmax::Seen,
    task::{Queries, Work},
};
use crate::{
    Format, Kernel, RotaryTable,
    packed_rows::{PackedRows, TILE_HEIGHT},
    panel::Step,
    scratch::at_least,
};

/// Queries, or keys, that are multiplied at a time.
const BLOCK_ROWS: usize = 4 * TILE_HEIGHT;

/// Scaled dot-product attention of every token of a window to itself and those before it, in `f32`,
/// forwards and backwards; queries and keys are rotated by their positions first.
///
/// ```text
/// q' = R q,  k' = R k,  p = softmax(q'·k' / √head_dim),  out = p · v
/// ```
///
/// Nothing above the diagonal is computed but in the tiles that it crosses. Windows are worked on side
/// by side, each by one thread: results are the same bits for any number of threads.
///
/// # Cost
///
/// `4 · head_dim` operations for each head, query and token it sees; backwards, where scores are
/// computed again, `10 · head_dim`. Nothing of the size of the scores is kept.
#[derive(Clone, Copy, Debug)]
pub struct CausalAttention<'a> {
    /// Instructions to compute with.
    pub kernel: Kernel,
    /// Heads and their width.
    pub shape: AttentionShape,
    /// Angles of the positions, as many as a window has tokens or more.
    pub rotary: &'a RotaryTable,
    /// Tokens of a window.
    pub len: usize,
}

/// What comes in, or what is its gradient.
///
/// # Shapes
///
/// - `queries`: `[windows · len, n_heads · head_dim]`
/// - `keys`, `values`: `[windows · len, n_kv_heads · head_dim]`
#[derive(Debug)]
pub struct AttentionInputs<T> {
    /// Queries, not rotated.
    pub queries: T,
    /// Keys, not rotated.
    pub keys: T,
    /// Values.
    pub values: T,
}

/// What goes out, and what the way back needs of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Attended<T> {
    /// `[windows · len, n_heads · head_dim]`.
    pub out: T,
    /// `[windows · len, n_heads]`: of each query `log₂ Σ 2^score`, scores being to base two.
    pub log_sums: T,
}

impl Attended<Vec<f32>> {
    /// The same, borrowed.
    pub fn borrow(&self) -> Attended<&[f32]> {
        Attended {
            out: &self.out,
            log_sums: &self.log_sums,
        }
    }
}

/// Memory of one window, kept by its thread.
struct Buffers {
    left: PackedRows,
    right: PackedRows,
    scores: Vec<f32>,
    seen: Vec<Seen>,
    visible: Vec<usize>,
    key_steps: Vec<Step>,
    value_steps: Vec<Step>,
    query_steps: [Vec<Step>; 2],
    gradient_steps: [Vec<Step>; 2],
    score_steps: Vec<Step>,
    heads: Heads,
}

thread_local! {
    static BUFFERS: RefCell<Buffers> = const {
        RefCell::new(Buffers {
            left: PackedRows::new(),
            right: PackedRows::new(),
            scores: Vec::new(),
            seen: Vec::new(),
            visible: Vec::new(),
            key_steps: Vec::new(),
            value_steps: Vec::new(),
            query_steps: [Vec::new(), Vec::new()],
            gradient_steps: [Vec::new(), Vec::new()],
            score_steps: Vec::new(),
            heads: Heads::new(),
        })
    };
}

impl CausalAttention<'_> {
    /// Attention of all windows.
    ///
    /// # Panics
    ///
    /// If a shape does not fit the others, or the table has fewer positions than a window.
    pub fn forward(&self, inputs: &AttentionInputs<&[f32]>) -> Attended<Vec<f32>> {
        let n_rows = self.check(inputs);
        let AttentionShape { n_heads, .. } = self.shape;
        let [query, key] = self.widths();
        let mut out = vec![0.0; n_rows * query];
        let mut log_sums = vec![0.0; n_rows * n_heads];
        if n_rows > 0 {
            let windows = out
                .par_chunks_mut(self.len * query)
                .zip(log_sums.par_chunks_mut(self.len * n_heads))
                .zip(inputs.queries.par_chunks(self.len * query))
                .zip(inputs.keys.par_chunks(self.len * key))
                .zip(inputs.values.par_chunks(self.len * key));
            windows.for_each(|((((out, log_sums), queries), keys), values)| {
                let inputs = AttentionInputs {
                    queries,
                    keys,
                    values,
                };
                BUFFERS.with_borrow_mut(|buffers| {
                    self.window(&inputs, out, log_sums, buffers);
                });
            });
        }
        Attended { out, log_sums }
    }

    fn window(
        &self,
        inputs: &AttentionInputs<&[f32]>,
        out: &mut [f32],
        log_sums: &mut [f32],
        buffers: &mut Buffers,
    ) {
        let AttentionShape {
            n_heads,
            n_kv_heads,
            head_dim,
        } = self.shape;
        let group = n_heads / n_kv_heads;
        let Buffers {
            left,
            right,
            scores,
            seen,
            visible,
            key_steps,
            value_steps,
            heads,
            ..
        } = buffers;
        let Heads {
            query,
            key,
            value,
            out: sums,
            ..
        } = heads;
        for kv_head in 0..n_kv_heads {
            self.take(inputs.keys, n_kv_heads, kv_head, Rotated::By(1.0), key);
            self.take(inputs.values, n_kv_heads, kv_head, Rotated::Not, value);
            let rows = |values| heads::rows(values, head_dim);
            let packed = pack(key_steps, value_steps, Format::F32, rows(key), rows(value));
            for head in kv_head * group..(kv_head + 1) * group {
                let rotated = Rotated::By(self.score_scale());
                self.take(inputs.queries, n_heads, head, rotated, query);
                sums.clear();
                sums.resize(self.len * head_dim, 0.0);
                let seen = at_least(seen, self.len);
                seen.fill(Seen::NOTHING);
                let mut work = Work {
                    kernel: self.kernel,
                    format: Format::F32,
                    group: 1,
                    packed: left,
                    weights: right,
                    scores,
                };
                let blocks = query
                    .chunks(BLOCK_ROWS * head_dim)
                    .zip(sums.chunks_mut(BLOCK_ROWS * head_dim))
                    .zip(seen.chunks_mut(BLOCK_ROWS));
                for (i, ((values, out), seen)) in blocks.enumerate() {
                    visible.clear();
                    visible.extend((1..=seen.len()).map(|j| i * BLOCK_ROWS + j));
                    work.attend(Queries { values, out, seen }, packed, visible);
                }

                let rows = out.chunks_exact_mut(n_heads * head_dim);
                let log_sums = log_sums.chunks_exact_mut(n_heads);
                let found = sums.chunks_exact(head_dim).zip(seen.iter());
                for ((row, log_sums), (sums, seen)) in rows.zip(log_sums).zip(found) {
                    let row = &mut row[head * head_dim..][..head_dim];
                    for (out, sum) in row.iter_mut().zip(sums) {
                        *out = sum / seen.sum;
                    }
                    log_sums[head] = seen.largest + seen.sum.log2();
                }
            }
        }
    }

    /// What scores to base two are multiplied with.
    fn score_scale(&self) -> f32 {
        std::f32::consts::LOG2_E / (self.shape.head_dim as f32).sqrt()
    }

    /// Widths of queries and of keys.
    fn widths(&self) -> [usize; 2] {
        let AttentionShape {
            n_heads,
            n_kv_heads,
            head_dim,
        } = self.shape;
        [n_heads * head_dim, n_kv_heads * head_dim]
    }

    /// The number of rows.
    fn check(&self, inputs: &AttentionInputs<&[f32]>) -> usize {
        let AttentionShape {
            n_heads,
            n_kv_heads,
            head_dim,
        } = self.shape;
        assert!(n_kv_heads > 0 && n_heads > 0 && head_dim > 0 && self.len > 0);
        assert!(n_heads.is_multiple_of(n_kv_heads));
        assert_eq!(self.rotary.head_dim(), head_dim, "angles of other heads");
        assert!(
            self.len <= self.rotary.positions(),
            "positions past the table"
        );
        let [query, key] = self.widths();
        let n_rows = inputs.queries.len() / query;
        assert_eq!(inputs.queries.len(), n_rows * query, "a part of a row");
        assert_eq!(n_rows % self.len, 0, "a part of a window");
        assert_eq!(inputs.keys.len(), n_rows * key, "keys of other rows");
        assert_eq!(inputs.values.len(), n_rows * key, "values of other rows");
        n_rows
    }
}
