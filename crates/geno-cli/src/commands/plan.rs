//! `geno-lewm plan`: search for edits whose predicted state reaches a target.

mod record;
mod search_args;
mod start;
mod target_args;
mod vcf;

use std::{
    io::{self, Write},
    path::PathBuf,
    sync::atomic::AtomicBool,
    time::Instant,
};

use geno_app::config::{Layers, Settings};
use geno_planning::{EditSpace, Plan, PlanError, SearchConfig, StopReason};
use geno_provenance::write_atomic;
use geno_runtime::{BackendError, CalibrationSource, PlanEvaluator, RuntimeError};

use self::{
    record::{PlanRecord, Verification},
    search_args::SearchArgs,
    start::StartArgs,
    target_args::TargetArgs,
};
use crate::{
    banner,
    failure::{Failure, UsageError, required},
    interrupt,
    model_args::{self, LayoutArgs, ModelArgs},
    progress::Bar,
};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    model: ModelArgs,

    #[command(flatten)]
    layout: LayoutArgs,

    #[command(flatten)]
    start: StartArgs,

    #[command(flatten)]
    target: TargetArgs,

    #[command(flatten)]
    search: SearchArgs,

    /// What was found and how
    #[arg(long, short, value_name = "FILE", default_value = "plan.json")]
    output: PathBuf,

    /// The best plan as a VCF: .vcf or .vcf.gz
    #[arg(long, value_name = "FILE")]
    output_vcf: Option<PathBuf>,

    /// Encode the planned sequence, and say how far its true state is from the target
    #[arg(long)]
    verify_with_encoder: bool,
}

impl Args {
    /// Adds the flags that stand for keys.
    pub(crate) fn add_to(&self, layers: &mut Layers) -> Result<(), BackendError> {
        self.layout.add_to(layers);
        self.model.add_to(layers)
    }
}

pub(crate) fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let config = args.search.config(settings.seed);
    let vcf = args.output_vcf.as_deref().map(vcf::checked).transpose()?;
    args.target.check()?;
    let fasta = required(&args.start.fasta, "--fasta")?;
    let (_, runtime) = model_args::load(settings, CalibrationSource::Nothing)?;
    banner::show(settings);

    let (start, mut inputs) = args.start.read(&runtime, fasta)?;
    let source = args.start.source(&runtime, &start, &mut inputs)?;
    let targets = args.target.states(&runtime, &start, &mut inputs)?;
    let target = args.target.target(&targets, &mut inputs)?;
    let mut evaluator =
        runtime.plan_evaluator((source.clone(), start.locus), target, config.horizon)?;
    let restrictions = args.search.restrictions(&start, &mut inputs)?;
    let space = EditSpace::new(start.window.clone(), &args.search.prior(), &restrictions)?;

    let bar = Bar::new(settings.observability.quiet);
    let begun = Instant::now();
    let found = search(&space, &config, &mut evaluator, &bar, interrupt::catch())?;
    let elapsed_seconds = begun.elapsed().as_secs_f64();
    bar.finish();

    let verification = match args.verify_with_encoder {
        false => None,
        true => {
            let state = runtime.encode_plan(&found.best, Some(start.locus))?;
            Some(Verification::of(&found, &evaluator, &state, &source)?)
        }
    };
    let record = PlanRecord {
        runtime: &runtime,
        backend: settings.runtime.backend_for_device(),
        inputs,
        model_dir: settings.paths.model_dir.as_deref(),
        start: &start,
        config: &config,
        args,
        targets: &targets,
        found: &found,
        prediction: evaluator.prediction(),
        elapsed_seconds,
        verification,
    };
    let document = record.to_json()?;
    write_atomic(&args.output, |out| out.write_all(&document))?;
    if let Some(path) = vcf {
        vcf::write(path, &start, &found)?;
    }
    let summary = record.summary();
    writeln!(io::stdout(), "{summary}").map_err(Failure::stdout)?;
    match found.stopped_reason {
        StopReason::StoppedByCaller => Err(Failure::Stopped),
        _ => Ok(()),
    }
}

fn search(
    space: &EditSpace,
    config: &SearchConfig,
    evaluator: &mut PlanEvaluator<'_>,
    bar: &Bar,
    interrupted: &AtomicBool,
) -> Result<Plan, PlanError<RuntimeError>> {
    let n_expected = search_args::n_evaluations(config, space);
    geno_planning::plan(space, config, evaluator, |progress| {
        let best = progress.score.distance;
        bar.show_steps(
            progress.n_evaluations,
            n_expected,
            format!("nearest {best:.4}"),
        );
        interrupt::flow(interrupted)
    })
}

/// A combination of arguments that cannot be.
fn usage<T>(message: &str) -> Result<T, Failure> {
    Err(UsageError(message.to_owned()).into())
}
