//! Layer normalisation.

use burn::tensor::Tensor;
use geno_fused::{Operation, Values, apply, operand};
use geno_kernels::{Kernel, LayerNorm};

use crate::layer::EPSILON;

#[derive(Clone, Debug)]
struct Norm;

/// What the way back needs.
#[derive(Clone, Debug)]
struct State {
    x: Values,
    norm: LayerNorm,
}

impl Operation<3> for Norm {
    type State = State;

    fn forward(&self, [x, weight, bias]: [Values; 3], _is_tracked: bool) -> (Values, State) {
        let norm = LayerNorm {
            weight: weight.to_vec(),
            bias: bias.to_vec(),
            epsilon: EPSILON as f32,
        };
        let mut out = vec![0.0; x.len()];
        norm.forward(Kernel::detect(), &x, &mut out);
        (Values::new(out, x.dims()), State { x, norm })
    }

    fn backward(&self, State { x, norm }: State, gradient: &Values) -> [Values; 3] {
        let found = norm.backward(Kernel::detect(), &x, gradient);
        let width = norm.weight.len();
        [
            Values::new(found.x, x.dims()),
            Values::new(found.weight, [width]),
            Values::new(found.bias, [width]),
        ]
    }
}

pub(in super::super) fn layer_norm<const D: usize>(
    x: &Tensor<D>,
    weight: &Tensor<1>,
    bias: &Tensor<1>,
) -> Option<Tensor<D>> {
    Some(apply(Norm, [operand(x)?, operand(weight)?, operand(bias)?]))
}
