//! How the parameters of a model are drawn.

use geno_core::RandomStream;
use geno_encoder::{CheckpointPart, CheckpointTensor, DnaTokenizer};
use rand_distr::{Distribution, Normal};

/// Standard deviation of a fresh weight, Carbon's `initializer_range`.
const INITIALIZER_RANGE: f64 = 0.02;
/// Bases of a token.
const TOKEN_BP: usize = 6;

/// Gives the values of tensors in the order they are asked for.
pub(super) struct Draw<'s> {
    stream: &'s mut RandomStream,
}

impl<'s> Draw<'s> {
    pub(super) fn new(stream: &'s mut RandomStream) -> Self {
        Self { stream }
    }

    pub(super) fn values(&mut self, tensor: &CheckpointTensor) -> Vec<f32> {
        let len = tensor.shape.iter().product();
        match tensor.part {
            CheckpointPart::Norm => vec![1.0; len],
            CheckpointPart::Attention | CheckpointPart::GatedLayer => {
                self.normal(len, INITIALIZER_RANGE)
            }
            CheckpointPart::Embedding | CheckpointPart::OutputLayer => {
                self.vocabulary(len, tensor.shape[1])
            }
        }
    }

    /// Rows of tags and 6-mers, and of whatever comes after them.
    fn vocabulary(&mut self, len: usize, width: usize) -> Vec<f32> {
        let mut rows = self.normal(len, INITIALIZER_RANGE);
        // [place, base, width]
        let deviation = INITIALIZER_RANGE / (TOKEN_BP as f64).sqrt();
        let bases = self.normal(TOKEN_BP * 4 * width, deviation);
        let kmers = rows.chunks_exact_mut(width).skip(DnaTokenizer::N_TAGS);
        for (kmer, row) in kmers.take(1 << (2 * TOKEN_BP)).enumerate() {
            row.fill(0.0);
            for place in 0..TOKEN_BP {
                let digit = kmer >> (2 * (TOKEN_BP - 1 - place)) & 3;
                let base = &bases[(place * 4 + digit) * width..][..width];
                row.iter_mut().zip(base).for_each(|(x, base)| *x += base);
            }
        }
        rows
    }

    fn normal(&mut self, len: usize, deviation: f64) -> Vec<f32> {
        let normal = Normal::new(0.0, deviation).expect("a positive deviation");
        let drawn = normal.sample_iter(&mut *self.stream).take(len);
        drawn.map(|value| value as f32).collect()
    }
}
