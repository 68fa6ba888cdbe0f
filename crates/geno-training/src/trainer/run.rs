//! A training run.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use burn::tensor::Device;
use geno_predictor::{ActionArchitecture, PredictorArchitecture};
use geno_weights::WeightFile;

use super::{
    edit_model::EditModel,
    error::TrainError,
    events::TrainEvent,
    identity::{TrainIdentity, of_set},
    report::TrainReport,
    running::Running,
    settings::TrainSettings,
    stored::{NETWORKS, Stored},
    task::Task,
};
use crate::{IdentityDifference, targets::TargetSet};

/// A run of the trainer.
///
/// The run folder holds `train.log.jsonl` and `checkpoints`, in the end `metrics.json` and `loss.svg`. It
/// may be killed at any moment and goes on from its last checkpoint; on one kernel the weights are then
/// those of an uninterrupted run, bit for bit.
pub struct TrainPredictor<'a> {
    /// What it is set to.
    pub settings: &'a TrainSettings,
    /// The predictor.
    pub predictor: &'a PredictorArchitecture,
    /// The action encoder.
    pub action: &'a ActionArchitecture,
    /// Examples to train on.
    pub train: &'a TargetSet,
    /// Examples that say which weights are best.
    pub validation: &'a TargetSet,
    /// Examples that say nothing, on which those weights are measured in the end.
    pub test: Option<&'a TargetSet>,
    /// What computes.
    pub device: &'a Device,
    /// Other devices of its kind: replicas take turns at all of them. Adapted encoders stay on the first.
    pub more_devices: &'a [Device],
    /// Where the run is kept.
    pub run_dir: &'a Path,
}

/// From where a run starts.
#[derive(Clone, Copy, Debug)]
pub enum Start<'a> {
    /// From drawn weights, in a folder without checkpoints.
    New,
    /// From the last checkpoint of the folder, or from drawn weights if there is none.
    Latest,
    /// From this checkpoint.
    From(&'a Path),
}

/// How a run ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// All steps were taken.
    Finished(Box<TrainReport>),
    /// It was asked to end, and can be resumed.
    Interrupted {
        /// Steps that were taken.
        step: u64,
    },
}

impl TrainPredictor<'_> {
    /// Trains, and tells `on_event` what happens.
    ///
    /// # Errors
    ///
    /// [`TrainError`]; checkpoints that were written stay.
    pub fn run(
        &self,
        start: Start<'_>,
        interrupted: &AtomicBool,
        on_event: impl FnMut(&TrainEvent),
    ) -> Result<Outcome, TrainError> {
        self.check()?;
        self.drive(&Stored::new(self)?, start, interrupted, on_event)
    }

    /// Trains what a task says.
    pub(crate) fn drive(
        &self,
        task: &impl Task,
        start: Start<'_>,
        interrupted: &AtomicBool,
        mut on_event: impl FnMut(&TrainEvent),
    ) -> Result<Outcome, TrainError> {
        let mut running = Running::begin(self, task, start, &mut on_event)?;
        while running.step < self.settings.n_steps {
            if interrupted.load(Ordering::Relaxed) {
                running.write_checkpoint(&mut on_event)?;
                let (step, reason) = (running.step, "interrupted");
                running.tell(TrainEvent::End { step, reason }, &mut on_event)?;
                return Ok(Outcome::Interrupted { step });
            }
            running.take_step(&mut on_event)?;
        }
        running.finish(&mut on_event)
    }

    pub(crate) fn check(&self) -> Result<(), TrainError> {
        self.settings.check()?;
        let examples = self.train.d_state();
        let predictor = self.predictor.d_state();
        if predictor != examples {
            return Err(TrainError::Width {
                predictor,
                examples,
            });
        }
        let (predictor, action) = (self.predictor.d_action(), self.action.d_action());
        if predictor != action {
            return Err(TrainError::ActionWidth { predictor, action });
        }
        let train = self.train.identity();
        let others = [Some(self.validation), self.test].into_iter().flatten();
        let mut differences =
            others.filter_map(|other| IdentityDifference::between(other.identity(), train));
        match differences.next() {
            Some(difference) => Err(TrainError::OtherStates(difference)),
            None => Ok(()),
        }
    }

    pub(super) fn identity(&self) -> TrainIdentity {
        TrainIdentity {
            settings: self.settings.clone(),
            predictor: self.predictor.clone(),
            action: self.action.clone(),
            train: of_set(self.train),
            validation: of_set(self.validation),
            #[cfg(feature = "experimental")]
            adapters: None,
        }
    }

    /// Untrained networks.
    pub(crate) fn draw(&self, device: &Device) -> Result<EditModel, TrainError> {
        let seed = self.settings.seed;
        Ok(EditModel::draw(self.predictor, self.action, seed, device)?)
    }

    /// Networks from their files; `take` gives the bytes of one.
    pub(crate) fn load(
        &self,
        take: &mut dyn FnMut(&'static str) -> Result<Vec<u8>, TrainError>,
        device: &Device,
    ) -> Result<EditModel, TrainError> {
        let [predictor, action] = NETWORKS;
        let mut predictor_file = WeightFile::parse(take(predictor)?)?;
        let mut action_file = WeightFile::parse(take(action)?)?;
        Ok(EditModel::load(
            (self.predictor, &mut predictor_file),
            (self.action, &mut action_file),
            device,
        )?)
    }
}
