//! Steps of an optimiser, as training takes them.

use std::hint::black_box;

use burn::{
    module::{Module, ParamId},
    optim::GradientsParams,
    tensor::Tensor,
};
use geno_training::{AdamW, AdamWSettings};

const LEARNING_RATE: f64 = 1e-3;

/// A module that is trained.
pub(crate) struct Training<M> {
    pub(crate) model: M,
    parameters: Vec<(String, ParamId)>,
    optimizer: AdamW,
}

impl<M: Module> Training<M> {
    /// A module with its parameters' names.
    pub(crate) fn new(parameters: Vec<(String, ParamId)>, model: M) -> Self {
        Self {
            model,
            parameters,
            optimizer: AdamW::new(AdamWSettings::default()),
        }
    }

    /// Moves the module down the gradient of a loss.
    pub(crate) fn step(&mut self, loss: Tensor<1>) {
        let gradients = GradientsParams::from_grads(loss.backward(), &self.model);
        let model = self.model.clone();
        let (moved, norm) = self
            .optimizer
            .step(LEARNING_RATE, model, &self.parameters, gradients);
        self.model = moved;
        black_box(norm);
    }
}
