//! `geno-lewm benchmark run`: the steps of a benchmark, each done once.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use geno_app::{
    Sandbox,
    config::{Layers, Settings},
};
use geno_core::{Coded, Digest, ErrorCode};
use geno_eval::{PreparedBenchmark, Rule, RunRecord, StepInputs};
use geno_provenance::{Json, write_atomic};
use geno_runtime::{
    Annotations, BackendError, CalibrationSource, Completion, ContextSources, ModelDir, RowFormat,
    ScoreVcf, Signals, Unfinished,
};

use super::{
    carbon::CarbonArgs,
    evaluate::EvaluateArgs,
    rollout,
    summary::{Steps, Summary},
};
use crate::{
    annotations::AnnotationFileArgs,
    banner, clock,
    failure::{Failure, required},
    interrupt,
    model_args::{self, LayoutArgs, MemoryArgs, ModelArgs, WindowCountArgs},
    partial_run::{beside, unfinished},
    progress::Bar,
    report_args::ReportArgs,
    shared_args::help_of,
};

#[derive(clap::Args)]
#[command(
    after_help = "Example: geno-lewm benchmark run mpra --model-dir model --fasta GRCh38.fa.gz --output mpra-run"
)]
pub(crate) struct Args {
    /// Folder that `prepare` made
    #[arg(value_name = "DIR", required_unless_present_any = ["print_config", "explain"])]
    prepared: Option<PathBuf>,

    /// Reference that it was prepared with
    #[arg(long, value_name = "FASTA", required_unless_present_any = ["print_config", "explain"])]
    fasta: Option<PathBuf>,

    /// Folder of scores, metrics and report; made if it is not there
    #[arg(long, value_name = "DIR", required_unless_present_any = ["print_config", "explain"])]
    output: Option<PathBuf>,

    #[command(flatten)]
    model: ModelArgs,

    #[arg(long, value_name = "FILE", help = help_of("paths.calibration"))]
    calibration: Option<PathBuf>,

    #[command(flatten)]
    layout: LayoutArgs,

    #[command(flatten)]
    windows: WindowCountArgs,

    #[command(flatten)]
    memory: MemoryArgs,

    #[arg(
        long,
        value_name = "N",
        help = help_of("score.batch_size"),
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    batch_size: Option<u32>,

    #[command(flatten)]
    carbon: CarbonArgs,

    #[command(flatten)]
    evaluate: EvaluateArgs,

    /// Throw away what scoring left unfinished, such as by other settings
    #[arg(long)]
    restart: bool,

    /// The summary as one JSON object instead of lines
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    annotations: AnnotationFileArgs,

    #[command(flatten)]
    names: ReportArgs,
}

/// The folder of the results could not be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot make `{}`", path.display())]
struct FolderError {
    path: PathBuf,
    source: io::Error,
}

impl Coded for FolderError {
    fn code(&self) -> ErrorCode {
        ErrorCode::of_io(&self.source)
    }
}

/// What all steps of a run share.
pub(super) struct Run<'a> {
    pub(super) settings: &'a Settings,
    pub(super) prepared: &'a PreparedBenchmark,
    pub(super) model: &'a ModelDir,
    pub(super) fasta: &'a Path,
    /// The reference as it is stored.
    pub(super) fasta_digest: Digest,
    /// The folder of the results.
    pub(super) output: &'a Path,
    pub(super) unfinished: Unfinished,
}

impl Args {
    /// Adds the flags that stand for keys.
    pub(crate) fn add_to(&self, layers: &mut Layers) -> Result<(), BackendError> {
        layers.flag_if("score.batch_size", "--batch-size", self.batch_size);
        let calibration = self.calibration.as_deref();
        layers.flag_if("paths.calibration", "--calibration", calibration);
        self.layout.add_to(layers);
        self.windows.add_to(layers);
        self.memory.add_to(layers);
        self.model.add_to(layers)
    }
}

pub(super) fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let prepared = PreparedBenchmark::open(required(&args.prepared, "DIR")?)?;
    let (fasta, output) = (
        required(&args.fasta, "--fasta")?,
        required(&args.output, "--output")?,
    );
    fs::create_dir_all(output).map_err(|source| FolderError {
        path: output.clone(),
        source,
    })?;
    let model = model_args::open_model(settings)?;
    banner::show(settings);
    let run = Run {
        settings,
        prepared: &prepared,
        model: &model,
        fasta,
        fasta_digest: digest_of(fasta)?,
        output,
        // What was done stays unless it is thrown away.
        unfinished: unfinished(!args.restart, args.restart),
    };
    let mut record = RunRecord::open(output)?;
    let mut steps = Steps::new(settings.observability.quiet);
    match &prepared.benchmark.rule {
        Rule::PhasedHaplotypes(_) | Rule::EditChains(_) => {
            steps.add("rollout", rollout::step(&run, &args.names, &mut record)?);
        }
        _ => {
            let scored = score(args, &run, &mut record)?;
            steps.add("score", scored);
            if let Some(scored) = args.carbon.step(&run, &mut record)? {
                steps.add("carbon-baseline", scored);
            }
            let baseline = args.carbon.output(&run);
            let evaluated = args
                .evaluate
                .step(&run, baseline, &args.names, &mut record)?;
            steps.add("eval", evaluated);
        }
    }
    steps.add("report", super::evaluate::report(&run, &mut record)?);
    Summary::read(&run)?.print(args.json, steps)
}

fn digest_of(path: &Path) -> Result<Digest, Failure> {
    let read = || Digest::of_reader(fs::File::open(path)?);
    Ok(read().map_err(|source| crate::failure::ReadError {
        path: path.to_owned(),
        source,
    })?)
}

impl Run<'_> {
    /// What decides the outputs of every step: the benchmark, the reference, the model and the program.
    pub(super) fn inputs(&self) -> [(&'static str, Json); 6] {
        let settings = self.settings;
        let layout = settings.runtime.layout.map(|layout| layout.to_string());
        [
            ("benchmark", self.prepared.digest.into()),
            ("fasta", self.fasta_digest.into()),
            ("model", self.model.manifest().model_id().into()),
            ("program", env!("CARGO_PKG_VERSION").into()),
            ("backend", settings.runtime.backend_for_device().into()),
            ("layout", layout.map_or(Json::Null, Json::from)),
        ]
    }
}

/// Scores the variants, unless that was done.
fn score(args: &Args, run: &Run<'_>, record: &mut RunRecord) -> Result<bool, Failure> {
    const STEP: &str = "score";
    let settings = run.settings;
    let files = args.annotations.files(Some(run.fasta));
    let classed = |class: Option<&str>| class.map_or(Json::Null, Json::from);
    let given = files
        .regions
        .iter()
        .map(|file| (&file.path, file.class.map(|class| class.as_str())));
    let given = given.chain(
        files
            .repeats
            .iter()
            .map(|file| (&file.path, file.class.map(|class| class.as_str()))),
    );
    let flags = [
        ("upstream", Json::from(files.upstream)),
        ("tandem_repeats", files.tandem_repeats.into()),
        ("soft_mask", files.soft_mask.into()),
        (
            "windows_per_variant",
            settings.runtime.windows_per_variant.into(),
        ),
        ("aggregate", settings.runtime.aggregate.as_str().into()),
    ];
    let mut inputs = StepInputs::new(run.inputs().into_iter().chain(flags))
        .with_file("calibration", settings.paths.calibration.as_deref())?
        .with_file("annotation", files.genes.as_deref())?;
    for (i, (path, class)) in given.enumerate() {
        let name = format!("labelled {i}");
        inputs = inputs
            .with_file(&name, Some(path))?
            .with_value(&format!("{name} class"), classed(class));
    }
    if record.is_done(STEP, &inputs)? {
        return Ok(false);
    }
    let calibration = model_args::calibration_source(settings);
    let (_, runtime) = model_args::load_to_score(settings, calibration)?;
    let runtime = runtime.with_network_guard(Sandbox::current().guard());
    let sources = files.has_any().then(|| ContextSources::open(&files));
    let sources = sources.transpose()?;
    let output = run.output.join(SCORES);
    let rejected = beside(&output, ".rejected.jsonl");
    let request = ScoreVcf {
        vcf: &run.prepared.variants(),
        is_list: false,
        fasta: run.fasta,
        output: Some(&output),
        format: RowFormat::Jsonl,
        receipts: None,
        rejected: Some(&rejected),
        timestamp: clock::now()?,
        batch_size: settings.score.batch_size,
        memory_budget: model_args::memory_budget(settings),
        strict: false,
        annotations: Annotations {
            sources: sources.as_ref(),
            ..Annotations::default()
        },
        signals: Signals::default(),
        envelope: None,
        unfinished: run.unfinished,
    };
    let bar = Bar::new(settings.observability.quiet);
    let completion =
        runtime.score_vcf(&request, |progress| bar.show(progress), interrupt::catch())?;
    bar.finish();
    match completion {
        Completion::Interrupted => Err(Failure::Paused),
        Completion::Finished(_) => {
            record.finish(STEP, &inputs, &[SCORES])?;
            Ok(true)
        }
    }
}

/// The calibration that rollouts need: none.
pub(super) const NO_CALIBRATION: CalibrationSource<'static> = CalibrationSource::Nothing;

/// Files of the results.
pub(super) const SCORES: &str = "scores.jsonl";
pub(super) const METRICS: &str = "metrics.json";
pub(super) const REPORT: &str = "report.md";

/// Writes a text of the results.
pub(super) fn write(run: &Run<'_>, name: &str, text: &str) -> Result<(), Failure> {
    use io::Write;
    Ok(write_atomic(&run.output.join(name), |file| {
        file.write_all(text.as_bytes())
    })?)
}
