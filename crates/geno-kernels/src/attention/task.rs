//! One task of an attention: some queries, all heads.

use std::ops::Range;

use super::{
    AttentionShape, Segment,
    keys::{BLOCK, Keys, PackedKeys, Strided, pack},
    softmax::Seen,
};
use crate::{
    Format, Kernel,
    cpu::for_each_width,
    multiply::multiply,
    packed_rows::{PackedRows, TILE_HEIGHT},
    scratch::{Scratch, at_least, with_scratch},
};

/// Rows that a task multiplies at a time: the queries of all heads that share keys, in four tiles,
/// or of a single token where those are more.
const TASK_ROWS: usize = 4 * TILE_HEIGHT;

/// Queries that are computed together.
#[derive(Clone, Debug)]
pub(super) struct Task {
    /// One or more whole segments, or a part of one.
    segments: Range<usize>,
    /// The first query of the first segment that is part of it, counted in the segment.
    first: usize,
    pub(super) n_queries: usize,
    /// Rows of queries before it, in all segments.
    query_row: usize,
    /// Rows of keys before its first segment.
    key_row: usize,
}

/// Cuts segments into tasks: many short ones of one sequence together, long ones in parts.
pub(super) fn tasks(segments: &[Segment], shape: &AttentionShape, tasks: &mut Vec<Task>) {
    let most = (TASK_ROWS * shape.n_kv_heads / shape.n_heads).max(1);
    tasks.clear();
    let (mut query_row, mut key_row) = (0, 0);
    for (i, segment) in segments.iter().enumerate() {
        let n = segment.n_queries();
        let joins = segment.kept.is_none()
            && tasks.last().is_some_and(|task: &Task| {
                let first = &segments[task.segments.start];
                first.kept.is_none()
                    && first.follows == segment.follows
                    && task.first == 0
                    && task.segments.end == i
                    && task.n_queries + n <= most
            });
        if joins {
            let task = tasks.last_mut().expect("the one it joins");
            task.segments.end = i + 1;
            task.n_queries += n;
        } else {
            for first in (0..n).step_by(most) {
                tasks.push(Task {
                    segments: i..i + 1,
                    first,
                    n_queries: most.min(n - first),
                    query_row: query_row + first,
                    key_row,
                });
            }
        }
        query_row += n;
        key_row += segment.len;
    }
}

/// What all tasks read.
pub(super) struct Inputs<'a> {
    pub(super) kernel: Kernel,
    pub(super) shape: AttentionShape,
    pub(super) format: Format,
    pub(super) kept: &'a [PackedKeys],
    pub(super) segments: &'a [Segment],
    pub(super) queries: &'a [f32],
    pub(super) keys_values: &'a [f32],
}

/// The queries of one task and one head of keys, `[rows, head_dim]`, and what they have seen.
pub(super) struct Queries<'a> {
    pub(super) values: &'a [f32],
    pub(super) out: &'a mut [f32],
    pub(super) seen: &'a mut [Seen],
}

impl Inputs<'_> {
    /// Computes a task into its rows of the output.
    pub(super) fn run(&self, task: &Task, out: &mut [f32]) {
        with_scratch(|scratch| {
            for head in 0..self.shape.n_kv_heads {
                self.run_head(task, head, out, scratch);
            }
        });
    }

    fn run_head(&self, task: &Task, head: usize, out: &mut [f32], scratch: &mut Scratch) {
        let AttentionShape {
            n_heads,
            n_kv_heads,
            head_dim,
        } = self.shape;
        let group = n_heads / n_kv_heads;
        let width = self.shape.query_width();
        let rows = task.n_queries * group;
        let Scratch {
            rows: packed,
            inner_rows: weights,
            values,
            more_values: scores,
            keys,
            values_of_keys,
            seen,
            visible,
        } = scratch;
        let (values, sums) = at_least(values, 2 * rows * head_dim).split_at_mut(rows * head_dim);
        let seen = &mut at_least(seen, rows)[..rows];
        seen.fill(Seen::NOTHING);
        sums.fill(0.0);

        // The heads of a query follow each other, so that those of a segment do.
        // Weights are powers of two, which are cheaper than those of e.
        let scale = std::f32::consts::LOG2_E / (head_dim as f32).sqrt();
        let from = &self.queries[task.query_row * width..][..task.n_queries * width];
        for (row, to) in from
            .chunks_exact(width)
            .zip(values.chunks_exact_mut(group * head_dim))
        {
            let from = &row[head * group * head_dim..][..group * head_dim];
            for (to, from) in to.iter_mut().zip(from) {
                *to = from * scale;
            }
        }

        let mut work = Work {
            kernel: self.kernel,
            format: self.format,
            group,
            packed,
            weights,
            scores,
        };
        visible.clear();
        for i in task.segments.clone() {
            let queries = self.queries_of(task, i);
            visible.extend(queries.map(|_| self.segments[i].start));
        }
        if visible.iter().any(|visible| *visible > 0) {
            let follows = self.segments[task.segments.start].follows;
            let all = Queries {
                values,
                out: sums,
                seen,
            };
            work.attend(all, self.kept[follows * n_kv_heads + head].keys(), visible);
        }

        let (mut row, mut key_row) = (0, task.key_row);
        for i in task.segments.clone() {
            let segment = &self.segments[i];
            let queries = self.queries_of(task, i);
            let n = queries.len() * group;
            let own = match segment.kept {
                Some(number) => self.kept[number * n_kv_heads + head].keys(),
                None => self.own_keys(segment, key_row, head, keys, values_of_keys),
            };
            visible.clear();
            visible.extend(queries.map(|j| j + 1));
            let part = row * head_dim..(row + n) * head_dim;
            let queries = Queries {
                values: &values[part.clone()],
                out: &mut sums[part],
                seen: &mut seen[row..row + n],
            };
            work.attend(queries, own, visible);
            row += n;
            key_row += segment.len;
        }

        for (query, row) in out.chunks_exact_mut(width).enumerate() {
            for member in 0..group {
                let i = query * group + member;
                let to = &mut row[(head * group + member) * head_dim..][..head_dim];
                let from = &sums[i * head_dim..][..head_dim];
                for (to, from) in to.iter_mut().zip(from) {
                    *to = from / seen[i].sum;
                }
            }
        }
    }

    /// The tokens of a segment that ask in this task.
    fn queries_of(&self, task: &Task, i: usize) -> Range<usize> {
        let segment = &self.segments[i];
        if task.segments.len() > 1 {
            return segment.first_query..segment.end_query;
        }
        let first = segment.first_query + task.first;
        first..first + task.n_queries
    }

    fn own_keys<'s>(
        &self,
        segment: &Segment,
        key_row: usize,
        head: usize,
        keys: &'s mut Vec<crate::panel::Step>,
        values: &'s mut Vec<crate::panel::Step>,
    ) -> Keys<'s> {
        let (width, head_dim) = (self.shape.key_value_width(), self.shape.head_dim);
        let columns = |from: usize| Strided {
            values: &self.keys_values[key_row * width + from * head_dim..],
            stride: width,
            width: head_dim,
            len: segment.len,
        };
        let n_kv = self.shape.n_kv_heads;
        pack(
            keys,
            values,
            self.format,
            columns(head),
            columns(n_kv + head),
        )
    }
}

/// What is needed to go through keys.
pub(super) struct Work<'a> {
    pub(super) kernel: Kernel,
    pub(super) format: Format,
    pub(super) group: usize,
    pub(super) packed: &'a mut PackedRows,
    pub(super) weights: &'a mut PackedRows,
    pub(super) scores: &'a mut Vec<f32>,
}

impl Work<'_> {
    /// Takes keys into the sums of queries: query `i` sees the first `visible[i]`, with all its
    /// heads.
    pub(super) fn attend(&mut self, queries: Queries<'_>, keys: Keys<'_>, visible: &[usize]) {
        let most = visible.iter().copied().max().unwrap_or(0);
        if most == 0 {
            return;
        }
        let (rows, group) = (queries.seen.len(), self.group);
        let width = queries.values.len() / rows;
        let (kernel, format) = (self.kernel, self.format);
        self.packed
            .pack(kernel, format, queries.values, rows, 0..width, width);
        let scores = at_least(self.scores, rows * BLOCK);
        for block in 0..most.div_ceil(BLOCK) {
            let start = block * BLOCK;
            let n = BLOCK.min(most - start);
            let scores = &mut scores[..rows * n];
            multiply(
                kernel,
                self.packed,
                keys.columns(start..start + n),
                scores,
                n,
                false,
            );
            let rows_of_scores = scores.chunks_exact_mut(n).zip(queries.seen.iter_mut());
            let outs = queries.out.chunks_exact_mut(width);
            for (i, ((scores, seen), out)) in rows_of_scores.zip(outs).enumerate() {
                let visible = visible[i / group].saturating_sub(start).min(n);
                if let Some(factor) = seen.weigh(kernel, scores, visible) {
                    scale(kernel, out, factor);
                }
            }
            self.weights.pack(kernel, format, scores, rows, 0..n, n);
            multiply(
                kernel,
                self.weights,
                keys.values(block, 0),
                queries.out,
                width,
                true,
            );
        }
    }
}

for_each_width! {
    fn scale(values: &mut [f32], factor: f32) {
        values.iter_mut().for_each(|value| *value *= factor);
    }
}
