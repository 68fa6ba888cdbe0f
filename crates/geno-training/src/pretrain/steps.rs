//! The steps of a run.

use std::{
    ops::ControlFlow,
    time::{Duration, Instant},
};

use geno_core::{Dtype, Event};
use geno_weights::WeightDtype;
use serde_json::json;

use super::{
    batches::TokenBatches,
    error::PretrainError,
    held_out::{BitsPerBase, HeldOut, HeldOutModel},
    history::ValidationPoint,
    phase::Phase,
    run::PretrainProgress,
    settings::PretrainSettings,
    state::{self, State},
    trainer::Trainer,
};
use crate::{Checkpoints, Course, EventLog};

/// A validation that takes so many bits a base more than the best has diverged: half of all that a
/// base can hold.
const MAX_LOST_BITS: f64 = 1.0;

/// Takes the steps that are left.
pub(super) struct Steps<'a> {
    pub(super) settings: &'a PretrainSettings,
    pub(super) course: Course,
    pub(super) checkpoint_every: u64,
    pub(super) batches: &'a TokenBatches<'a>,
    /// Windows to validate on.
    pub(super) sample: HeldOut<'a>,
    pub(super) checkpoints: &'a Checkpoints,
    pub(super) log: &'a mut EventLog,
    pub(super) state: State,
}

impl Steps<'_> {
    /// Takes the steps after `done`. Where `show` breaks off, a checkpoint is written first.
    pub(super) fn run(
        &mut self,
        done: u64,
        mut trainer: Trainer,
        show: &mut impl FnMut(PretrainProgress) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, PretrainError> {
        let n_steps = self.course.n_steps();
        let mut spent = Duration::ZERO;
        for step in done + 1..=n_steps {
            let started = Instant::now();
            let (next, taken) = self.step(step, trainer)?;
            trainer = next;
            spent += started.elapsed();
            let tokens = (step - done) * self.settings.tokens_a_step();
            let tokens_per_second = tokens as f64 / spent.as_secs_f64();

            let phase = self.phase(step);
            let ends_phase = step == n_steps || self.phase(step + 1) != phase;
            let ends_point = ends_phase || step.is_multiple_of(self.settings.log_every());
            let history = &mut self.state.history;
            if let Some(point) = history.add_step(step, phase, taken.bits, ends_point) {
                let fields = json!({
                    "step": step,
                    "phase": phase,
                    "bits_per_base": point.bits_per_base,
                    "learning_rate": taken.learning_rate,
                    "grad_norm": taken.grad_norm,
                    "tokens_per_second": tokens_per_second.round(),
                });
                self.log.write("train.step", &fields)?;
            }
            let validates = ends_phase || step.is_multiple_of(self.settings.validate_every.get());
            let is_best = validates && self.validate(step, phase, &trainer)?;
            let is_due = step == n_steps || step.is_multiple_of(self.checkpoint_every);
            if is_due || is_best {
                self.write(step, &trainer, is_best)?;
            }
            let progress = PretrainProgress::Training {
                step,
                n_steps,
                bits_per_base: taken.bits,
                tokens_per_second,
            };
            if show(progress).is_break() {
                if !(is_due || is_best) {
                    self.write(step, &trainer, false)?;
                }
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn phase(&self, step: u64) -> Phase {
        Phase::of(self.settings.objective(step))
    }

    fn step(&self, step: u64, trainer: Trainer) -> Result<(Trainer, Taken), PretrainError> {
        let n_batches = self.settings.accumulate.get();
        let numbers = (step - 1) * n_batches..step * n_batches;
        let objective = self.settings.objective(step);
        let (loss, gradients) = trainer.gradients(self.batches, numbers, objective);
        if !loss.is_finite() {
            let what = "loss";
            return Err(PretrainError::NotFinite { step, what });
        }
        let learning_rate = self.settings.learning_rate * self.course.multiplier(step);
        let (trainer, grad_norm) = trainer.update(learning_rate, gradients);
        if !grad_norm.is_finite() {
            let what = "gradient";
            return Err(PretrainError::NotFinite { step, what });
        }
        let taken = Taken {
            bits: Phase::of(objective).bits(loss),
            learning_rate,
            grad_norm,
        };
        Ok((trainer, taken))
    }

    /// Validates; whether it is the best so far.
    fn validate(
        &mut self,
        step: u64,
        phase: Phase,
        trainer: &Trainer,
    ) -> Result<bool, PretrainError> {
        let model = HeldOutModel::load(trainer.encoder(WeightDtype::F32)?, Dtype::F32)?;
        let bits = model.bits(&self.sample.sites(0..self.sample.n_windows()))?;
        let point = ValidationPoint {
            step,
            phase,
            bits_per_base: BitsPerBase::mean(&bits),
        };
        self.log.write("train.validation", &point)?;
        let found = phase.held_out(point.bits_per_base);
        let history = &mut self.state.history;
        let best = history.best_of(phase).map(|best| best.bits_per_base);
        match best {
            _ if !found.is_finite() => {
                let what = "validation";
                Err(PretrainError::NotFinite { step, what })
            }
            Some(best) if found > best + MAX_LOST_BITS => {
                Err(PretrainError::Diverged { step, found, best })
            }
            _ => Ok(history.add_validation(point)),
        }
    }

    fn write(&mut self, step: u64, trainer: &Trainer, is_best: bool) -> Result<(), PretrainError> {
        let size_bytes = state::write(self.checkpoints, step, trainer, &self.state)?;
        if let Some(best) = self.state.history.best.filter(|_| is_best) {
            state::set_best(self.checkpoints, best)?;
        }
        let tag = if is_best { "best" } else { "last" };
        self.log
            .write("train.checkpoint", &json!({"step": step, "tag": tag}))?;
        Event::TrainingCheckpointWrite { size_bytes, tag }.emit();
        Ok(())
    }
}

/// What a step found.
struct Taken {
    /// Its loss before it, in bits a base.
    bits: f64,
    learning_rate: f64,
    /// Norm of the gradients before they were clipped.
    grad_norm: f32,
}
