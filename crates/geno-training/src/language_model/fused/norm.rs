//! The norm of rows.

use burn::tensor::Tensor;
use burn_autodiff::{
    checkpoint::base::Checkpointer,
    grads::Gradients,
    ops::{Backward, Ops},
};
use burn_backend::TensorMetadata;
use burn_flex::{Flex, FlexTensor};
use geno_kernels::{Kernel, RmsNorm};

use super::{gradient_of, hand_on, operand, record, tensor, values};

#[derive(Debug)]
struct Norm;

/// What the way back needs.
#[derive(Clone, Debug)]
struct State {
    x: FlexTensor,
    norm: RmsNorm,
}

pub(in super::super) fn rms_norm(
    x: &Tensor<2>,
    weight: &Tensor<1>,
    epsilon: f64,
) -> Option<Tensor<2>> {
    let operands = [operand(x)?, operand(weight)?];
    let shape = x.dims();
    Some(record(Norm, operands, |[x, weight], _| {
        let norm = RmsNorm {
            weight: values(&weight).to_vec(),
            epsilon: epsilon as f32,
        };
        let out = norm.forward_rows(Kernel::detect(), values(&x));
        (tensor(out, shape), State { x, norm })
    }))
}

impl Backward<Flex, 2> for Norm {
    type State = State;

    fn backward(self, ops: Ops<State, 2>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradient_of(&ops, gradients);
        let State { x, norm } = &ops.state;
        let found = norm.backward(Kernel::detect(), values(x), values(&gradient));
        let width = norm.weight.len();
        let rows = x.shape().num_elements() / width;
        let found = [
            tensor(found.x, [rows, width]),
            tensor(found.weight, [width]),
        ];
        hand_on(ops, gradients, found);
    }
}
