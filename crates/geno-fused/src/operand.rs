//! Tensors that kernels can read.

use burn::tensor::Tensor;
use burn_autodiff::Autodiff;
use burn_backend::{AutodiffBackend, DType, TensorMetadata, tensor::FloatTensor};
use burn_flex::Flex;

/// A tensor of `f32` in this process's memory, whether or not its gradient is asked for.
#[derive(Clone, Debug)]
pub struct Operand {
    pub(crate) tensor: FloatTensor<Autodiff<Flex>>,
    /// Whether its device records nothing.
    pub(crate) is_plain: bool,
}

/// The tensor as an operand, if it is one of `f32` in this process's memory.
pub fn operand<const D: usize>(tensor: &Tensor<D>) -> Option<Operand> {
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
