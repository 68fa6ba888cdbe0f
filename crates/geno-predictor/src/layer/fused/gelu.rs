//! The Gaussian error linear unit.

use burn::tensor::Tensor;
use geno_fused::{Operation, Values, apply, operand};
use geno_kernels::Kernel;

#[derive(Clone, Debug)]
struct Gelu;

impl Operation<1> for Gelu {
    type State = Values;

    fn forward(&self, [x]: [Values; 1], _is_tracked: bool) -> (Values, Values) {
        let mut out = x.to_vec();
        geno_kernels::gelu(Kernel::detect(), &mut out, x.width());
        (Values::new(out, x.dims()), x)
    }

    fn backward(&self, x: Values, gradient: &Values) -> [Values; 1] {
        let found = geno_kernels::gelu_backward(Kernel::detect(), &x, gradient);
        [Values::new(found, x.dims())]
    }
}

pub(in super::super) fn gelu<const D: usize>(x: &Tensor<D>) -> Option<Tensor<D>> {
    Some(apply(Gelu, [operand(x)?]))
}
