//! Gradients against finite differences.

use burn::{
    module::{Module, ModuleMapper, Param, ParamId},
    optim::GradientsParams,
    tensor::Tensor,
};

/// Moves one parameter along its gradient.
struct Move<'g> {
    id: ParamId,
    step: f32,
    gradients: &'g GradientsParams,
}

impl ModuleMapper for Move<'_> {
    fn map_float<const D: usize>(&mut self, parameter: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if parameter.id != self.id {
            return parameter;
        }
        let gradient = self.gradients.get::<D>(self.id).unwrap();
        parameter.map(|value| {
            let moved = value.inner() + gradient.mul_scalar(self.step);
            Tensor::from_inner(moved).require_grad()
        })
    }
}

/// How fast a loss rises as a parameter moves along its gradient `g`, from a step that moves it by
/// `distance` to either side; by `‖g‖²` where the gradient is right.
pub(crate) fn slope<M: Module>(
    module: &M,
    (id, square): (ParamId, f32),
    gradients: &GradientsParams,
    distance: f32,
    loss: impl Fn(&M) -> Tensor<1>,
) -> f32 {
    let step = distance / square.sqrt();
    let at = |step: f32| -> f32 {
        let mut along = Move {
            id,
            step,
            gradients,
        };
        loss(&module.clone().map(&mut along)).into_scalar()
    };
    (at(step) - at(-step)) / (2. * step)
}
