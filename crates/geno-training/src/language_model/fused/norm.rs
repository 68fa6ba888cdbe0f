//! The norm of rows.

use burn::tensor::Tensor;
use geno_fused::{Operation, Values, apply, operand};
use geno_kernels::{Kernel, RmsNorm};

#[derive(Clone, Debug)]
struct Norm {
    epsilon: f32,
}

impl Norm {
    fn with(&self, weight: &Values) -> RmsNorm {
        RmsNorm {
            weight: weight.to_vec(),
            epsilon: self.epsilon,
        }
    }
}

impl Operation<2> for Norm {
    /// Rows and weights.
    type State = [Values; 2];

    fn forward(&self, [x, weight]: [Values; 2], _is_tracked: bool) -> (Values, [Values; 2]) {
        let out = self.with(&weight).forward_rows(Kernel::detect(), &x);
        (Values::new(out, x.dims()), [x, weight])
    }

    fn backward(&self, [x, weight]: [Values; 2], gradient: &Values) -> [Values; 2] {
        let norm = self.with(&weight);
        let found = norm.backward(Kernel::detect(), &x, gradient);
        [
            Values::new(found.x, x.dims()),
            Values::new(found.weight, weight.dims()),
        ]
    }
}

pub(in super::super) fn rms_norm(
    x: &Tensor<2>,
    weight: &Tensor<1>,
    epsilon: f64,
) -> Option<Tensor<2>> {
    let epsilon = epsilon as f32;
    Some(apply(Norm { epsilon }, [operand(x)?, operand(weight)?]))
}
