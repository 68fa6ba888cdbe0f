//! The gate of a gated layer.

use burn::tensor::Tensor;
use burn_autodiff::{
    checkpoint::base::Checkpointer,
    grads::Gradients,
    ops::{Backward, Ops},
};
use burn_flex::{Flex, FlexTensor};
use geno_kernels::{Kernel, swiglu, swiglu_backward};

use super::{gradient_of, hand_on, operand, record, tensor, values};

#[derive(Debug)]
struct Gate;

/// What the way back needs.
#[derive(Clone, Debug)]
struct State {
    gate: FlexTensor,
    up: FlexTensor,
    shape: [usize; 2],
}

pub(in super::super) fn gate(gate: &Tensor<2>, up: &Tensor<2>) -> Option<Tensor<2>> {
    let operands = [operand(gate)?, operand(up)?];
    let shape = gate.dims();
    Some(record(Gate, operands, |[gate, up], _| {
        let out = swiglu(Kernel::detect(), values(&gate), values(&up));
        (tensor(out, shape), State { gate, up, shape })
    }))
}

impl Backward<Flex, 2> for Gate {
    type State = State;

    fn backward(self, ops: Ops<State, 2>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradient_of(&ops, gradients);
        let State { gate, up, shape } = &ops.state;
        let (gate, up) = (values(gate), values(up));
        let found = swiglu_backward(Kernel::detect(), gate, up, values(&gradient));
        let found = found.map(|values| tensor(values, *shape));
        hand_on(ops, gradients, found);
    }
}
