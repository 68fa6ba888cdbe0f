//! What a run is, so that no other goes on from its checkpoints.

use geno_predictor::{ActionArchitecture, PredictorArchitecture};
use serde::{Deserialize, Serialize};

use super::settings::TrainSettings;
use crate::targets::{TargetIdentity, TargetSet};

/// All that the bytes of a run depend on, but for its length.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TrainIdentity {
    /// What it is set to. The number of steps may grow.
    pub settings: TrainSettings,
    /// The predictor.
    pub predictor: PredictorArchitecture,
    /// The action encoder.
    pub action: ActionArchitecture,
    /// The examples to train on, folder by folder.
    pub train: Vec<TargetIdentity>,
    /// Those to validate on.
    pub validation: Vec<TargetIdentity>,
    /// The adapters of the encoder, if it is trained, too.
    #[cfg(feature = "experimental")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adapters: Option<crate::LoraSettings>,
}

impl TrainIdentity {
    /// The same with another number of steps, by which a run may be made longer.
    pub(super) fn with_steps(&self, n_steps: u64) -> Self {
        let mut identity = self.clone();
        identity.settings.n_steps = n_steps;
        identity
    }
}

/// The identities of a set's folders.
pub(super) fn of_set(set: &TargetSet) -> Vec<TargetIdentity> {
    let folders = set.folders().iter();
    folders.map(|folder| folder.identity().clone()).collect()
}
