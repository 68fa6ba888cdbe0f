//! What a run goes on from.

use burn::tensor::Device;
use geno_weights::WeightFile;
use serde::{Deserialize, Serialize};

use super::{
    average::average,
    error::TrainError,
    history::TrainHistory,
    identity::TrainIdentity,
    order::OrderCursor,
    settings::TrainSettings,
    task::{Learner, Task},
};
use crate::{AdamW, BestCheckpoint, Checkpoint};

/// What the names of weights begin with that steps move, where averaged ones are validated.
const MOVED: &str = "moved.";
const OPTIMIZER: &str = "optimizer.safetensors";

/// What of a run's state is no tensor.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RunState {
    pub(super) identity: TrainIdentity,
    pub(super) cursor: OrderCursor,
    /// The best validation so far.
    pub(super) best: Option<BestCheckpoint>,
    /// How far apart predictions lay when they were first compared.
    pub(super) initial_distance: Option<f64>,
    /// What the learning rate is multiplied by, after runs went back.
    pub(super) lr_scale: f64,
    /// How often the run went back.
    pub(super) roll_backs: u32,
    pub(super) history: TrainHistory,
}

/// What steps change.
pub(super) struct Trained<L> {
    /// The weights that gradients move.
    pub(super) learner: L,
    /// Their average, if weights are averaged.
    averaged: Option<L>,
    pub(super) optimizer: AdamW,
}

impl<L: Learner> Trained<L> {
    pub(super) fn new(learner: L, settings: &TrainSettings) -> Self {
        Self {
            averaged: settings.ema.map(|_| learner.clone()),
            learner,
            optimizer: AdamW::new(settings.optimizer),
        }
    }

    /// Lets the average follow the weights.
    pub(super) fn follow(&mut self, ema: Option<f64>) {
        if let (Some(kept), Some(averaged)) = (ema, self.averaged.take()) {
            self.averaged = Some(average(kept, averaged, &self.learner));
        }
    }

    /// What is validated and exported.
    pub(super) fn result(&self) -> &L {
        self.averaged.as_ref().unwrap_or(&self.learner)
    }

    /// The files of a checkpoint.
    pub(super) fn files(&self) -> Result<Vec<(String, Vec<u8>)>, TrainError> {
        let named = |prefix: &str, learner: &L| -> Result<Vec<_>, TrainError> {
            let files = learner.files()?.into_iter();
            let files = files.map(|(name, bytes)| (format!("{prefix}{name}"), bytes));
            Ok(files.collect())
        };
        let mut files = named("", self.result())?;
        if self.averaged.is_some() {
            files.extend(named(MOVED, &self.learner)?);
        }
        files.push((OPTIMIZER.to_owned(), self.optimizer.write()?));
        Ok(files)
    }

    /// Loads what a checkpoint holds; `device` is one that records gradients.
    pub(super) fn load<T: Task<Learner = L>>(
        task: &T,
        checkpoint: &mut Checkpoint<RunState>,
        settings: &TrainSettings,
        device: &Device,
    ) -> Result<Self, TrainError> {
        let result = read_result(task, checkpoint, device)?;
        let (learner, averaged) = match settings.ema {
            Some(_) => (read_from(task, checkpoint, MOVED, device)?, Some(result)),
            None => (result, None),
        };
        let mut file = WeightFile::parse(checkpoint.take(OPTIMIZER)?)?;
        Ok(Self {
            learner,
            averaged,
            optimizer: AdamW::load(settings.optimizer, &mut file, &device.clone().inner())?,
        })
    }
}

/// The weights of a checkpoint that are validated and exported.
pub(super) fn read_result<T: Task>(
    task: &T,
    checkpoint: &mut Checkpoint<RunState>,
    device: &Device,
) -> Result<T::Learner, TrainError> {
    read_from(task, checkpoint, "", device)
}

fn read_from<T: Task>(
    task: &T,
    checkpoint: &mut Checkpoint<RunState>,
    prefix: &str,
    device: &Device,
) -> Result<T::Learner, TrainError> {
    let mut take = |name: &str| Ok(checkpoint.take(&format!("{prefix}{name}"))?);
    task.load(&mut take, device)
}
