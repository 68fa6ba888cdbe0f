//! Gradients against finite differences of the loss.

use burn::{module::ParamId, optim::GradientsParams, tensor::Device};
use geno_encoder::CarbonConfig;
use geno_training::{LanguageModel, Objective};

use crate::{
    slope::slope,
    tiny::{config, model, tokens, windows},
};

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
        let slope = slope(&model, (id, square), &gradients, 0.01, loss);
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
