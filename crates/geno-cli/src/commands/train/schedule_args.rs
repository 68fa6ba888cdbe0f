//! Arguments of how a run goes on.

use std::num::NonZeroUsize;

use clap::{ValueEnum, value_parser};
use geno_training::{
    AdamWSettings, Curriculum, CurriculumStage, EditObjective, OnCollapse, TrainSettings,
    TrainingConfig,
};

use crate::{
    commands::tuples::draw_args::{TypeWeights, type_weights},
    failure::UsageError,
};

#[derive(clap::Args)]
pub(super) struct ScheduleArgs {
    /// Longest haplotypes by the first step that takes them, as 1=1,500=3 [default: all from the start]
    #[arg(long, value_name = "STEP=N,…", value_parser = curriculum)]
    curriculum: Option<Curriculum>,

    /// Weights by which examples of SNV, INS, DEL, MNV and INDEL have their turn
    #[arg(long, value_name = "W,W,W,W,W", value_parser = type_weights)]
    type_weights: Option<TypeWeights>,

    /// Average weights over the steps, of which each keeps this part of the average
    #[arg(long, value_name = "PART")]
    ema: Option<f64>,

    /// Parts of a step that are computed one after another, for less memory
    #[arg(long, value_name = "N", default_value = "1")]
    accumulate: NonZeroUsize,

    /// Replicas of the model that compute parts of a step side by side
    #[arg(long, value_name = "N", default_value = "1")]
    replicas: NonZeroUsize,

    /// Steps from one validation to the next
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = value_parser!(u64).range(1..))]
    validate_every: u64,

    /// Steps from one checkpoint to the next; the best have one, too
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = value_parser!(u64).range(1..))]
    checkpoint_every: u64,

    /// Steps from one line of the log to the next
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = value_parser!(u64).range(1..))]
    log_every: u64,

    /// What happens when predictions become alike
    #[arg(long, value_name = "WHAT", default_value = "warn")]
    on_collapse: OnCollapseArg,

    /// Checkpoints to keep beside the best
    #[arg(long, value_name = "N", default_value = "2")]
    keep: NonZeroUsize,
}

#[derive(Clone, Copy, ValueEnum)]
enum OnCollapseArg {
    /// The log says so
    Warn,
    /// The run ends
    Stop,
    /// The run goes back to its last checkpoint, and on at half the learning rate
    RollBack,
}

impl ScheduleArgs {
    pub(super) fn settings(
        &self,
        config: &TrainingConfig,
        objective: EditObjective,
    ) -> Result<TrainSettings, UsageError> {
        let (optimizer, training) = (&config.optimizer, config.training);
        Ok(TrainSettings {
            seed: config.seed,
            n_steps: training.max_steps,
            batch_edits: config.data.batch_size,
            accumulate: self.accumulate.get(),
            replicas: self.replicas.get(),
            lr: optimizer.lr,
            schedule: optimizer.schedule,
            warmup: optimizer.warmup_steps,
            optimizer: AdamWSettings {
                beta1: optimizer.beta1 as f32,
                beta2: optimizer.beta2 as f32,
                weight_decay: optimizer.weight_decay as f32,
                grad_clip: optimizer.grad_clip.map(|clip| clip as f32),
                ..AdamWSettings::default()
            },
            objective,
            curriculum: self.curriculum.clone().unwrap_or_default(),
            type_weights: self.type_weights,
            ema: self.ema,
            validate_every: self.validate_every,
            checkpoint_every: self.checkpoint_every,
            log_every: self.log_every,
            collapse_every: training.collapse_log_every_steps,
            on_collapse: match self.on_collapse {
                OnCollapseArg::Warn => OnCollapse::Warn,
                OnCollapseArg::Stop => OnCollapse::Stop,
                OnCollapseArg::RollBack => OnCollapse::RollBack,
            },
            keep: self.keep.get(),
        })
    }
}

fn curriculum(text: &str) -> Result<Curriculum, String> {
    let stage = |text: &str| {
        let (from_step, max_edits) = text.split_once('=')?;
        Some(CurriculumStage {
            from_step: from_step.parse().ok()?,
            max_edits: max_edits.parse().ok()?,
        })
    };
    let stages: Option<Vec<_>> = text.split(',').map(stage).collect();
    let curriculum = stages.and_then(Curriculum::new);
    curriculum
        .ok_or_else(|| "expected STEP=N,… from step 1 on, in the order of the steps".to_owned())
}
