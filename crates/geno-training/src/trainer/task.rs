//! What a run trains, and where its states come from.

use std::{borrow::Cow, path::Path};

use burn::{
    module::{Module, ParamId},
    tensor::{Device, Tensor},
};
use geno_weights::WriteWeightsError;

use super::{edit_model::EditModel, error::TrainError, identity::TrainIdentity};
use crate::{
    targets::{Example, TargetSet},
    validation::MeanChange,
};

/// All parameters that a run trains.
pub(crate) trait Learner: Module + Sync {
    /// The predictor and the action encoder.
    fn networks(&self) -> &EditModel;

    /// The name of each parameter.
    fn parameters(&self) -> Vec<(String, ParamId)>;

    /// The files that it is kept in.
    fn files(&self) -> Result<Vec<(&'static str, Vec<u8>)>, WriteWeightsError>;
}

/// What a run trains, and where its states come from.
pub(crate) trait Task: Sync {
    type Learner: Learner;

    /// The kind that checkpoints name.
    const KIND: &'static str;

    /// Whether replicas can compute on other devices than the first.
    const SPREADS: bool;

    /// The identity of the run, with what this task adds to it.
    fn identity(&self, run: TrainIdentity) -> TrainIdentity;

    fn draw(&self, device: &Device) -> Result<Self::Learner, TrainError>;

    /// Loads what [`Learner::files`] gave; `take` gives the bytes of a file.
    fn load(
        &self,
        take: &mut dyn FnMut(&'static str) -> Result<Vec<u8>, TrainError>,
        device: &Device,
    ) -> Result<Self::Learner, TrainError>;

    /// The states of examples of a set `[rows, d_state]`: of each its source state, then one for
    /// each of its edits. `device` is that of the learner.
    fn states(
        &self,
        learner: &Self::Learner,
        set: &TargetSet,
        examples: &[(usize, Example)],
        device: &Device,
    ) -> Result<Tensor<2>, TrainError>;

    /// The mean changes of the states to train on.
    fn baseline(
        &self,
        learner: &Self::Learner,
        device: &Device,
    ) -> Result<Cow<'_, MeanChange>, TrainError>;

    /// The root mean square of changes `s′ − s` before training, if training changes states.
    fn change_length(&self) -> Option<f64>;

    /// Writes what the best learner comes to beside its files.
    fn conclude(&self, learner: &Self::Learner, run_dir: &Path) -> Result<(), TrainError>;
}
