//! Alleles as vectors.

use geno_kernels::{Affine, Kernel, LayerNorm, TokenGroups};
use geno_weights::WeightError;

use super::{attention::Projections, feed_forward::FeedForward, layers::Layers};
use crate::{
    action_config::ActionEncoderConfig,
    kmer::{N_TOKENS, VOCABULARY},
    sequence_encoder::{EMBEDDING, EncoderLayer as Definition, PROJECTION, layer_name},
};

/// Encodes the four 6-mers of an allele as the mean over a small transformer's outputs.
#[derive(Debug)]
pub(super) struct SequenceEncoder {
    kernel: Kernel,
    /// `[4097, d_token]`.
    token_embedding: Vec<f32>,
    /// `d_token → d_seq`, absent where they are equal.
    token_projection: Option<Affine>,
    layers: Vec<EncoderLayer>,
    d_token: usize,
    width: usize,
    n_heads: usize,
}

/// `x = LN₁(x + attention(x))`, `x = LN₂(x + ffn(x))`.
#[derive(Debug)]
struct EncoderLayer {
    attention: Projections,
    ffn: FeedForward,
    attention_norm: LayerNorm,
    ffn_norm: LayerNorm,
}

impl SequenceEncoder {
    pub(super) fn load(
        layers: &mut Layers<'_, '_>,
        config: &ActionEncoderConfig,
        kernel: Kernel,
    ) -> Result<Self, WeightError> {
        let (d_token, width) = (config.d_token(), config.d_seq);
        let token_embedding = layers.values(EMBEDDING, &[VOCABULARY, d_token])?;
        let token_projection = match d_token == width {
            true => None,
            false => Some(layers.affine(PROJECTION, [d_token, width])?),
        };
        let names = (0..config.n_seq_layers).map(layer_name);
        let encoder_layers = names.map(|name| EncoderLayer::load(layers, &name, width));
        Ok(Self {
            kernel,
            token_embedding,
            token_projection,
            layers: encoder_layers.collect::<Result<_, _>>()?,
            d_token,
            width,
            n_heads: config.n_seq_heads,
        })
    }

    /// One row per allele: `[n, d_seq]`.
    pub(super) fn forward(&self, alleles: &[[u16; N_TOKENS]]) -> Vec<f32> {
        let ids = alleles.as_flattened();
        let rows = ids.iter().map(|id| usize::from(*id) * self.d_token);
        let tokens: Vec<f32> = rows
            .flat_map(|row| &self.token_embedding[row..row + self.d_token])
            .copied()
            .collect();
        let mut x = match &self.token_projection {
            Some(projection) => {
                let mut projected = vec![0.0; ids.len() * self.width];
                projection.forward(self.kernel, &tokens, &mut projected);
                projected
            }
            None => tokens,
        };
        let mut out = vec![0.0; x.len()];
        for layer in &self.layers {
            layer.forward(self.kernel, self.n_heads, &mut x, &mut out);
        }
        let alleles = x.chunks_exact(N_TOKENS * self.width);
        alleles.flat_map(|tokens| self.mean(tokens)).collect()
    }

    fn mean(&self, tokens: &[f32]) -> impl Iterator<Item = f32> {
        (0..self.width).map(|column| {
            let values = tokens[column..].iter().step_by(self.width);
            values.sum::<f32>() / N_TOKENS as f32
        })
    }
}

impl EncoderLayer {
    fn load(layers: &mut Layers<'_, '_>, name: &str, width: usize) -> Result<Self, WeightError> {
        let [attention, inner, outer, norm1, norm2] = Definition::names(name);
        Ok(Self {
            attention: Projections::load(layers, &attention, width)?,
            ffn: FeedForward::load(layers, [&inner, &outer], [width; 2])?,
            attention_norm: layers.norm(&norm1, width)?,
            ffn_norm: layers.norm(&norm2, width)?,
        })
    }

    /// The next values of `x`, with room for as many.
    fn forward(&self, kernel: Kernel, n_heads: usize, x: &mut [f32], other: &mut [f32]) {
        let (width, len) = (self.attention_norm.weight.len(), x.len());
        let [mut queries, mut keys, mut values] = [(); 3].map(|()| vec![0.0; len]);
        self.attention.query.forward(kernel, x, &mut queries);
        self.attention.key.forward(kernel, x, &mut keys);
        self.attention.value.forward(kernel, x, &mut values);
        let groups = TokenGroups {
            first: None,
            keys: &keys,
            values: &values,
            visible: &vec![true; len / width * N_TOKENS],
            n_keys: N_TOKENS,
            n_heads,
        };
        groups.attend(kernel, width, &queries, other);
        self.attention.output.add(kernel, other, x);
        self.attention_norm.forward(kernel, x, other);
        x.copy_from_slice(other);
        self.ffn.add(kernel, other, &mut queries, x);
        self.ffn_norm.forward(kernel, x, other);
        x.copy_from_slice(other);
    }
}
