//! Each operation against the same composed of the device's own, forwards and backwards.

use burn::tensor::{Device, Tensor, TensorData, Tolerance};
use geno_core::RandomStream;

use super::super::{gelu, norm};

/// Sums of up to 700 values of order one, rounded along other orders, and `erf` to `2e-7`.
const RELATIVE: f32 = 1e-4;
const ABSOLUTE: f32 = 4e-6;

fn random<const D: usize>(shape: [usize; D], seed: u64) -> TensorData {
    let mut stream = RandomStream::new(seed, "fused");
    let n = shape.iter().product();
    let values: Vec<f32> = (0..n).map(|_| 4.0 * stream.unit() as f32 - 2.0).collect();
    TensorData::new(values, shape)
}

/// What an operation gives, and the gradients of its inputs for some gradient of that.
fn run<const N: usize>(
    inputs: [&TensorData; N],
    operation: impl Fn([Tensor<3>; N]) -> Tensor<3>,
) -> Vec<TensorData> {
    let device = Device::flex().autodiff();
    let tensor = |data: &TensorData| Tensor::<3>::from_data(data.clone(), &device).require_grad();
    let inputs = inputs.map(tensor);
    let out = operation(inputs.clone());
    let weights = Tensor::<3>::from_data(random(out.dims(), 9), &device);
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
fn units_are_alike() {
    let x = random([7, 100, 24], 1);
    // Rows that do not lie one after the other in memory.
    let turned = |unit: fn(Tensor<3>) -> Tensor<3>| run([&x], |[x]| unit(x.swap_dims(0, 1)));
    assert_alike(&turned(gelu::gelu), &turned(gelu::composed));
}

#[test]
fn norms_are_alike() {
    let x = random([7, 100, 24], 1);
    let [weight, bias] = [2, 3].map(|seed| random([1, 1, 24], seed));
    let [fused, composed] = [norm::layer_norm, norm::composed].map(|norm| {
        run([&x, &weight, &bias], |[x, weight, bias]| {
            norm(x, weight.reshape([24]), bias.reshape([24]))
        })
    });
    assert_alike(&fused, &composed);
}

#[test]
fn a_device_without_gradients_gives_the_same_bits() {
    let (x, weight) = (random([70, 24], 1), random([24], 2));
    let [plain, recorded] = [Device::flex(), Device::flex().autodiff()].map(|device| {
        let x = Tensor::<2>::from_data(x.clone(), &device);
        let weight = Tensor::<1>::from_data(weight.clone(), &device);
        norm::layer_norm(gelu::gelu(x), weight.clone(), weight).into_data()
    });
    assert_eq!(plain, recorded);
}
