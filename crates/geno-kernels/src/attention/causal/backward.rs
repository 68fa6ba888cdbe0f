//! Gradients of causal attention.
//!
//! Scores are computed again, keys in rows and queries in columns, so that every product finds its
//! left operand in rows:
//!
//! ```text
//! Sᵀ = k'·q'ᵀ,  Pᵀ = 2^(Sᵀ − log_sum),  dPᵀ = v·dOᵀ,  dSᵀ = Pᵀ ∘ (dPᵀ − δ),  δ = Σ dO ∘ O
//! dv = Pᵀ·dO,  dk' = dSᵀ·q',  dq'ᵀ = k'ᵀ·dSᵀ
//! ```

use std::f32::consts::LN_2;

use rayon::prelude::*;

use super::{
    super::keys::{BLOCK, pack},
    Attended, AttentionInputs, BLOCK_ROWS, BUFFERS, Buffers, CausalAttention,
    heads::{Heads, Rotated, rows},
};
use crate::{
    AttentionShape, Format, RotaryTable,
    cpu::for_each_width,
    exp::exp2,
    multiply::{Panels, multiply},
    panel::{PANEL_WIDTH, Step},
    scratch::at_least,
};

/// What a window's gradients are computed from.
struct Window<'a> {
    inputs: AttentionInputs<&'a [f32]>,
    out: &'a [f32],
    log_sums: &'a [f32],
    gradient: &'a [f32],
}

impl CausalAttention<'_> {
    /// The gradients of what came in, given those of what went out.
    ///
    /// # Panics
    ///
    /// If a shape does not fit the others.
    pub fn backward(
        &self,
        inputs: &AttentionInputs<&[f32]>,
        attended: &Attended<&[f32]>,
        gradient: &[f32],
    ) -> AttentionInputs<Vec<f32>> {
        let n_rows = self.check(inputs);
        let [query, key] = self.widths();
        let n_heads = self.shape.n_heads;
        assert_eq!(gradient.len(), n_rows * query, "a gradient of other rows");
        assert_eq!(
            attended.out.len(),
            gradient.len(),
            "an output of other rows"
        );
        assert_eq!(attended.log_sums.len(), n_rows * n_heads);
        let mut gradients = AttentionInputs {
            queries: vec![0.0; n_rows * query],
            keys: vec![0.0; n_rows * key],
            values: vec![0.0; n_rows * key],
        };
        let back = self.rotary.opposite();
        let (wide, narrow) = (self.len * query, self.len * key);
        let windows = gradients
            .queries
            .par_chunks_mut(wide)
            .zip(gradients.keys.par_chunks_mut(narrow))
            .zip(gradients.values.par_chunks_mut(narrow))
            .enumerate();
        windows.for_each(|(i, ((queries, keys), values))| {
            let to = AttentionInputs {
                queries,
                keys,
                values,
            };
            let window = Window {
                inputs: AttentionInputs {
                    queries: &inputs.queries[i * wide..][..wide],
                    keys: &inputs.keys[i * narrow..][..narrow],
                    values: &inputs.values[i * narrow..][..narrow],
                },
                out: &attended.out[i * wide..][..wide],
                log_sums: &attended.log_sums[i * self.len * n_heads..][..self.len * n_heads],
                gradient: &gradient[i * wide..][..wide],
            };
            BUFFERS.with_borrow_mut(|buffers| self.window_back(&window, &back, to, buffers));
        });
        gradients
    }

    fn window_back(
        &self,
        window: &Window<'_>,
        back: &RotaryTable,
        to: AttentionInputs<&mut [f32]>,
        buffers: &mut Buffers,
    ) {
        let AttentionShape {
            n_heads,
            n_kv_heads,
            head_dim,
        } = self.shape;
        let (group, len) = (n_heads / n_kv_heads, self.len);
        let inputs = &window.inputs;
        for kv_head in 0..n_kv_heads {
            let heads = &mut buffers.heads;
            let rotated = Rotated::By(1.0);
            self.take(inputs.keys, n_kv_heads, kv_head, rotated, &mut heads.key);
            self.take(
                inputs.values,
                n_kv_heads,
                kv_head,
                Rotated::Not,
                &mut heads.value,
            );
            turn(&heads.key, head_dim, &mut heads.turned_key);
            for gradient in [&mut heads.key_gradient, &mut heads.value_gradient] {
                gradient.clear();
                gradient.resize(len * head_dim, 0.0);
            }
            for head in kv_head * group..(kv_head + 1) * group {
                let rotated = Rotated::By(self.score_scale());
                let heads = &mut buffers.heads;
                self.take(inputs.queries, n_heads, head, rotated, &mut heads.query);
                self.take(
                    window.gradient,
                    n_heads,
                    head,
                    Rotated::Not,
                    &mut heads.gradient,
                );
                self.take(window.out, n_heads, head, Rotated::Not, &mut heads.out);
                heads.log_sums.clear();
                let log_sums = window.log_sums.chunks_exact(n_heads).map(|row| row[head]);
                heads.log_sums.extend(log_sums);
                heads.delta.clear();
                let pairs = heads.gradient.chunks_exact(head_dim);
                let pairs = pairs.zip(heads.out.chunks_exact(head_dim));
                let dot =
                    |(a, b): (&[f32], &[f32])| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
                heads.delta.extend(pairs.map(dot));

                self.head_back(buffers);

                let Heads {
                    turned_query_gradient,
                    query_gradient,
                    ..
                } = &mut buffers.heads;
                turn(turned_query_gradient, len, query_gradient);
                let scale = (head_dim as f32).sqrt().recip();
                self.put_back(query_gradient, n_heads, head, (back, scale), to.queries);
            }
            let Heads {
                key_gradient,
                value_gradient,
                ..
            } = &mut buffers.heads;
            self.put_back(key_gradient, n_kv_heads, kv_head, (back, LN_2), to.keys);
            let rows = to.values.chunks_exact_mut(n_kv_heads * head_dim);
            for (row, gradient) in rows.zip(value_gradient.chunks_exact(head_dim)) {
                row[kv_head * head_dim..][..head_dim].copy_from_slice(gradient);
            }
        }
    }

    /// Adds the gradients of one head of queries: of its key and value, and of itself, in columns.
    fn head_back(&self, buffers: &mut Buffers) {
        let (kernel, head_dim, len) = (self.kernel, self.shape.head_dim, self.len);
        let Buffers {
            left,
            scores,
            query_steps: [query_columns, query_rows],
            gradient_steps: [gradient_columns, gradient_rows],
            score_steps,
            heads,
            ..
        } = buffers;
        let Heads {
            query,
            key,
            value,
            turned_key,
            gradient,
            turned_query_gradient,
            key_gradient,
            value_gradient,
            delta,
            log_sums,
            ..
        } = heads;
        let query = rows(query, head_dim);
        let queries = pack(query_columns, query_rows, Format::F32, query, query);
        let gradient = rows(gradient, head_dim);
        let gradients = pack(
            gradient_columns,
            gradient_rows,
            Format::F32,
            gradient,
            gradient,
        );
        turned_query_gradient.clear();
        turned_query_gradient.resize(len * head_dim, 0.0);

        for block in 0..len.div_ceil(BLOCK) {
            let (start, end) = (block * BLOCK, len.min((block + 1) * BLOCK));
            for first in (0..end).step_by(BLOCK_ROWS) {
                let n = BLOCK_ROWS.min(end - first);
                // Queries before the first key see none of these.
                let from = first.max(start) / PANEL_WIDTH * PANEL_WIDTH;
                let (columns, offset) = (end - from, from - start);
                let part = first * head_dim..(first + n) * head_dim;
                let both = at_least(scores, 2 * n * columns);
                let (weights, slopes) = both.split_at_mut(n * columns);

                left.pack(
                    kernel,
                    Format::F32,
                    &key[part.clone()],
                    n,
                    0..head_dim,
                    head_dim,
                );
                multiply(
                    kernel,
                    left,
                    queries.columns(from..end),
                    weights,
                    columns,
                    false,
                );
                left.pack(
                    kernel,
                    Format::F32,
                    &value[part.clone()],
                    n,
                    0..head_dim,
                    head_dim,
                );
                multiply(
                    kernel,
                    left,
                    gradients.columns(from..end),
                    slopes,
                    columns,
                    false,
                );

                let lines = weights.chunks_exact_mut(columns);
                for (i, (weights, slopes)) in
                    lines.zip(slopes.chunks_exact_mut(columns)).enumerate()
                {
                    let hidden = (first + i).saturating_sub(from);
                    weights[..hidden].fill(0.0);
                    slopes[..hidden].fill(0.0);
                    let seen = from + hidden..end;
                    slopes_of_scores(
                        kernel,
                        &mut weights[hidden..],
                        &mut slopes[hidden..],
                        &log_sums[seen.clone()],
                        &delta[seen],
                    );
                }

                left.pack(kernel, Format::F32, weights, n, 0..columns, columns);
                let to = &mut value_gradient[part.clone()];
                multiply(
                    kernel,
                    left,
                    gradients.values(block, offset),
                    to,
                    head_dim,
                    true,
                );
                left.pack(kernel, Format::F32, slopes, n, 0..columns, columns);
                let to = &mut key_gradient[part];
                multiply(
                    kernel,
                    left,
                    queries.values(block, offset),
                    to,
                    head_dim,
                    true,
                );

                let slopes = panels(slopes, columns, score_steps);
                left.pack(
                    kernel,
                    Format::F32,
                    &turned_key[first..],
                    head_dim,
                    0..n,
                    len,
                );
                let to = &mut turned_query_gradient[from..];
                multiply(kernel, left, slopes, to, len, true);
            }
        }
    }
}

for_each_width! {
    /// Turns scores into weights, and the slopes of weights into those of scores.
    fn slopes_of_scores(weights: &mut [f32], slopes: &mut [f32], log_sums: &[f32], delta: &[f32]) {
        let columns = weights.iter_mut().zip(slopes).zip(log_sums).zip(delta);
        for (((weight, slope), log_sum), delta) in columns {
            *weight = exp2(*weight - log_sum);
            *slope = *weight * (*slope - delta);
        }
    }
}

/// Turns `[rows, width]` into `[width, rows]`.
fn turn(values: &[f32], width: usize, turned: &mut Vec<f32>) {
    let n_rows = values.len() / width;
    turned.clear();
    turned.resize(values.len(), 0.0);
    for (i, row) in values.chunks_exact(width).enumerate() {
        for (j, value) in row.iter().enumerate() {
            turned[j * n_rows + i] = *value;
        }
    }
}

/// Packs rows as a right operand.
fn panels<'s>(values: &[f32], width: usize, steps: &'s mut Vec<Step>) -> Panels<'s> {
    let n_rows = values.len() / width;
    steps.clear();
    for column in (0..width).step_by(PANEL_WIDTH) {
        let columns = column..width.min(column + PANEL_WIDTH);
        steps.extend(values.chunks_exact(width).map(|row| {
            let mut step = Step::default();
            for (slot, value) in step.0.iter_mut().zip(&row[columns.clone()]) {
                *slot = value.to_bits();
            }
            step
        }));
    }
    Panels {
        panels: steps,
        stride: n_rows,
        first: 0,
        columns: width,
    }
}
