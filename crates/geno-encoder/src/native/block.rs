//! One block of the network, over the segments of a batch.

use std::ops::Range;

use geno_kernels::{
    Attention, GatedLayer, Kernel, PackedMatrix, RmsNorm, RotaryTable, Segment, add_gated,
    add_product, project, rotate,
};

use super::network::Workspace;

/// Weights of one block, packed.
pub(super) struct Block {
    pub(super) norm: RmsNorm,
    pub(super) query: PackedMatrix,
    /// All keys, then all values.
    pub(super) key_value: PackedMatrix,
    pub(super) output: PackedMatrix,
    pub(super) gated: GatedLayer,
}

/// What every block of a network shares.
pub(super) struct Heads<'a> {
    pub(super) kernel: Kernel,
    pub(super) rotary: &'a RotaryTable,
    pub(super) n_heads: usize,
    pub(super) n_kv_heads: usize,
}

impl Block {
    /// Runs some segments, `x ← x + …` in place.
    pub(super) fn forward(
        &self,
        heads: &Heads<'_>,
        segments: &[Segment],
        positions: &[u32],
        x: &mut [f32],
        workspace: &mut Workspace,
    ) {
        let Workspace {
            queries,
            key_values,
            attended,
            attention,
            ..
        } = workspace;
        let attention = attention.as_mut().expect("made for the network");
        let n_rows = positions.len();
        let queries = sized(queries, n_rows * self.query.columns());
        let key_values = sized(key_values, n_rows * self.key_value.columns());
        let products = [
            (&self.query, &mut *queries),
            (&self.key_value, &mut *key_values),
        ];
        project(heads.kernel, &self.norm, x, products);
        heads.rotate(positions, queries, heads.n_heads, self.query.columns());
        heads.rotate(
            positions,
            key_values,
            heads.n_kv_heads,
            self.key_value.columns(),
        );
        keep(attention, segments, key_values, self.key_value.columns());

        let attended = sized(attended, queries.len());
        attention.attend(segments, queries, key_values, attended);
        add_product(heads.kernel, attended, &self.output, x);
        add_gated(heads.kernel, &self.gated, x);
    }

    /// Runs some segments as the last block does: all rows give keys and values, and only those
    /// that are wanted go on. They are added to `out`.
    pub(super) fn finish(
        &self,
        heads: &Heads<'_>,
        segments: &[Segment],
        positions: &[u32],
        x: &[f32],
        workspace: &mut Workspace,
    ) {
        let Workspace {
            queries,
            key_values,
            attended,
            attention,
            out,
            out_positions,
            ..
        } = workspace;
        let attention = attention.as_mut().expect("made for the network");
        let width = self.norm.weight.len();
        let key_values = sized(key_values, positions.len() * self.key_value.columns());
        project(
            heads.kernel,
            &self.norm,
            x,
            [(&self.key_value, &mut *key_values)],
        );
        heads.rotate(
            positions,
            key_values,
            heads.n_kv_heads,
            self.key_value.columns(),
        );
        keep(attention, segments, key_values, self.key_value.columns());

        let first = out.len();
        out_positions.clear();
        for rows in wanted(segments) {
            out.extend_from_slice(&x[rows.start * width..rows.end * width]);
            out_positions.extend_from_slice(&positions[rows]);
        }
        let x = &mut out[first..];
        let queries = sized(queries, out_positions.len() * self.query.columns());
        project(heads.kernel, &self.norm, x, [(&self.query, &mut *queries)]);
        heads.rotate(out_positions, queries, heads.n_heads, self.query.columns());

        let attended = sized(attended, queries.len());
        attention.attend(segments, queries, key_values, attended);
        add_product(heads.kernel, attended, &self.output, x);
        add_gated(heads.kernel, &self.gated, x);
    }
}

impl Heads<'_> {
    fn rotate(&self, positions: &[u32], x: &mut [f32], n_heads: usize, width: usize) {
        rotate(self.kernel, self.rotary, positions, x, width, n_heads);
    }
}

/// Keeps the keys of the segments that others follow, or that are long.
fn keep(attention: &mut Attention, segments: &[Segment], key_values: &[f32], width: usize) {
    let mut row = 0;
    for segment in segments {
        if let Some(number) = segment.kept {
            attention.keep(
                number,
                &key_values[row * width..(row + segment.len) * width],
            );
        }
        row += segment.len;
    }
}

/// The rows that the state layer needs, counted from the first of the segments.
pub(super) fn wanted(segments: &[Segment]) -> impl Iterator<Item = Range<usize>> {
    segments.iter().scan(0, |row, segment| {
        let first = *row;
        *row += segment.len;
        Some(first + segment.first_query..first + segment.end_query)
    })
}

/// The first `len` values, whatever they hold.
fn sized(values: &mut Vec<f32>, len: usize) -> &mut [f32] {
    if values.len() < len {
        values.resize(len, 0.0);
    }
    &mut values[..len]
}
