//! The machine's rate of multiplying matrices, the floor of everything else.

use burn::tensor::{Device, Distribution, Tensor};

use crate::measure::Measured;

/// Rows, inner and outer width: a Carbon-500M feed-forward layer over 1,034 tokens.
const SHAPE: [usize; 3] = [1_034, 1_024, 3_072];

/// Multiplies f32 matrices through the backend the encoder runs on.
pub(crate) fn measure() -> Measured {
    let [m, k, n] = SHAPE;
    let device = Device::flex();
    let random = |shape| Tensor::<2>::random(shape, Distribution::Uniform(-1., 1.), &device);
    let (left, right) = (random([m, k]), random([k, n]));
    let flops = 2. * (m * k * n) as f64;
    Measured::of(format!("f32 {m}x{k}x{n}"), flops, 1, 9, || {
        let product = left.clone().matmul(right.clone());
        std::hint::black_box(product.into_data());
    })
}
