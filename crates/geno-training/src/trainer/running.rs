//! A run under way, step by step.

use std::{path::Path, time::Instant};

use burn::{module::Module, tensor::Device};

use super::{
    error::TrainError,
    events::{StepEvent, TrainEvent, ValidationEvent},
    gradients::{Parts, Step, StepGradients},
    history::TrainHistory,
    identity::TrainIdentity,
    order::{Order, OrderCursor},
    report::TrainReport,
    run::{Outcome, Start, TrainPredictor},
    settings::{OnCollapse, TrainSettings},
    state::{RunState, Trained, read_result},
    task::{Learner, Task},
    turns::turns,
    watch,
};
use crate::{
    BestCheckpoint, Checkpoint, Checkpoints, CollapseMonitor, Course, EventLog, IdentityDifference,
    checkpoint::remove_unfinished,
    targets::TargetSet,
    validation::{Measuring, Strata, Summary},
};

/// How often a run goes back before it ends.
const MAX_ROLL_BACKS: u32 = 3;

/// A run under way.
pub(super) struct Running<'a, T: Task> {
    run: &'a TrainPredictor<'a>,
    task: &'a T,
    identity: TrainIdentity,
    course: Course,
    checkpoints: Checkpoints,
    log: EventLog,
    /// A device that records gradients.
    device: Device,
    /// More of them, for replicas.
    more_devices: Vec<Device>,
    trained: Trained<T::Learner>,
    order: Order,
    monitor: CollapseMonitor,
    /// Steps that were taken.
    pub(super) step: u64,
    best: Option<BestCheckpoint>,
    lr_scale: f64,
    roll_backs: u32,
    history: TrainHistory,
}

impl<'a, T: Task> Running<'a, T> {
    pub(super) fn begin(
        run: &'a TrainPredictor<'a>,
        task: &'a T,
        start: Start<'_>,
        on_event: &mut impl FnMut(&TrainEvent),
    ) -> Result<Self, TrainError> {
        let settings = run.settings;
        remove_unfinished(run.run_dir)?;
        let checkpoints =
            Checkpoints::open(&run.run_dir.join("checkpoints"), T::KIND, settings.keep)?;
        let latest = checkpoints.latest()?;
        let from = match start {
            Start::New if latest.is_some() => {
                return Err(TrainError::HoldsRun(run.run_dir.to_owned()));
            }
            Start::New => None,
            Start::Latest => latest,
            Start::From(path) => Some(path.to_owned()),
        };
        let log = EventLog::open(&run.run_dir.join("train.log.jsonl"))?;
        let device = run.device.clone().autodiff();
        let more_devices = match T::SPREADS {
            true => run.more_devices,
            false => &[],
        };
        let more_devices = more_devices.iter().cloned().map(Device::autodiff);
        let identity = task.identity(run.identity());
        let (step, trained, state) = match &from {
            None => (0, Trained::new(task.draw(&device)?, settings), None),
            Some(path) => {
                let mut checkpoint = read::<T>(path, &identity, settings)?;
                let trained = Trained::load(task, &mut checkpoint, settings, &device)?;
                (checkpoint.step, trained, Some(checkpoint.state))
            }
        };
        let cursor = match &state {
            Some(state) => state.cursor.clone(),
            None => OrderCursor::default(),
        };
        let turns = turns(run.train, settings.type_weights.is_some())?;
        let weights = settings.type_weights.as_ref().map(|weights| &weights[..]);
        let initial = state.as_ref().and_then(|state| state.initial_distance);
        let mut running = Self {
            course: settings
                .schedule
                .over(settings.n_steps, settings.warmup)
                .map_err(super::settings::TrainSettingsError::from)?,
            order: Order::new(settings.seed, turns, weights, cursor),
            monitor: CollapseMonitor::resumed(settings.collapse_every, initial),
            best: state.as_ref().and_then(|state| state.best),
            lr_scale: state.as_ref().map_or(1., |state| state.lr_scale),
            roll_backs: state.as_ref().map_or(0, |state| state.roll_backs),
            history: state.map(|state| state.history).unwrap_or_default(),
            run,
            task,
            identity,
            checkpoints,
            log,
            device,
            more_devices: more_devices.collect(),
            trained,
            step,
        };
        let event = match from {
            Some(_) => TrainEvent::Resume { step },
            None => TrainEvent::Start {
                examples: run.train.len(),
                predictions: run.train.n_edits(),
                parameters: running.trained.learner.num_params(),
            },
        };
        running.tell(event, on_event)?;
        if let Some(best) = running.best {
            running.checkpoints.set_best(best)?;
        }
        Ok(running)
    }

    pub(super) fn take_step(
        &mut self,
        on_event: &mut impl FnMut(&TrainEvent),
    ) -> Result<(), TrainError> {
        let (settings, started, step) = (self.run.settings, Instant::now(), self.step + 1);
        let lr = settings.lr * self.course.multiplier(step) * self.lr_scale;
        let gradients = self.gradients(step)?;
        watch::check_step(step, &gradients)?;
        if self.monitor.is_due(step) && self.collapses(step, &gradients, on_event)? {
            return Ok(());
        }
        let StepGradients {
            gradients,
            prediction,
            regularizer,
            n_predictions,
            ..
        } = gradients;
        let learner = self.trained.learner.clone();
        let names = learner.parameters();
        let (learner, norm) = self.trained.optimizer.step(lr, learner, &names, gradients);
        if !norm.is_finite() {
            let (what, value) = ("gradient", f64::from(norm));
            return Err(TrainError::Diverged { step, what, value });
        }
        self.trained.learner = learner;
        self.trained.follow(settings.ema);
        self.step = step;
        let event = StepEvent {
            step,
            lr,
            loss: prediction + regularizer,
            loss_pred: prediction,
            loss_reg: regularizer,
            grad_norm: f64::from(norm),
            predictions: n_predictions,
            seconds: started.elapsed().as_secs_f64(),
        };
        let is_last = step == settings.n_steps;
        let is_logged = step.is_multiple_of(settings.log_every) || step == 1 || is_last;
        self.history.add_step(step, prediction, is_logged);
        if is_logged {
            self.tell(TrainEvent::Step(event), on_event)?;
        } else {
            on_event(&TrainEvent::Step(event));
        }
        let is_best = match is_last || step.is_multiple_of(settings.validate_every) {
            true => self.validate(on_event)?,
            false => false,
        };
        match is_last || is_best || step.is_multiple_of(settings.checkpoint_every) {
            true => self.write_checkpoint(on_event),
            false => Ok(()),
        }
    }

    fn gradients(&mut self, step: u64) -> Result<StepGradients, TrainError> {
        let settings = self.run.settings;
        let limits = [
            settings.curriculum.max_edits(step),
            self.trained.learner.networks().max_edits(),
        ];
        let max_edits = limits.into_iter().flatten().min();
        if !self.order.has_any(max_edits) {
            let max_edits = max_edits.unwrap_or(usize::MAX);
            return Err(TrainError::NoExample { step, max_edits });
        }
        let examples = self.order.next(settings.batch_edits, max_edits);
        let step = Step {
            task: self.task,
            set: self.run.train,
            objective: &settings.objective,
            device: &self.device,
            more_devices: &self.more_devices,
            seed: settings.seed,
            number: step,
        };
        let parts = Parts {
            accumulate: settings.accumulate,
            replicas: settings.replicas,
        };
        step.gradients(&self.trained.learner, &examples, parts)
    }

    /// Compares predictions with each other; true if the run went back for what it saw.
    fn collapses(
        &mut self,
        step: u64,
        gradients: &StepGradients,
        on_event: &mut impl FnMut(&TrainEvent),
    ) -> Result<bool, TrainError> {
        let (d_state, device) = (self.run.train.d_state(), self.run.device);
        let (metrics, alerts) = watch::look(&mut self.monitor, gradients, d_state, device)?;
        let has_collapsed = watch::has_collapsed(&alerts);
        let event = TrainEvent::Collapse {
            step,
            metrics,
            alerts,
        };
        self.tell(event, on_event)?;
        match self.run.settings.on_collapse {
            _ if !has_collapsed => Ok(false),
            OnCollapse::Warn => Ok(false),
            OnCollapse::Stop => Err(TrainError::Collapsed { step }),
            OnCollapse::RollBack if self.roll_backs == MAX_ROLL_BACKS => {
                Err(TrainError::Collapsed { step })
            }
            OnCollapse::RollBack => self.roll_back(step, on_event).map(|()| true),
        }
    }

    fn roll_back(
        &mut self,
        step: u64,
        on_event: &mut impl FnMut(&TrainEvent),
    ) -> Result<(), TrainError> {
        let settings = self.run.settings;
        let latest = self
            .checkpoints
            .latest()?
            .ok_or(TrainError::Collapsed { step })?;
        let mut checkpoint = read::<T>(&latest, &self.identity, settings)?;
        self.trained = Trained::load(self.task, &mut checkpoint, settings, &self.device)?;
        // The order stays where it is, so that other examples follow.
        self.step = checkpoint.step;
        self.history.go_back(self.step);
        self.lr_scale /= 2.;
        self.roll_backs += 1;
        let event = TrainEvent::RollBack {
            step,
            to_step: self.step,
            lr_scale: self.lr_scale,
        };
        self.tell(event, on_event)?;
        self.write_checkpoint(on_event)
    }

    /// Predicts what is held out; true if that went better than ever.
    fn validate(&mut self, on_event: &mut impl FnMut(&TrainEvent)) -> Result<bool, TrainError> {
        let measuring = Measuring::new(self.task, self.trained.result(), self.run.device)?;
        let records = measuring.records(self.run.validation)?;
        let summary = Summary::of(&records, false).ok_or(TrainError::NothingToValidate)?;
        let (step, skill) = (self.step, summary.skill);
        let best = self.best.map(|best| 1. - best.value);
        watch::check_validation(step, 1. - skill, best)?;
        self.history.add_validation(step, &summary);
        let event = ValidationEvent { step, summary };
        self.tell(TrainEvent::Validation(Box::new(event)), on_event)?;
        let is_best = self.best.is_none_or(|best| skill > best.value);
        if is_best {
            self.best = Some(BestCheckpoint { step, value: skill });
        }
        Ok(is_best)
    }

    pub(super) fn write_checkpoint(
        &mut self,
        on_event: &mut impl FnMut(&TrainEvent),
    ) -> Result<(), TrainError> {
        let state = RunState {
            identity: self.identity.clone(),
            cursor: self.order.cursor().clone(),
            best: self.best,
            initial_distance: self.monitor.initial_distance(),
            lr_scale: self.lr_scale,
            roll_backs: self.roll_backs,
            history: self.history.clone(),
        };
        let files = self.trained.files()?;
        self.checkpoints.write(self.step, &state, &files)?;
        let is_best = self.best.is_some_and(|best| best.step == self.step);
        if let Some(best) = self.best.filter(|_| is_best) {
            self.checkpoints.set_best(best)?;
        }
        let step = self.step;
        self.tell(TrainEvent::Checkpoint { step, is_best }, on_event)
    }

    pub(super) fn finish(
        mut self,
        on_event: &mut impl FnMut(&TrainEvent),
    ) -> Result<Outcome, TrainError> {
        let (step, reason) = (self.step, "finished");
        let best = self.best.ok_or(TrainError::NothingToValidate)?;
        let path = self.checkpoints.path(best.step);
        let mut checkpoint = Checkpoint::<RunState>::read(&path, T::KIND)?;
        let learner = read_result(self.task, &mut checkpoint, self.run.device)?;
        let measuring = Measuring::new(self.task, &learner, self.run.device)?;
        let strata = |set: &TargetSet| {
            let records = measuring.records(set)?;
            Strata::of(&records, true).ok_or(TrainError::NothingToValidate)
        };
        let validation = strata(self.run.validation)?;
        let test = self.run.test.map(strata).transpose()?;
        drop(measuring);
        self.task.conclude(&learner, self.run.run_dir)?;
        self.tell(TrainEvent::End { step, reason }, on_event)?;
        let report = TrainReport {
            best,
            checkpoint: path,
            steps: step,
            n_predictions: self.order.cursor().predictions,
            history: self.history,
            validation,
            test,
        };
        report.write(self.run.run_dir)?;
        Ok(Outcome::Finished(Box::new(report)))
    }

    pub(super) fn tell(
        &mut self,
        event: TrainEvent,
        on_event: &mut impl FnMut(&TrainEvent),
    ) -> Result<(), TrainError> {
        let (name, fields) = event.line();
        self.log.write(name, &fields)?;
        on_event(&event);
        Ok(())
    }
}

/// Reads a checkpoint of this run, which may have had fewer steps before it.
fn read<T: Task>(
    path: &Path,
    identity: &TrainIdentity,
    settings: &TrainSettings,
) -> Result<Checkpoint<RunState>, TrainError> {
    let checkpoint = Checkpoint::<RunState>::read(path, T::KIND)?;
    let stored = checkpoint.state.identity.with_steps(settings.n_steps);
    if let Some(difference) = IdentityDifference::between(&stored, identity) {
        return Err(TrainError::OtherRun {
            checkpoint: path.to_owned(),
            difference,
        });
    }
    match checkpoint.step > settings.n_steps {
        true => Err(TrainError::BeyondEnd {
            step: checkpoint.step,
            n_steps: settings.n_steps,
        }),
        false => Ok(checkpoint),
    }
}
