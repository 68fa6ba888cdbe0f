//! An operation as one node of the graph of gradients.

use std::fmt::Debug;

use burn::tensor::Tensor;
use burn_autodiff::{
    Autodiff,
    checkpoint::{base::Checkpointer, strategy::NoCheckpointing},
    grads::Gradients,
    ops::{Backward, Ops, OpsKind},
};
use burn_flex::Flex;

use crate::{Operand, Values};

/// A function of `N` tensors, and how its gradient goes back through it.
pub trait Operation<const N: usize>: Clone + Debug + Send + 'static {
    /// What the way back needs.
    type State: Clone + Debug + Send + 'static;

    /// What the function gives, and what the way back needs if a gradient `is_tracked`.
    fn forward(&self, operands: [Values; N], is_tracked: bool) -> (Values, Self::State);

    /// The gradients of the operands, in their shapes, given that of what the function gave.
    fn backward(&self, state: Self::State, gradient: &Values) -> [Values; N];
}

/// Runs an operation, and records it if the gradient of an operand is asked for.
///
/// # Panics
///
/// If what the operation gives has another number of axes than `D`.
pub fn apply<O: Operation<N>, const N: usize, const D: usize>(
    operation: O,
    operands: [Operand; N],
) -> Tensor<D> {
    let is_plain = operands.iter().all(|operand| operand.is_plain);
    let nodes = operands.each_ref().map(|operand| operand.tensor.node());
    let values = operands.map(|operand| operand.tensor.into_primitive().into());
    let prepared = Node(operation.clone())
        .prepare::<NoCheckpointing>(nodes)
        .compute_bound()
        .stateful();
    let out = match prepared {
        OpsKind::Tracked(prepared) => {
            let (out, state) = operation.forward(values, true);
            prepared.finish(state, out.into())
        }
        OpsKind::UnTracked(prepared) => prepared.finish(operation.forward(values, false).0.into()),
    };
    match is_plain {
        true => Tensor::from_primitive::<Flex>(out.into_primitive()),
        false => Tensor::from_primitive::<Autodiff<Flex>>(out),
    }
}

#[derive(Debug)]
struct Node<O>(O);

impl<O: Operation<N>, const N: usize> Backward<Flex, N> for Node<O> {
    type State = O::State;

    fn backward(self, ops: Ops<O::State, N>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node).into();
        let found = self.0.backward(ops.state, &gradient);
        for (node, found) in ops.parents.into_iter().zip(found) {
            if let Some(node) = node {
                gradients.register::<Flex>(node.id, found.into());
            }
        }
    }
}
