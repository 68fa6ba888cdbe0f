//! Alleles as vectors.

use burn::{
    module::{Module, Param},
    tensor::{Device, Int, Tensor, TensorData},
};

use crate::{
    action_config::ActionEncoderConfig,
    kmer::{N_TOKENS, VOCABULARY},
    layer::{Attention, FeedForward, LayerNorm, Linear, LinearInit},
    source::{Init, Sink, Source},
};

/// Encodes the four 6-mers of an allele as the mean over a small transformer's outputs.
///
/// There are no positions and no mask: the order of an allele's 6-mers is lost, and the empty ones
/// count.
#[derive(Module, Debug)]
pub(crate) struct SequenceEncoder {
    /// `[4097, d_token]`, drawn with zeros for the empty 6-mer.
    token_embedding: Param<Tensor<2>>,
    /// `d_token → d_seq`, absent where they are equal.
    token_projection: Option<Linear>,
    layers: Vec<EncoderLayer>,
}

impl SequenceEncoder {
    pub(crate) fn new<S: Source>(
        source: &mut S,
        config: &ActionEncoderConfig,
        device: &Device,
    ) -> Result<Self, S::Error> {
        let (d_token, d) = (config.d_token(), config.d_seq);
        let shape = [VOCABULARY, d_token];
        let token_embedding = source.parameter(EMBEDDING, shape, Init::NormalButLastRow, device)?;
        let token_projection = (d_token != d)
            .then(|| {
                Linear::new(
                    source,
                    PROJECTION,
                    [d_token, d],
                    LinearInit::uniform(d_token),
                    device,
                )
            })
            .transpose()?;
        let layers = (0..config.n_seq_layers)
            .map(|i| EncoderLayer::new(source, &layer_name(i), config, device))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            token_embedding,
            token_projection,
            layers,
        })
    }

    /// One row per allele: `[n, d_seq]`.
    pub(crate) fn forward(&self, alleles: &[[u16; N_TOKENS]]) -> Tensor<2> {
        let table = self.token_embedding.val();
        let ids: Vec<i32> = alleles
            .as_flattened()
            .iter()
            .map(|&id| i32::from(id))
            .collect();
        let ids = TensorData::new(ids, [alleles.len() * N_TOKENS]);
        let ids = Tensor::<1, Int>::from_data(ids, &table.device());

        let tokens = table.select(0, ids);
        let tokens = match &self.token_projection {
            Some(projection) => projection.forward(tokens),
            None => tokens,
        };
        let [_, d] = tokens.dims();
        let tokens = tokens.reshape([alleles.len(), N_TOKENS, d]);
        let tokens = self.layers.iter().fold(tokens, |x, layer| layer.forward(x));
        tokens.mean_dim(1).squeeze_dim(1)
    }

    pub(crate) fn save(&self, sink: &mut Sink<'_>) {
        sink.parameter(EMBEDDING.to_owned(), &self.token_embedding);
        if let Some(projection) = &self.token_projection {
            projection.save(PROJECTION, sink);
        }
        for (i, layer) in self.layers.iter().enumerate() {
            layer.save(&layer_name(i), sink);
        }
    }
}

pub(crate) const EMBEDDING: &str = "seq_encoder.token_embedding.weight";
pub(crate) const PROJECTION: &str = "seq_encoder.token_projection";

pub(crate) fn layer_name(i: usize) -> String {
    format!("seq_encoder.encoder.layers.{i}")
}

/// `x = LN₁(x + attention(x))`, `x = LN₂(x + ffn(x))`.
#[derive(Module, Debug)]
pub(crate) struct EncoderLayer {
    attention: Attention,
    ffn: FeedForward,
    attention_norm: LayerNorm,
    ffn_norm: LayerNorm,
}

impl EncoderLayer {
    fn new<S: Source>(
        source: &mut S,
        name: &str,
        config: &ActionEncoderConfig,
        device: &Device,
    ) -> Result<Self, S::Error> {
        let d = config.d_seq;
        let [attention, inner, outer, norm1, norm2] = Self::names(name);
        let init = Attention::uniform(d);
        Ok(Self {
            attention: Attention::new(source, &attention, d, config.n_seq_heads, init, device)?,
            ffn: FeedForward::new(
                source,
                [&inner, &outer],
                [d, d],
                LinearInit::uniform,
                device,
            )?,
            attention_norm: LayerNorm::new(source, &norm1, d, device)?,
            ffn_norm: LayerNorm::new(source, &norm2, d, device)?,
        })
    }

    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let x = self
            .attention_norm
            .forward(x.clone() + self.attention.within(x, None));
        self.ffn_norm.forward(x.clone() + self.ffn.forward(x))
    }

    fn save(&self, name: &str, sink: &mut Sink<'_>) {
        let [attention, inner, outer, norm1, norm2] = Self::names(name);
        self.attention.save(&attention, sink);
        self.ffn.save([&inner, &outer], sink);
        self.attention_norm.save(&norm1, sink);
        self.ffn_norm.save(&norm2, sink);
    }

    pub(crate) fn names(name: &str) -> [String; 5] {
        ["self_attn", "linear1", "linear2", "norm1", "norm2"].map(|part| format!("{name}.{part}"))
    }
}
