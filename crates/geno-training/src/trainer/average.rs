//! Weights averaged over the steps.

use std::collections::HashMap;

use burn::{
    module::{ModuleMapper, ModuleVisitor, Param, ParamId},
    optim::GradientsParams,
    tensor::Tensor,
};

use super::task::Learner;

/// `average ← κ · average + (1 − κ) · weights`, parameter by parameter.
pub(super) fn average<L: Learner>(kept: f64, average: L, weights: &L) -> L {
    let names = average.parameters().into_iter().zip(weights.parameters());
    let ids = names.map(|((_, of_average), (_, of_weights))| (of_average, of_weights));
    let mut values = Values(GradientsParams::new());
    weights.visit(&mut values);
    average.map(&mut Mix {
        kept,
        ids: ids.collect(),
        values: values.0,
    })
}

/// The values of a module's parameters.
struct Values(GradientsParams);

impl ModuleVisitor for Values {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.0.register(param.id, param.val().inner());
    }
}

struct Mix {
    kept: f64,
    /// The parameter of the weights for each of the average.
    ids: HashMap<ParamId, ParamId>,
    values: GradientsParams,
}

impl ModuleMapper for Mix {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let id = self.ids[&param.id];
        let value = self.values.remove::<D>(id).expect("both are one network");
        param.map(|tensor| {
            let mixed = tensor.inner().mul_scalar(self.kept) + value.mul_scalar(1. - self.kept);
            Tensor::from_inner(mixed)
        })
    }
}
