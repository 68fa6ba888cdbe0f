//! The norm of all gradients together.

use burn::{
    module::{Module, ModuleVisitor, Param},
    optim::GradientsParams,
    tensor::Tensor,
};

/// Adds up the squares of the gradients, parameter by parameter in the module's order.
pub(super) struct SquaredNorm<'a> {
    gradients: &'a GradientsParams,
    /// `[1]`.
    sum: Option<Tensor<1>>,
}

impl<'a> SquaredNorm<'a> {
    /// `Σ g²`.
    pub(super) fn of(module: &impl Module, gradients: &'a GradientsParams) -> f32 {
        let mut visitor = Self {
            gradients,
            sum: None,
        };
        module.visit(&mut visitor);
        visitor.sum.map_or(0., Tensor::into_scalar)
    }
}

impl ModuleVisitor for SquaredNorm<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let Some(gradient) = self.gradients.get::<D>(param.id) else {
            return;
        };
        let squares = gradient.square().sum();
        self.sum = Some(match self.sum.take() {
            Some(sum) => sum + squares,
            None => squares,
        });
    }
}
