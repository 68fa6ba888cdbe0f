//! Gradients against finite differences of the loss.

use burn::{
    module::{Module, ModuleMapper, Param, ParamId},
    optim::GradientsParams,
    tensor::{Device, Tensor},
};
use geno_encoder::CarbonConfig;
use geno_training::{LanguageModel, Objective};

use crate::tiny::{config, model, tokens, windows};

/// Moves one parameter along its gradient.
struct Move<'g> {
    id: ParamId,
    step: f32,
    gradients: &'g GradientsParams,
}

impl ModuleMapper for Move<'_> {
    fn map_float<const D: usize>(&mut self, parameter: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if parameter.id != self.id {
            return parameter;
        }
        let gradient = self.gradients.get::<D>(self.id).unwrap();
        parameter.map(|value| {
            let moved = value.inner() + gradient.mul_scalar(self.step);
            Tensor::from_inner(moved).require_grad()
        })
    }
}

fn square(gradients: &GradientsParams, id: ParamId, rank: usize) -> f32 {
    let square = match rank {
        1 => gradients.get::<1>(id).map(|g| g.square().sum()),
        _ => gradients.get::<2>(id).map(|g| g.square().sum()),
    };
    square
        .expect("every parameter has a gradient")
        .into_scalar()
}

/// Along a gradient `g`, the loss must rise by `g²` for a step of one.
fn assert_gradients(config: &CarbonConfig, objective: Objective) {
    let device = Device::flex().autodiff();
    let model = model(config, &device);
    let tokens = tokens(&windows(3, 17), &device);
    let loss = |model: &LanguageModel| model.loss(tokens.clone(), objective);
    let gradients = GradientsParams::from_grads(loss(&model).backward(), &model);

    let ranks = model
        .to_weights()
        .into_iter()
        .map(|tensor| tensor.shape.len());
    for ((name, id), rank) in model.parameters().into_iter().zip(ranks) {
        let square = square(&gradients, id, rank);
        assert!(square > 0.0, "{name} has no gradient");
        // Far enough for a loss of about 9, which is rounded to 1e-6, and near enough for a line.
        let step = 0.01 / square.sqrt();
        let at = |step: f32| -> f32 {
            let gradients = &gradients;
            let moved = model.clone().map(&mut Move {
                id,
                step,
                gradients,
            });
            loss(&moved).into_scalar()
        };
        let slope = (at(step) - at(-step)) / (2.0 * step);
        let error = (slope / square - 1.0).abs();
        assert!(error < 0.01, "{name}: {slope} {square}");
    }
}

#[test]
fn gradients_are_finite_differences() {
    let untied = CarbonConfig {
        tied: false,
        n_kv_heads: 1,
        ..config()
    };
    for objective in [Objective::CrossEntropy, Objective::FactorisedNucleotides] {
        assert_gradients(&config(), objective);
        assert_gradients(&untied, objective);
    }
}
