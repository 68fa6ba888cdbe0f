//! Gradients of adapters against finite differences of states.

use burn::{
    optim::GradientsParams,
    tensor::{Device, Tensor, TensorData},
};
use geno_training::Adapters;

use crate::{
    slope::slope,
    tiny::{encoder, fresh, moved, states},
};

/// A weighted sum of all states, whose weights are large enough to tell numbers of `f32` apart.
fn loss(adapters: &Adapters) -> Tensor<1> {
    let states = states(&adapters.adapt(&encoder()).one_after_another());
    let [n, d] = states.dims();
    let weights: Vec<f32> = (0..n * d).map(|i| (i as f32 * 0.7).sin()).collect();
    let weights = Tensor::from_data(TensorData::new(weights, [n, d]), &states.device());
    (states * weights).sum()
}

#[test]
fn gradients_of_adapters_are_finite_differences_of_states() {
    let adapters = moved(&Device::flex().autodiff());
    let gradients = GradientsParams::from_grads(loss(&adapters).backward(), &adapters);
    // The encoder's own weights have none.
    assert_eq!(gradients.len(), 2 * 4 * 2);
    for (name, id) in adapters.parameters() {
        let square: f32 = gradients.get::<2>(id).unwrap().square().sum().into_scalar();
        assert!(square > 0., "{name}");
        // Far enough for a sum of about 1, which is rounded to 1e-7, and near enough for a line.
        let slope = slope(&adapters, (id, square), &gradients, 3e-3, loss);
        let error = (slope / square - 1.).abs();
        assert!(error < 0.02, "{name}: {slope} {square}");
    }
}

#[test]
fn of_fresh_adapters_only_b_has_somewhere_to_go() {
    let adapters = fresh(&Device::flex().autodiff());
    let gradients = GradientsParams::from_grads(loss(&adapters).backward(), &adapters);
    for (name, id) in adapters.parameters() {
        let square: f32 = gradients.get::<2>(id).unwrap().square().sum().into_scalar();
        assert_eq!(square > 0., name.contains("lora_B"), "{name}: {square}");
    }
}

#[test]
fn gradients_are_the_same_bits_again() {
    let adapters = moved(&Device::flex().autodiff());
    let bits = || {
        let gradients = GradientsParams::from_grads(loss(&adapters).backward(), &adapters);
        let of = |(_, id)| {
            gradients
                .get::<2>(id)
                .unwrap()
                .into_data()
                .iter::<f32>()
                .collect()
        };
        adapters
            .parameters()
            .into_iter()
            .map(of)
            .collect::<Vec<Vec<f32>>>()
    };
    let first = bits();
    assert!((0..3).all(|_| bits() == first));
}
