//! What a pretraining run is set to.

use std::num::{NonZeroU64, NonZeroUsize};

use geno_core::{Coded, ErrorCode};
use geno_encoder::CarbonConfig;
use serde::Serialize;

use super::batches::BatchShape;
use crate::{AdamWSettings, Course, Objective, Schedule, ScheduleError};

/// What a pretraining run is set to; all of it decides the weights that come out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PretrainSettings {
    /// Seed of the weights, the windows and the bootstrap.
    pub seed: u64,
    /// Steps of the run.
    pub n_steps: u64,
    /// Windows of a batch.
    pub batch_size: NonZeroUsize,
    /// 6-mers of a window.
    pub n_tokens: NonZeroUsize,
    /// Whether windows are read from either strand.
    pub both_strands: bool,
    /// Batches of a step, whose gradients are averaged.
    pub accumulate: NonZeroU64,
    /// Course of the learning rate.
    pub schedule: Schedule,
    /// Steps over which it rises at first.
    pub warmup: u64,
    /// The highest learning rate.
    pub learning_rate: f64,
    /// The optimiser.
    pub optimizer: AdamWSettings,
    /// Part of the steps, at the end, that train by factorised nucleotide supervision.
    pub fns_fraction: f64,
    /// Steps from one validation to the next.
    pub validate_every: NonZeroU64,
    /// Held-out windows of a validation, at most.
    pub validation_windows: NonZeroUsize,
}

/// Why a run cannot be set so.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PretrainSettingsError {
    /// The schedule.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// The learning rate is no positive number.
    #[error("learning rate {0} is not a positive number")]
    LearningRate(f64),
    /// A part that is no part.
    #[error("fraction {0} does not lie between 0 and 1")]
    Fraction(f64),
    /// Windows longer than the network has positions for.
    #[error("windows of {n_tokens} tokens and two tags, in a network of {max_positions} positions")]
    TooLong {
        /// 6-mers of a window.
        n_tokens: usize,
        /// Positions of the network.
        max_positions: usize,
    },
}

impl Coded for PretrainSettingsError {
    fn code(&self) -> ErrorCode {
        ErrorCode::ConfigGeneric
    }
}

impl PretrainSettings {
    /// The course of the learning rate, if all else fits, too.
    ///
    /// # Errors
    ///
    /// [`PretrainSettingsError`].
    pub fn course(&self, config: &CarbonConfig) -> Result<Course, PretrainSettingsError> {
        let rate = self.learning_rate;
        if !(rate.is_finite() && rate > 0.0) {
            return Err(PretrainSettingsError::LearningRate(rate));
        }
        if !(0.0..=1.0).contains(&self.fns_fraction) {
            return Err(PretrainSettingsError::Fraction(self.fns_fraction));
        }
        let (n_tokens, max_positions) = (self.n_tokens.get(), config.max_positions);
        if max_positions.saturating_sub(2) < n_tokens {
            return Err(PretrainSettingsError::TooLong {
                n_tokens,
                max_positions,
            });
        }
        Ok(self.schedule.over(self.n_steps, self.warmup)?)
    }

    /// What a step, from 1, trains for.
    pub fn objective(&self, step: u64) -> Objective {
        let n_last = (self.fns_fraction * self.n_steps as f64).round() as u64;
        match step > self.n_steps.saturating_sub(n_last) {
            true => Objective::FactorisedNucleotides,
            false => Objective::CrossEntropy,
        }
    }

    /// The shape of a batch.
    pub fn batch(&self) -> BatchShape {
        BatchShape {
            batch_size: self.batch_size.get(),
            n_tokens: self.n_tokens.get(),
            both_strands: self.both_strands,
        }
    }

    /// Tokens of a step that are predicted.
    pub fn tokens_a_step(&self) -> u64 {
        self.accumulate.get() * self.batch_size.get() as u64 * self.n_tokens.get() as u64
    }

    /// Steps from one line of the log to the next: a few hundred lines for any run.
    pub fn log_every(&self) -> u64 {
        (self.n_steps / 400).max(1)
    }
}
