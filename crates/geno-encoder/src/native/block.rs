//! One block of the network, over the segments of a batch.

use std::ops::Range;

use geno_kernels::{
    Attention, GatedLayer, Kernel, PackedMatrix, RmsNorm, RotaryTable, Segment, add_gated,
    add_product, project, rotate,
};

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

/// Memory of a block, kept from one to the next.
pub(super) struct Buffers {
    queries: Vec<f32>,
    key_values: Vec<f32>,
    attended: Vec<f32>,
    wanted_positions: Vec<u32>,
    attention: Attention,
}

impl Block {
    /// Runs some segments, `x ← x + …` in place.
    pub(super) fn forward(
        &self,
        heads: &Heads<'_>,
        segments: &[Segment],
        positions: &[u32],
        x: &mut [f32],
        buffers: &mut Buffers,
    ) {
        let n_rows = positions.len();
        let queries = sized(&mut buffers.queries, n_rows * self.query.columns());
        let key_values = sized(&mut buffers.key_values, n_rows * self.key_value.columns());
        let products = [(&self.query, queries), (&self.key_value, key_values)];
        project(heads.kernel, &self.norm, x, products);
        self.keep(heads, segments, positions, buffers);
        self.go_on(heads, segments, positions, x, buffers);
    }

    /// Runs some segments as the last block does: all rows give keys and values, and only those
    /// that are wanted go on. They are added to `out`.
    pub(super) fn finish(
        &self,
        heads: &Heads<'_>,
        segments: &[Segment],
        positions: &[u32],
        x: &[f32],
        buffers: &mut Buffers,
        out: &mut Vec<f32>,
    ) {
        let width = self.norm.weight.len();
        let n_values = positions.len() * self.key_value.columns();
        let key_values = sized(&mut buffers.key_values, n_values);
        project(heads.kernel, &self.norm, x, [(&self.key_value, key_values)]);
        self.keep(heads, segments, positions, buffers);

        let first = out.len();
        let mut wanted_positions = std::mem::take(&mut buffers.wanted_positions);
        wanted_positions.clear();
        for rows in wanted(segments) {
            out.extend_from_slice(&x[rows.start * width..rows.end * width]);
            wanted_positions.extend_from_slice(&positions[rows]);
        }
        let x = &mut out[first..];
        let n_values = wanted_positions.len() * self.query.columns();
        let queries = sized(&mut buffers.queries, n_values);
        project(heads.kernel, &self.norm, x, [(&self.query, queries)]);
        self.go_on(heads, segments, &wanted_positions, x, buffers);
        buffers.wanted_positions = wanted_positions;
    }

    /// Rotates the keys of all rows, and keeps those of segments that others follow or that are
    /// long.
    fn keep(
        &self,
        heads: &Heads<'_>,
        segments: &[Segment],
        positions: &[u32],
        buffers: &mut Buffers,
    ) {
        let width = self.key_value.columns();
        let key_values = sized(&mut buffers.key_values, positions.len() * width);
        heads.rotate(positions, key_values, heads.n_kv_heads, width);
        let mut row = 0;
        for segment in segments {
            if let Some(number) = segment.kept {
                let own = &key_values[row * width..(row + segment.len) * width];
                buffers.attention.keep(number, own);
            }
            row += segment.len;
        }
    }

    /// Attention and the gated layer, for the rows that have queries.
    fn go_on(
        &self,
        heads: &Heads<'_>,
        segments: &[Segment],
        positions: &[u32],
        x: &mut [f32],
        buffers: &mut Buffers,
    ) {
        let width = self.query.columns();
        let queries = sized(&mut buffers.queries, positions.len() * width);
        heads.rotate(positions, queries, heads.n_heads, width);
        let n_tokens: usize = segments.iter().map(|segment| segment.len).sum();
        let key_values = &buffers.key_values[..n_tokens * self.key_value.columns()];
        let attended = sized(&mut buffers.attended, queries.len());
        let attention = &mut buffers.attention;
        attention.attend(segments, queries, key_values, attended);
        add_product(heads.kernel, attended, &self.output, x);
        add_gated(heads.kernel, &self.gated, x);
    }
}

impl Buffers {
    pub(super) fn new(attention: Attention) -> Self {
        Self {
            queries: Vec::new(),
            key_values: Vec::new(),
            attended: Vec::new(),
            wanted_positions: Vec::new(),
            attention,
        }
    }
}

impl Heads<'_> {
    fn rotate(&self, positions: &[u32], x: &mut [f32], n_heads: usize, width: usize) {
        rotate(self.kernel, self.rotary, positions, x, width, n_heads);
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
