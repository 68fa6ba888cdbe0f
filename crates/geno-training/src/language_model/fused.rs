//! Operations that are one kernel forwards and one backwards, for tensors in this process's memory.
//!
//! Each function gives nothing for tensors of another device, where the operation is composed of the
//! device's own. Results are the same bits for any number of threads.

mod attention;
mod gate;
mod next_token;
mod norm;
#[cfg(test)]
mod tests;

use burn::tensor::{Tensor, TensorData};
use burn_autodiff::{
    Autodiff,
    checkpoint::strategy::NoCheckpointing,
    grads::Gradients,
    ops::{Backward, Ops, OpsKind},
};
use burn_backend::{AutodiffBackend, DType, TensorMetadata, tensor::FloatTensor};
use burn_flex::{Flex, FlexTensor};

pub(super) use self::{attention::attention, gate::gate, next_token::loss, norm::rms_norm};

/// A tensor in this process's memory, and whether nothing records what is done with it.
struct Operand {
    tensor: FloatTensor<Autodiff<Flex>>,
    is_plain: bool,
}

/// The tensor as an operand, if it is one of `f32` in this process's memory.
fn operand<const D: usize>(tensor: &Tensor<D>) -> Option<Operand> {
    let operand = match tensor.clone().try_into_primitive::<Autodiff<Flex>>() {
        Ok(tensor) => Operand {
            tensor,
            is_plain: false,
        },
        Err(_) => Operand {
            tensor: Autodiff::<Flex>::from_inner(tensor.clone().try_into_primitive::<Flex>().ok()?),
            is_plain: true,
        },
    };
    (operand.tensor.dtype() == DType::F32).then_some(operand)
}

/// Runs an operation, and records it if a gradient of an operand is asked for, which `run` is told.
fn record<O: Backward<Flex, N>, const N: usize, const D: usize>(
    operation: O,
    operands: [Operand; N],
    run: impl FnOnce([FlexTensor; N], bool) -> (FlexTensor, O::State),
) -> Tensor<D> {
    let is_plain = operands.iter().all(|operand| operand.is_plain);
    let nodes = operands.each_ref().map(|operand| operand.tensor.node());
    let values = operands.map(|operand| operand.tensor.into_primitive().to_contiguous());
    let operation = operation
        .prepare::<NoCheckpointing>(nodes)
        .compute_bound()
        .stateful();
    let out = match operation {
        OpsKind::Tracked(operation) => {
            let (out, state) = run(values, true);
            operation.finish(state, out)
        }
        OpsKind::UnTracked(operation) => operation.finish(run(values, false).0),
    };
    match is_plain {
        true => Tensor::from_primitive::<Flex>(out.into_primitive()),
        false => Tensor::from_primitive::<Autodiff<Flex>>(out),
    }
}

/// The gradient of what an operation gave.
fn gradient_of<S, const N: usize>(ops: &Ops<S, N>, gradients: &mut Gradients) -> FlexTensor {
    gradients.consume::<Flex>(&ops.node).to_contiguous()
}

/// Hands gradients of operands on to those that ask for them.
fn hand_on<S, const N: usize>(ops: Ops<S, N>, gradients: &mut Gradients, found: [FlexTensor; N]) {
    for (node, found) in ops.parents.into_iter().zip(found) {
        if let Some(node) = node {
            gradients.register::<Flex>(node.id, found);
        }
    }
}

fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}

/// The values of a tensor that was made contiguous.
fn values(tensor: &FlexTensor) -> &[f32] {
    tensor.as_slice().expect("contiguous values of f32")
}
