//! `train` without another mode: the predictor and the action encoder over stored states.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use geno_app::config::Settings;
use geno_core::Event;
use geno_provenance::write_atomic;
use geno_training::{
    Outcome, Start, StepEvent, TargetSet, TrainEvent, TrainPredictor, TrainReport, TrainingConfig,
    disjoint,
};

use super::{
    Args,
    objective_args::ObjectiveArgs,
    record::{self, Recorded},
    schedule_args::ScheduleArgs,
};
#[cfg(not(feature = "experimental"))]
use crate::interrupt;
use crate::{
    failure::{Failure, UsageError},
    model_args,
    progress::Bar,
};

#[derive(clap::Args)]
pub(super) struct PredictorArgs {
    /// States to train on, a folder that `targets` wrote; may be given again
    #[arg(long, value_name = "DIR")]
    targets: Vec<PathBuf>,

    /// States that say which weights are best; may be given again
    #[arg(long, value_name = "DIR")]
    validate: Vec<PathBuf>,

    /// States on which the best weights are measured in the end; may be given again
    #[arg(long, value_name = "DIR")]
    test: Vec<PathBuf>,

    #[command(flatten)]
    objective: ObjectiveArgs,

    #[command(flatten)]
    schedule: ScheduleArgs,

    #[cfg(feature = "experimental")]
    #[command(flatten)]
    lora: super::lora_args::LoraArgs,
}

impl PredictorArgs {
    /// Whether any states are given.
    pub(super) fn has_sets(&self) -> bool {
        [&self.targets, &self.validate, &self.test]
            .into_iter()
            .any(|folders| !folders.is_empty())
    }
}

pub(super) fn run(
    args: &Args,
    run_dir: &Path,
    config: &TrainingConfig,
    settings: &Settings,
) -> Result<(), Failure> {
    let own = &args.predictor;
    if own.targets.is_empty() || own.validate.is_empty() {
        let message = "training needs `--targets` and `--validate`, folders that `targets` wrote";
        return Err(UsageError(message.to_owned()).into());
    }
    let train = TargetSet::open_all(&own.targets)?;
    let validation = TargetSet::open_all(&own.validate)?;
    let test = match own.test.is_empty() {
        true => None,
        false => Some(TargetSet::open_all(&own.test)?),
    };
    train.identity().check(&config.model)?;
    // What is chosen by or measured on must not be trained on, nor measured on what chose.
    disjoint(&train, &validation)?;
    if let Some(test) = &test {
        disjoint(&train, test)?;
        disjoint(&validation, test)?;
    }
    let (backend, device) = model_args::backend(settings)?.select()?;
    let train_settings = own.schedule.settings(config, own.objective.objective()?)?;
    std::fs::create_dir_all(run_dir).map_err(|source| crate::failure::WriteError {
        what: format!("`{}`", run_dir.display()),
        source,
    })?;
    write_atomic(&run_dir.join("config.resolved.yaml"), |file| {
        file.write_all(settings.training_yaml.as_bytes())
    })?;
    Event::TrainingRunStart {
        model_id: None,
        device: backend.as_str(),
        world_size: train_settings.replicas as u64,
        git_sha: geno_app::Build::current().git_sha,
    }
    .emit();
    geno_kernels::keep_freed_memory();
    let training = TrainPredictor {
        settings: &train_settings,
        predictor: &config.model.predictor_architecture(),
        action: &config.model.action_architecture(),
        train: &train,
        validation: &validation,
        test: test.as_ref(),
        device: &device,
        more_devices: &backend.more_devices(),
        run_dir,
    };
    let start = args
        .resume_from
        .as_deref()
        .map_or(Start::Latest, Start::From);
    let mut progress = Progress::new(
        Bar::new(settings.observability.quiet),
        train_settings.n_steps,
    );
    let on_event = |event: &TrainEvent| progress.tell(event);
    #[cfg(feature = "experimental")]
    let outcome = own.lora.run(training, settings, start, on_event)?;
    #[cfg(not(feature = "experimental"))]
    let outcome = training.run(start, interrupt::catch(), on_event)?;
    progress.bar.finish();
    let report = match outcome {
        Outcome::Finished(report) => report,
        Outcome::Interrupted { .. } => return Err(Failure::Paused),
    };
    let recorded = Recorded {
        run_dir,
        run_id: &config.run_id,
        settings: &train_settings,
        report: &report,
        #[cfg(feature = "experimental")]
        beside: own.lora.files(),
        #[cfg(not(feature = "experimental"))]
        beside: &[],
        sets: [Some(&train), Some(&validation), test.as_ref()],
        backend: backend.as_str(),
        resumed_from: progress.resumed_from,
    };
    record::write(&recorded, settings)?;
    write!(io::stdout(), "{}", table(&report)).map_err(Failure::stdout)
}

/// What the terminal shows of a run.
struct Progress {
    bar: Bar,
    n_steps: u64,
    resumed_from: u64,
    skill: Option<f64>,
    started: Instant,
    shown: Option<Duration>,
}

/// Time between two looks of the terminal.
const BETWEEN_SHOWN: Duration = Duration::from_millis(100);

impl Progress {
    fn new(bar: Bar, n_steps: u64) -> Self {
        Self {
            bar,
            n_steps,
            resumed_from: 0,
            skill: None,
            started: Instant::now(),
            shown: None,
        }
    }

    fn tell(&mut self, event: &TrainEvent) {
        match event {
            TrainEvent::Resume { step } => self.resumed_from = *step,
            TrainEvent::Validation(validation) => self.skill = Some(validation.summary.skill),
            TrainEvent::Step(step) => self.show(step),
            TrainEvent::Collapse { alerts, .. } => {
                for alert in alerts {
                    Event::TrainingCollapseAlert {
                        criterion: alert.criterion.as_str(),
                        value: alert.value,
                        threshold: alert.threshold,
                    }
                    .emit();
                }
            }
            _ => {}
        }
    }

    fn show(&mut self, step: &StepEvent) {
        let elapsed = self.started.elapsed();
        if self
            .shown
            .is_some_and(|shown| elapsed < shown + BETWEEN_SHOWN)
        {
            return;
        }
        self.shown = Some(elapsed);
        let skill = self
            .skill
            .map_or_else(|| "-".to_owned(), |skill| format!("{skill:.3}"));
        let rate = step.predictions as f64 / step.seconds;
        let message = format!(
            "loss {:.3}, skill {skill}, {rate:.0} predictions/s",
            step.loss
        );
        self.bar.show_steps(step.step, self.n_steps, message);
    }
}

/// What a run came to, as a table.
fn table(report: &TrainReport) -> String {
    let mut table = format!(
        "{:<12} {:>7} {:>16} {:>12} {:>12} {:>8}\n",
        "", "skill", "95 %", "mean change", "better copy", "edits"
    );
    let sets = [
        ("test", report.test.as_ref()),
        ("validation", Some(&report.validation)),
    ];
    for (name, strata) in sets
        .into_iter()
        .filter_map(|(name, set)| Some((name, set?)))
    {
        let all = &strata.all;
        let interval = all.skill_interval.map_or_else(
            || "-".to_owned(),
            |interval| format!("{:.3} to {:.3}", interval.low, interval.high),
        );
        table += &format!(
            "{name:<12} {:>7.3} {interval:>16} {:>12.3} {:>11.1}% {:>8}\n",
            all.skill,
            all.mean_change_skill,
            100. * all.better_than_copy,
            all.n
        );
    }
    table + &format!("best of {} steps: {}\n", report.steps, report.best.step)
}
