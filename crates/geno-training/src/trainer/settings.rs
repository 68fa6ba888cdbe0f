//! What a training run is set to.

use geno_core::{Coded, ErrorCode};
use serde::{Deserialize, Serialize};

use super::{
    curriculum::Curriculum,
    objective::{EditObjective, Regularizer},
};
use crate::{AdamWSettings, Schedule, ScheduleError};

/// What a training run is set to. The defaults are the recipe of small models.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TrainSettings {
    /// Decides the first weights and the order of the examples.
    pub seed: u64,
    /// Steps of the run.
    pub n_steps: u64,
    /// Predictions of a step, at least.
    pub batch_edits: usize,
    /// Parts of a step that are computed one after another, for less memory.
    pub accumulate: usize,
    /// Replicas of the model that compute parts of a step side by side.
    pub replicas: usize,
    /// Largest learning rate.
    pub lr: f64,
    /// Its course.
    pub schedule: Schedule,
    /// Steps in which it rises, of [`Schedule::Wsd`].
    pub warmup: u64,
    /// The optimiser.
    pub optimizer: AdamWSettings,
    /// The loss.
    pub objective: EditObjective,
    /// From short haplotypes to long ones.
    pub curriculum: Curriculum,
    /// Weights by which examples of SNV, INS, DEL, MNV and INDEL have their turn, by the first edit;
    /// `None` takes them as often as there are.
    pub type_weights: Option<[f64; 5]>,
    /// Part of the averaged weights that a step keeps, if weights are averaged: those are what is
    /// validated and exported.
    pub ema: Option<f64>,
    /// Steps between validations.
    pub validate_every: u64,
    /// Steps between checkpoints.
    pub checkpoint_every: u64,
    /// Steps between lines of the log.
    pub log_every: u64,
    /// Steps between looks at how alike predictions are.
    pub collapse_every: u64,
    /// What happens when predictions have become alike.
    pub on_collapse: OnCollapse,
    /// Checkpoints that are kept besides the best.
    pub keep: usize,
}

/// What happens when predictions have become alike.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnCollapse {
    /// The log says so.
    #[default]
    Warn,
    /// The run ends, with the checkpoint before it intact.
    Stop,
    /// The run goes back to the checkpoint before it, and on from there with other examples at half
    /// the learning rate.
    RollBack,
}

impl Default for TrainSettings {
    fn default() -> Self {
        Self {
            seed: 0,
            n_steps: 2_000,
            batch_edits: 256,
            accumulate: 1,
            replicas: 1,
            lr: 2e-3,
            schedule: Schedule::Wsd,
            warmup: 100,
            optimizer: AdamWSettings {
                weight_decay: 0.05,
                ..AdamWSettings::default()
            },
            objective: EditObjective::default(),
            curriculum: Curriculum::default(),
            type_weights: None,
            ema: None,
            validate_every: 100,
            checkpoint_every: 100,
            log_every: 10,
            collapse_every: 100,
            on_collapse: OnCollapse::Warn,
            keep: 2,
        }
    }
}

/// Why settings make no run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TrainSettingsError {
    /// A number that must be at least 1 is 0.
    #[error("{0} is 0")]
    Zero(&'static str),
    /// A number is not in its range.
    #[error("{what} is {value}, which is not {range}")]
    Range {
        /// Which number.
        what: &'static str,
        /// Its value.
        value: f64,
        /// What it should be.
        range: &'static str,
    },
    /// The schedule does not fit the steps.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
}

impl Coded for TrainSettingsError {
    fn code(&self) -> ErrorCode {
        ErrorCode::ConfigGeneric
    }
}

impl TrainSettings {
    /// Checks every number.
    ///
    /// # Errors
    ///
    /// [`TrainSettingsError`] for the first that makes no run.
    pub fn check(&self) -> Result<(), TrainSettingsError> {
        let counts = [
            ("batch size", self.batch_edits as u64),
            ("number of accumulated parts", self.accumulate as u64),
            ("number of replicas", self.replicas as u64),
            ("number of steps between validations", self.validate_every),
            ("number of steps between checkpoints", self.checkpoint_every),
            ("number of steps between log lines", self.log_every),
            (
                "number of steps between collapse checks",
                self.collapse_every,
            ),
            ("number of kept checkpoints", self.keep as u64),
        ];
        if let Some((what, _)) = counts.iter().find(|(_, count)| *count == 0) {
            return Err(TrainSettingsError::Zero(what));
        }
        let AdamWSettings {
            beta1,
            beta2,
            epsilon,
            weight_decay,
            grad_clip,
        } = self.optimizer;
        let is_part = |value: f64| (0. ..1.).contains(&value);
        let is_above = |value: f64| value.is_finite() && value > 0.;
        let at_least_0 = |value: f64| value.is_finite() && value >= 0.;
        type Range = (&'static str, f64, bool, &'static str);
        let number = |what, value: f32, holds: fn(f64) -> bool, range| -> Range {
            (what, f64::from(value), holds(f64::from(value)), range)
        };
        let mut ranges = vec![
            ("learning rate", self.lr, is_above(self.lr), "above 0"),
            number("beta1", beta1, is_part, "at least 0 and below 1"),
            number("beta2", beta2, is_part, "at least 0 and below 1"),
            number("epsilon", epsilon, is_above, "above 0"),
            number("weight decay", weight_decay, at_least_0, "at least 0"),
        ];
        if let Some(clip) = grad_clip {
            ranges.push(number("largest gradient", clip, is_above, "above 0"));
        }
        if let Some(ema) = self.ema {
            ranges.push((
                "kept part of averages",
                ema,
                is_part(ema),
                "at least 0 and below 1",
            ));
        }
        if let Some(Regularizer { gamma, directions }) = self.objective.regularizer {
            ranges.push(("gamma", gamma, at_least_0(gamma), "at least 0"));
            if directions == 0 {
                return Err(TrainSettingsError::Zero("number of directions"));
            }
        }
        for weight in self.type_weights.into_iter().flatten() {
            ranges.push(("type weight", weight, at_least_0(weight), "at least 0"));
        }
        if let Some((what, value, _, range)) = ranges.into_iter().find(|(.., holds, _)| !holds) {
            return Err(TrainSettingsError::Range { what, value, range });
        }
        self.schedule.over(self.n_steps, self.warmup)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_make_no_run_are_named() {
        let error = |change: fn(&mut TrainSettings)| {
            let mut settings = TrainSettings::default();
            settings.check().unwrap();
            change(&mut settings);
            settings.check().unwrap_err().to_string()
        };
        assert_eq!(error(|s| s.batch_edits = 0), "batch size is 0");
        assert_eq!(
            error(|s| s.lr = -1.),
            "learning rate is -1, which is not above 0"
        );
        assert_eq!(
            error(|s| s.lr = f64::NAN),
            "learning rate is NaN, which is not above 0"
        );
        let beta = "beta2 is 1, which is not at least 0 and below 1";
        assert_eq!(error(|s| s.optimizer.beta2 = 1.), beta);
        let warmup = "a run of 50 steps ends within its warm-up of 100";
        assert_eq!(error(|s| s.n_steps = 50), warmup);
    }
}
