//! Training over states that were computed once.

use std::{borrow::Cow, path::Path};

use burn::{
    module::ParamId,
    tensor::{Device, Tensor, TensorData},
};
use geno_weights::WriteWeightsError;

use super::{
    edit_model::EditModel,
    error::TrainError,
    identity::TrainIdentity,
    run::TrainPredictor,
    task::{Learner, Task},
};
use crate::{
    targets::{Example, TargetSet},
    validation::MeanChange,
};

/// The files of the predictor and the action encoder.
pub(crate) const NETWORKS: [&str; 2] = ["predictor.safetensors", "action_encoder.safetensors"];

/// The predictor and the action encoder, over stored states.
pub(super) struct Stored<'a> {
    run: &'a TrainPredictor<'a>,
    baseline: MeanChange,
}

impl<'a> Stored<'a> {
    pub(super) fn new(run: &'a TrainPredictor<'a>) -> Result<Self, TrainError> {
        let baseline = MeanChange::of(run.train)?;
        Ok(Self { run, baseline })
    }
}

impl Learner for EditModel {
    fn networks(&self) -> &EditModel {
        self
    }

    fn parameters(&self) -> Vec<(String, ParamId)> {
        EditModel::parameters(self)
    }

    fn files(&self) -> Result<Vec<(&'static str, Vec<u8>)>, WriteWeightsError> {
        Ok(NETWORKS.into_iter().zip(self.write()?).collect())
    }
}

impl Task for Stored<'_> {
    type Learner = EditModel;

    const KIND: &'static str = "predictor";
    const SPREADS: bool = true;

    fn identity(&self, run: TrainIdentity) -> TrainIdentity {
        run
    }

    fn draw(&self, device: &Device) -> Result<EditModel, TrainError> {
        self.run.draw(device)
    }

    fn load(
        &self,
        take: &mut dyn FnMut(&'static str) -> Result<Vec<u8>, TrainError>,
        device: &Device,
    ) -> Result<EditModel, TrainError> {
        self.run.load(take, device)
    }

    fn states(
        &self,
        _: &EditModel,
        set: &TargetSet,
        examples: &[(usize, Example)],
        device: &Device,
    ) -> Result<Tensor<2>, TrainError> {
        let mut values = Vec::new();
        for &(index, _) in examples {
            values.extend_from_slice(set.states(index));
        }
        let shape = [values.len() / set.d_state(), set.d_state()];
        Ok(Tensor::from_data(TensorData::new(values, shape), device))
    }

    fn baseline(&self, _: &EditModel, _: &Device) -> Result<Cow<'_, MeanChange>, TrainError> {
        Ok(Cow::Borrowed(&self.baseline))
    }

    fn change_length(&self) -> Option<f64> {
        None
    }

    fn conclude(&self, _: &EditModel, _: &Path) -> Result<(), TrainError> {
        Ok(())
    }
}
