//! One head of a window, taken out of the rows of all heads and put back.

use super::{super::keys::Strided, CausalAttention};
use crate::rotary::rotate_row;

/// Heads of one window, each `[len, head_dim]`.
pub(super) struct Heads {
    pub(super) query: Vec<f32>,
    pub(super) key: Vec<f32>,
    pub(super) value: Vec<f32>,
    pub(super) out: Vec<f32>,
    /// `[head_dim, len]`.
    pub(super) turned_key: Vec<f32>,
    /// Of what goes out.
    pub(super) gradient: Vec<f32>,
    /// `[head_dim, len]`.
    pub(super) turned_query_gradient: Vec<f32>,
    pub(super) query_gradient: Vec<f32>,
    pub(super) key_gradient: Vec<f32>,
    pub(super) value_gradient: Vec<f32>,
    /// `[len]`: of each query the sum of gradient and output, value by value.
    pub(super) delta: Vec<f32>,
    /// `[len]`.
    pub(super) log_sums: Vec<f32>,
}

/// Whether a head is rotated when it is taken, and what it is multiplied with.
#[derive(Clone, Copy)]
pub(super) enum Rotated {
    Not,
    By(f32),
}

impl Heads {
    pub(super) const fn new() -> Self {
        Self {
            query: Vec::new(),
            key: Vec::new(),
            value: Vec::new(),
            out: Vec::new(),
            turned_key: Vec::new(),
            gradient: Vec::new(),
            turned_query_gradient: Vec::new(),
            query_gradient: Vec::new(),
            key_gradient: Vec::new(),
            value_gradient: Vec::new(),
            delta: Vec::new(),
            log_sums: Vec::new(),
        }
    }
}

/// A head's rows.
pub(super) fn rows(values: &[f32], head_dim: usize) -> Strided<'_> {
    Strided {
        values,
        stride: head_dim,
        width: head_dim,
        len: values.len() / head_dim,
    }
}

impl CausalAttention<'_> {
    /// Takes head `head` of `n` out of a window's rows.
    pub(super) fn take(
        &self,
        from: &[f32],
        n: usize,
        head: usize,
        rotated: Rotated,
        to: &mut Vec<f32>,
    ) {
        let head_dim = self.shape.head_dim;
        to.clear();
        for (position, row) in from.chunks_exact(n * head_dim).enumerate() {
            let start = to.len();
            to.extend_from_slice(&row[head * head_dim..][..head_dim]);
            if let Rotated::By(scale) = rotated {
                let row = &mut to[start..];
                rotate_row(self.kernel, row, self.rotary.angles(position));
                row.iter_mut().for_each(|value| *value *= scale);
            }
        }
    }

    /// Puts the gradient of head `head` of `n`, as it was rotated, back into a window's rows; `back`
    /// are the opposite angles of the table.
    pub(super) fn put_back(
        &self,
        from: &mut [f32],
        n: usize,
        head: usize,
        (back, scale): (&crate::RotaryTable, f32),
        to: &mut [f32],
    ) {
        let head_dim = self.shape.head_dim;
        let rows = to.chunks_exact_mut(n * head_dim);
        for (position, (from, to)) in from.chunks_exact_mut(head_dim).zip(rows).enumerate() {
            rotate_row(self.kernel, from, back.angles(position));
            let to = &mut to[head * head_dim..][..head_dim];
            for (to, from) in to.iter_mut().zip(from) {
                *to = *from * scale;
            }
        }
    }
}
