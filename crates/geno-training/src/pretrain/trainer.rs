//! A language model and its optimiser, step by step.

use burn::{
    module::{Module, ParamId},
    optim::{GradientsAccumulator, GradientsParams},
    tensor::{Device, Int, Tensor, TensorData},
};
use geno_core::RandomStream;
use geno_encoder::{CarbonConfig, EncoderFiles};
use geno_weights::{WeightDtype, WeightFile, WriteWeightsError, write_weights};

use super::{batches::TokenBatches, error::PretrainError, settings::PretrainSettings};
use crate::{AdamW, LanguageModel, Objective};

/// Names of the files of a checkpoint.
pub(super) const FILES: [&str; 2] = ["model.safetensors", "optimizer.safetensors"];

/// A language model that is trained.
pub(super) struct Trainer {
    model: LanguageModel,
    names: Vec<(String, ParamId)>,
    optimizer: AdamW,
    device: Device,
}

impl Trainer {
    /// A model as it is drawn.
    pub(super) fn draw(
        config: &CarbonConfig,
        settings: &PretrainSettings,
        device: &Device,
    ) -> Result<Self, PretrainError> {
        let device = device.clone().autodiff();
        let mut stream = RandomStream::new(settings.seed, "pretrain/weights");
        let model = LanguageModel::draw(config, &mut stream, &device)?;
        let optimizer = AdamW::new(settings.optimizer);
        Ok(Self::new(model, optimizer, device))
    }

    /// A model as the files of a checkpoint hold it.
    pub(super) fn load(
        config: &CarbonConfig,
        settings: &PretrainSettings,
        [weights, optimizer]: [Vec<u8>; 2],
        device: &Device,
    ) -> Result<Self, PretrainError> {
        let autodiff = device.clone().autodiff();
        let mut weights = WeightFile::parse(weights)?;
        let model = LanguageModel::load(config, &mut weights, &autodiff)?;
        weights.finish()?;
        let mut optimizer = WeightFile::parse(optimizer)?;
        let optimizer = AdamW::load(settings.optimizer, &mut optimizer, device)?;
        Ok(Self::new(model, optimizer, autodiff))
    }

    fn new(model: LanguageModel, optimizer: AdamW, device: Device) -> Self {
        Self {
            names: model.parameters(),
            model,
            optimizer,
            device,
        }
    }

    /// The mean loss of some batches, in nats, and its gradients.
    pub(super) fn gradients(
        &self,
        batches: &TokenBatches<'_>,
        numbers: std::ops::Range<u64>,
        objective: Objective,
    ) -> (f64, GradientsParams) {
        let n = (numbers.end - numbers.start) as f64;
        let mut sum = 0.0;
        let mut accumulator = GradientsAccumulator::new();
        for number in numbers {
            let tokens = self.tokens(batches, number);
            let loss = self.model.loss(tokens, objective);
            sum += f64::from(loss.clone().into_scalar::<f32>());
            let gradients = loss.div_scalar(n).backward();
            let gradients = GradientsParams::from_grads(gradients, &self.model);
            accumulator.accumulate(&self.model, gradients);
        }
        (sum / n, accumulator.grads())
    }

    fn tokens(&self, batches: &TokenBatches<'_>, number: u64) -> Tensor<2, Int> {
        let rows = batches.batch(number);
        let shape = batches.dims();
        let rows: Vec<i32> = rows.into_iter().map(u32::cast_signed).collect();
        Tensor::from_data(TensorData::new(rows, shape), &self.device)
    }

    /// Moves the weights; the norm of the gradients before they were clipped.
    pub(super) fn update(mut self, lr: f64, gradients: GradientsParams) -> (Self, f32) {
        let (model, norm) = self.optimizer.step(lr, self.model, &self.names, gradients);
        self.model = model;
        (self, norm)
    }

    /// Numbers that are trained.
    pub(super) fn n_parameters(&self) -> usize {
        self.model.num_params()
    }

    /// The model as a checkpoint of an encoder.
    pub(super) fn encoder(
        &self,
        dtype: WeightDtype,
    ) -> Result<EncoderFiles<'static>, WriteWeightsError> {
        self.model.to_checkpoint(dtype)
    }

    /// The files to go on from, in the order of [`FILES`].
    pub(super) fn files(&self) -> Result<[Vec<u8>; 2], WriteWeightsError> {
        let weights = write_weights(&self.model.to_weights())?;
        Ok([weights, self.optimizer.write()?])
    }
}
