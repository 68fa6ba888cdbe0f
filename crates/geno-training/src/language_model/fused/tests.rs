//! Each operation against the same composed of the device's own, forwards and backwards.

use burn::tensor::{Device, Int, Tensor, TensorData, Tolerance};
use geno_encoder::CarbonConfig;

use super::super::{attention, gate, norm, objective::Objective, rotation::Rotation};

/// Sums of up to 4,107 values of order one, rounded along other orders.
const RELATIVE: f32 = 2e-4;
const ABSOLUTE: f32 = 2e-6;

fn random<const D: usize>(shape: [usize; D], seed: u64) -> TensorData {
    let mut stream = geno_core::RandomStream::new(seed, "fused");
    let n = shape.iter().product();
    let values: Vec<f32> = (0..n).map(|_| 4.0 * stream.unit() as f32 - 2.0).collect();
    TensorData::new(values, shape)
}

fn device() -> Device {
    Device::flex().autodiff()
}

/// What an operation gives, and the gradients of its inputs for some gradient of that.
fn run<const N: usize, const D: usize>(
    inputs: [&TensorData; N],
    operation: impl Fn([Tensor<2>; N]) -> Tensor<D>,
) -> Vec<TensorData> {
    let tensor = |data: &TensorData| Tensor::<2>::from_data(data.clone(), &device()).require_grad();
    let inputs = inputs.map(tensor);
    let out = operation(inputs.clone());
    let n = out.shape().num_elements();
    let weights = Tensor::<1>::from_data(random([n], 9), &device()).reshape(out.shape());
    let gradients = (out.clone() * weights).sum().backward();
    let mut found = vec![out.into_data()];
    found.extend(inputs.map(|input| input.grad(&gradients).expect("a gradient").into_data()));
    found
}

fn assert_alike(fused: &[TensorData], composed: &[TensorData]) {
    let tolerance = Tolerance::<f32>::rel_abs(RELATIVE, ABSOLUTE);
    for (fused, composed) in fused.iter().zip(composed) {
        fused.assert_approx_eq(composed, tolerance);
    }
}

#[test]
fn norms_are_alike() {
    let (x, weight) = (random([700, 24], 1), random([1, 24], 2));
    let [fused, composed] = [norm::rms_norm, norm::composed].map(|norm| {
        run([&x, &weight], |[x, weight]| {
            norm(x, weight.reshape([24]), 1e-6)
        })
    });
    assert_alike(&fused, &composed);
}

#[test]
fn gates_are_alike() {
    let (opened, raised) = (random([300, 70], 1), random([300, 70], 2));
    let [fused, composed] = [gate::gate, gate::composed]
        .map(|gate| run([&opened, &raised], |[opened, raised]| gate(opened, raised)));
    assert_alike(&fused, &composed);
}

#[test]
fn attention_is_alike() {
    let config = CarbonConfig {
        hidden_size: 24,
        n_layers: 1,
        n_heads: 4,
        n_kv_heads: 2,
        head_dim: 6,
        ffn_dim: 8,
        vocab_size: 155_776,
        max_positions: 512,
        rope_theta: 10_000.0,
        rms_norm_eps: 1e-6,
        tied: true,
        yarn: None,
    };
    for (batch, len) in [(3, 1), (2, 75), (1, 300)] {
        let rotation = Rotation::new(&config, len);
        let queries = random([batch * len, 24], 1);
        let [keys, values] = [2, 3].map(|seed| random([batch * len, 12], seed));
        let [fused, composed] = [attention::attention, attention::composed].map(|attention| {
            run([&queries, &keys, &values], |inputs| {
                attention(inputs, &config, &rotation)
            })
        });
        assert_alike(&fused, &composed);
    }
}

#[test]
fn losses_are_alike() {
    let (hidden, head) = (random([700, 8], 1), random([4_107, 8], 2));
    let kmers: Vec<i32> = (0..700).map(|i| 3 + i * 37 % 4_096).collect();
    let targets = TensorData::new(kmers, [700]);
    for objective in [Objective::CrossEntropy, Objective::FactorisedNucleotides] {
        let [fused, composed] = [Objective::loss, Objective::composed].map(|loss| {
            run([&hidden, &head], |[hidden, head]| {
                let targets = Tensor::<1, Int>::from_data(targets.clone(), &device());
                loss(objective, hidden, head, targets)
            })
        });
        assert_alike(&fused, &composed);
    }
}

#[test]
fn a_device_without_gradients_gives_the_same_bits() {
    let (x, weight) = (random([70, 24], 1), random([24], 2));
    let [plain, recorded] = [Device::flex(), device()].map(|device| {
        let x = Tensor::<2>::from_data(x.clone(), &device);
        let weight = Tensor::<1>::from_data(weight.clone(), &device);
        norm::rms_norm(x, weight, 1e-6).into_data()
    });
    assert_eq!(plain, recorded);
}
