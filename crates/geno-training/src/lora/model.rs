//! All that a run with adapters trains.

use burn::module::{Module, ParamId};
use geno_weights::{WriteWeightsError, write_weights};

use super::Adapters;
use crate::{EditModel, export::ADAPTERS, trainer::Learner};

/// The predictor, the action encoder and the adapters of the encoder.
#[derive(Module, Debug)]
pub(super) struct AdaptedModel {
    pub(super) networks: EditModel,
    pub(super) adapters: Adapters,
}

impl Learner for AdaptedModel {
    fn networks(&self) -> &EditModel {
        &self.networks
    }

    fn parameters(&self) -> Vec<(String, ParamId)> {
        let mut parameters = self.networks.parameters();
        parameters.extend(self.adapters.parameters());
        parameters
    }

    fn files(&self) -> Result<Vec<(&'static str, Vec<u8>)>, WriteWeightsError> {
        let mut files = Learner::files(&self.networks)?;
        files.push((ADAPTERS, write_weights(&self.adapters.to_weights())?));
        Ok(files)
    }
}
