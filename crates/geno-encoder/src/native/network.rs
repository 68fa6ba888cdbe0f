//! The network up to its state layer, over a batch.

use std::ops::Range;

use geno_kernels::{Attention, AttentionShape, Format, Kernel, RmsNorm, RotaryTable, Segment};

use super::{
    batch::Batch,
    block::{Block, Buffers, Heads, wanted},
};

/// Rows whose queries, keys and values are held at a time, unless one segment has more.
const MAX_CHUNK_ROWS: usize = 2_048;

/// Embedding rows of DNA, the blocks below the state layer, and the norm where that is the last.
pub(super) struct Network {
    /// `[n_dna_tokens, d]`.
    pub(super) embedding: Vec<f32>,
    pub(super) width: usize,
    pub(super) blocks: Vec<Block>,
    pub(super) final_norm: Option<RmsNorm>,
    /// Of no positions: each workspace has its own, as long as its longest window.
    pub(super) rotary: RotaryTable,
    pub(super) shape: AttentionShape,
    pub(super) format: Format,
}

/// Memory of a pass, kept from one to the next.
pub(super) struct Workspace {
    stream: Vec<f32>,
    rotary: RotaryTable,
    buffers: Buffers,
    out: Vec<f32>,
    normed: Vec<f32>,
}

impl Network {
    /// Memory for passes of this network.
    pub(super) fn workspace(&self, kernel: Kernel) -> Workspace {
        Workspace {
            stream: Vec::new(),
            rotary: self.rotary.clone(),
            buffers: Buffers::new(Attention::new(kernel, self.shape, self.format)),
            out: Vec::new(),
            normed: Vec::new(),
        }
    }

    /// The wanted rows of every segment at the state layer, in their order.
    ///
    /// # Shapes
    ///
    /// - output: `[queries of all segments, d]`
    pub(super) fn forward<'w>(
        &self,
        kernel: Kernel,
        batch: &Batch,
        workspace: &'w mut Workspace,
    ) -> &'w [f32] {
        let Workspace {
            stream: x,
            rotary,
            buffers,
            out,
            normed,
        } = workspace;
        let last = batch.positions().iter().max();
        rotary.grow(last.map_or(0, |last| *last as usize + 1));
        x.clear();
        for token in batch.tokens() {
            let place = *token as usize * self.width;
            x.extend_from_slice(&self.embedding[place..place + self.width]);
        }

        let heads = Heads {
            kernel,
            rotary,
            n_heads: self.shape.n_heads,
            n_kv_heads: self.shape.n_kv_heads,
        };
        out.clear();
        if let Some((last, blocks)) = self.blocks.split_last() {
            for block in blocks {
                for (segments, rows) in chunks(batch.whole()) {
                    let positions = &batch.positions()[rows.clone()];
                    let x = &mut x[rows.start * self.width..rows.end * self.width];
                    block.forward(&heads, segments, positions, x, buffers);
                }
            }
            for (segments, rows) in chunks(batch.wanted()) {
                let positions = &batch.positions()[rows.clone()];
                let x = &x[rows.start * self.width..rows.end * self.width];
                last.finish(&heads, segments, positions, x, buffers, out);
            }
        } else {
            for rows in wanted(batch.wanted()) {
                out.extend_from_slice(&x[rows.start * self.width..rows.end * self.width]);
            }
        }

        let Some(norm) = &self.final_norm else {
            return out;
        };
        normed.resize(out.len(), 0.0);
        norm.forward(kernel, out, normed);
        normed
    }
}

/// Segments that are run together, with their rows.
fn chunks(segments: &[Segment]) -> impl Iterator<Item = (&[Segment], Range<usize>)> {
    let (mut rest, mut row) = (segments, 0);
    std::iter::from_fn(move || {
        let (first, others) = rest.split_first()?;
        let (mut n, mut n_rows) = (1, first.len);
        for segment in others {
            if n_rows + segment.len > MAX_CHUNK_ROWS {
                break;
            }
            n += 1;
            n_rows += segment.len;
        }
        let (chunk, after) = rest.split_at(n);
        let rows = row..row + n_rows;
        (rest, row) = (after, rows.end);
        Some((chunk, rows))
    })
}
