//! What the steps of a run are.

use std::num::{NonZeroU64, NonZeroUsize};

use clap::ValueEnum;
use geno_training::{AdamWSettings, PretrainSettings, Schedule};

use crate::failure::{Failure, UsageError};

#[derive(clap::Args)]
#[command(next_help_heading = "Training")]
pub(super) struct StepArgs {
    /// Steps of the run
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    steps: u64,

    /// Windows of a batch
    #[arg(long, value_name = "N", default_value = "8")]
    batch_size: NonZeroUsize,

    /// 6-mers of a window
    #[arg(long, value_name = "N", default_value = "288")]
    context_tokens: NonZeroUsize,

    /// Batches of a step, whose gradients are averaged
    #[arg(long, value_name = "N", default_value = "1")]
    accumulate: NonZeroU64,

    /// Read windows from the strand that is given alone, not from either
    #[arg(long)]
    forward_only: bool,

    /// Highest learning rate
    #[arg(long, value_name = "X", default_value_t = 2e-3)]
    learning_rate: f64,

    /// Course of the learning rate
    #[arg(long, value_name = "NAME", default_value = "wsd")]
    schedule: ScheduleArg,

    /// Steps over which the learning rate rises at first
    #[arg(long, value_name = "N", default_value_t = 100)]
    warmup: u64,

    /// Decay of weights, times the learning rate
    #[arg(long, value_name = "X", default_value_t = 0.1)]
    weight_decay: f32,

    /// Largest norm of all gradients together; 0 for any
    #[arg(long, value_name = "X", default_value_t = 1.0)]
    grad_clip: f32,

    /// Part of the steps, at the end, that train for single bases and not for tokens
    #[arg(long, value_name = "FRACTION", default_value_t = 0.1)]
    fns_fraction: f64,

    /// Steps from one validation to the next
    #[arg(long, value_name = "N", default_value = "200")]
    validate_every: NonZeroU64,

    /// Held-out windows of a validation on the way; at the end all of them are used
    #[arg(long, value_name = "N", default_value = "128")]
    validate_windows: NonZeroUsize,
}

#[derive(Clone, Copy, ValueEnum)]
enum ScheduleArg {
    /// Rises, stays, and falls over the last fifth
    Wsd,
    /// Half a cosine
    Cosine,
    /// Always the same
    Constant,
}

impl StepArgs {
    pub(super) fn settings(&self, seed: u64) -> Result<PretrainSettings, Failure> {
        for (flag, value) in [
            ("--weight-decay", self.weight_decay),
            ("--grad-clip", self.grad_clip),
        ] {
            if !(value.is_finite() && value >= 0.0) {
                let message = format!("`{flag}` takes a number of at least 0");
                return Err(UsageError(message).into());
            }
        }
        let schedule = match self.schedule {
            ScheduleArg::Wsd => Schedule::Wsd,
            ScheduleArg::Cosine => Schedule::Cosine,
            ScheduleArg::Constant => Schedule::Constant,
        };
        Ok(PretrainSettings {
            seed,
            n_steps: self.steps,
            batch_size: self.batch_size,
            n_tokens: self.context_tokens,
            both_strands: !self.forward_only,
            accumulate: self.accumulate,
            schedule,
            warmup: self.warmup,
            learning_rate: self.learning_rate,
            optimizer: AdamWSettings {
                beta1: 0.9,
                beta2: 0.95,
                epsilon: 1e-8,
                weight_decay: self.weight_decay,
                grad_clip: (self.grad_clip > 0.0).then_some(self.grad_clip),
            },
            fns_fraction: self.fns_fraction,
            validate_every: self.validate_every,
            validation_windows: self.validate_windows,
        })
    }
}
