//! The gate of a gated layer.

use burn::tensor::Tensor;
use geno_fused::{Operation, Values, apply, operand};
use geno_kernels::{Kernel, swiglu, swiglu_backward};

#[derive(Clone, Debug)]
struct Gate;

impl Operation<2> for Gate {
    /// The gate and what it lets through.
    type State = [Values; 2];

    fn forward(&self, [gate, up]: [Values; 2], _is_tracked: bool) -> (Values, [Values; 2]) {
        let out = swiglu(Kernel::detect(), &gate, &up);
        (Values::new(out, gate.dims()), [gate, up])
    }

    fn backward(&self, [gate, up]: [Values; 2], gradient: &Values) -> [Values; 2] {
        let found = swiglu_backward(Kernel::detect(), &gate, &up, gradient);
        found.map(|found| Values::new(found, gate.dims()))
    }
}

pub(in super::super) fn gate(gate: &Tensor<2>, up: &Tensor<2>) -> Option<Tensor<2>> {
    Some(apply(Gate, [operand(gate)?, operand(up)?]))
}
