//! One step over all parameters of a module.

use std::collections::{BTreeMap, HashMap};

use burn::{
    module::{ModuleMapper, Param, ParamId},
    optim::{AdamW, AdamWState, GradientsParams, Optimizer},
    tensor::Tensor,
};

use super::is_decayed;

/// What a step needs to know of each parameter.
pub(super) struct Update<'a> {
    pub(super) lr: f64,
    /// What gradients are multiplied by, so that they are not too large together.
    pub(super) scale: f32,
    pub(super) names: HashMap<ParamId, &'a String>,
    pub(super) gradients: GradientsParams,
    /// Without decay, and with.
    pub(super) groups: [AdamW; 2],
    pub(super) states: &'a mut BTreeMap<String, AdamWState<1>>,
}

impl ModuleMapper for Update<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(gradient) = self.gradients.remove::<D>(param.id) else {
            return param;
        };
        let name = self
            .names
            .get(&param.id)
            .expect("a trained parameter has a name");
        let group = &self.groups[usize::from(is_decayed(name, D))];
        let state = self.states.remove(*name);
        param.map(|tensor| {
            let shape = tensor.dims();
            let flat = tensor.inner().reshape([-1]);
            let gradient = gradient.reshape([-1]).mul_scalar(self.scale);
            let (flat, state) = group.step(self.lr, flat, gradient, state);
            let state = state.expect("AdamW always has a state");
            self.states.insert((*name).clone(), state);
            Tensor::from_inner(flat.reshape(shape)).require_grad()
        })
    }
}
