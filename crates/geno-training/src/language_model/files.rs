//! Which parameter of a model is which tensor of a checkpoint.

use std::borrow::Cow;

use burn::{
    module::{Param, ParamId},
    tensor::{Device, Tensor, TensorData},
};
use geno_encoder::{
    CarbonConfig, CheckpointTensor, DnaTokenizer, EncoderFiles, checkpoint_tensors,
};
use geno_weights::{NewTensor, WeightDtype, WriteWeightsError, write_weights};

use super::{LanguageModel, block::Block};

/// The tensors of a checkpoint that is cut to DNA, in the order in which a model is built of them.
pub(super) struct Named(Vec<CheckpointTensor>);

impl Named {
    /// None if the vocabulary does not reach to the last 6-mer.
    pub(super) fn of_config(config: &CarbonConfig) -> Option<Self> {
        let tokenizer = tokenizer();
        let least = tokenizer.dna_start_id() as usize + DnaTokenizer::N_ROWS;
        let tensors = || checkpoint_tensors(config, &tokenizer).collect();
        (config.vocab_size >= least).then(|| Self(tensors()))
    }

    /// Builds a model of the values of each tensor.
    pub(super) fn model<E>(
        self,
        config: &CarbonConfig,
        device: &Device,
        values: impl FnMut(&CheckpointTensor) -> Result<Vec<f32>, E>,
    ) -> Result<LanguageModel, E> {
        let mut source = Source {
            tensors: self.0.into_iter(),
            values,
            device,
        };
        let embedding = source.next()?;
        let head = match config.tied {
            true => None,
            false => Some(source.next()?),
        };
        let blocks = (0..config.n_layers).map(|_| source.block());
        Ok(LanguageModel {
            embedding,
            head,
            blocks: blocks.collect::<Result<_, E>>()?,
            final_norm: source.next()?,
            config: config.clone(),
        })
    }
}

struct Source<'d, F> {
    tensors: std::vec::IntoIter<CheckpointTensor>,
    values: F,
    device: &'d Device,
}

impl<E, F: FnMut(&CheckpointTensor) -> Result<Vec<f32>, E>> Source<'_, F> {
    fn block(&mut self) -> Result<Block, E> {
        Ok(Block {
            query: self.next()?,
            key: self.next()?,
            value: self.next()?,
            output: self.next()?,
            gate: self.next()?,
            up: self.next()?,
            down: self.next()?,
            attention_norm: self.next()?,
            gated_norm: self.next()?,
        })
    }

    fn next<const D: usize>(&mut self) -> Result<Param<Tensor<D>>, E> {
        let tensor = self.tensors.next().expect("a tensor of every parameter");
        let data = TensorData::new((self.values)(&tensor)?, tensor.shape);
        Ok(Param::from_tensor(Tensor::from_data(data, self.device)))
    }
}

/// A parameter of either rank.
enum Parameter<'m> {
    Layer(&'m Param<Tensor<2>>),
    Norm(&'m Param<Tensor<1>>),
}

impl Parameter<'_> {
    fn id(&self) -> ParamId {
        match self {
            Self::Layer(parameter) => parameter.id,
            Self::Norm(parameter) => parameter.id,
        }
    }

    fn values(&self) -> Vec<f32> {
        let data = match self {
            Self::Layer(parameter) => parameter.val().into_data(),
            Self::Norm(parameter) => parameter.val().into_data(),
        };
        data.convert::<f32>().iter::<f32>().collect()
    }
}

/// The parameters in the order of [`Named::model`], each with what it is in a checkpoint.
fn named(model: &LanguageModel) -> impl Iterator<Item = (CheckpointTensor, Parameter<'_>)> {
    let blocks = model.blocks.iter().flat_map(|block| {
        let layers = [
            &block.query,
            &block.key,
            &block.value,
            &block.output,
            &block.gate,
            &block.up,
            &block.down,
        ];
        let norms = [&block.attention_norm, &block.gated_norm];
        let layers = layers.into_iter().map(Parameter::Layer);
        layers.chain(norms.into_iter().map(Parameter::Norm))
    });
    let parameters = [&model.embedding]
        .into_iter()
        .chain(&model.head)
        .map(Parameter::Layer)
        .chain(blocks)
        .chain([Parameter::Norm(&model.final_norm)]);
    checkpoint_tensors(&model.config, &tokenizer()).zip(parameters)
}

pub(super) fn parameters(model: &LanguageModel) -> Vec<(String, ParamId)> {
    let ids = named(model).map(|(tensor, parameter)| (tensor.name, parameter.id()));
    ids.collect()
}

pub(super) fn to_weights(model: &LanguageModel, dtype: WeightDtype) -> Vec<NewTensor> {
    let tensors = named(model).map(|(tensor, parameter)| {
        NewTensor::new(tensor.name, tensor.shape, parameter.values(), dtype)
    });
    tensors.collect()
}

pub(super) fn to_checkpoint(
    model: &LanguageModel,
    dtype: WeightDtype,
) -> Result<EncoderFiles<'static>, WriteWeightsError> {
    let weights = write_weights(&to_weights(model, dtype))?;
    let n_rows = model.embedding.dims()[0];
    Ok(EncoderFiles {
        config: Cow::Owned(model.config.to_json()),
        dna_config: Cow::Owned(tokenizer().to_json(n_rows)),
        weight_index: None,
        weights: vec![("model.safetensors".into(), Cow::Owned(weights))],
        mapped: Vec::new(),
    })
}

fn tokenizer() -> DnaTokenizer {
    DnaTokenizer::carbon().cut_to_dna()
}
