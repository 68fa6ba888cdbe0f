//! `geno-lewm score`: score a VCF against a FASTA, or a single variant.

mod told;

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use geno_action::EditSpec;
use geno_app::{
    Sandbox,
    config::{Layers, Settings},
};
use geno_core::Event;
use geno_provenance::write_atomic;
use geno_runtime::{
    BackendError, Completion, EnvelopeRequest, ExtraColumns, ModelDir, ReceiptFiles, RowFormat,
    Runtime, ScoreRow, ScoreVcf, Signals, WriteRowsError,
};

use crate::{
    annotations::AnnotationArgs,
    banner, clock,
    failure::{Failure, UsageError},
    interrupt,
    model_args::{self, LayoutArgs, MemoryArgs, ModelArgs, WindowCountArgs},
    partial_run::{beside, tell_kept, unfinished},
    progress::Bar,
    run_state::{envelope_path, run_state},
    salt_file,
    shared_args::help_of,
    signal_args::SignalArgs,
    variant_arg::VariantArg,
    variant_window::WindowArgs,
};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    model: ModelArgs,

    /// Variants to score: plain, gzip or bgzip, `-` for standard input
    #[arg(
        long,
        value_name = "VCF",
        required_unless_present_any = ["variants", "variant", "print_config", "explain"],
        requires = "fasta",
        group = "file"
    )]
    vcf: Option<PathBuf>,

    /// The same as a list, one a line: CHROM:POS:REF:ALT, HGVS (g.), SPDI, or four columns
    #[arg(long, value_name = "LIST", requires = "fasta", group = "file")]
    variants: Option<PathBuf>,

    /// One variant to score, in any of these notations
    #[arg(long, value_name = "VARIANT", conflicts_with = "file")]
    variant: Option<VariantArg>,

    #[command(flatten)]
    window: WindowArgs,

    /// Scores: .jsonl, .tsv, .parquet, .vcf or .vcf.gz, `-` for JSON lines on standard output
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present_any = ["variant", "print_config", "explain"]
    )]
    output: Option<PathBuf>,

    /// Receipts, one JSON line for each scored variant
    #[arg(long, value_name = "FILE", conflicts_with = "no_receipt")]
    receipt: Option<PathBuf>,

    /// One receipt over all of those, for publication
    #[arg(
        long,
        value_name = "FILE",
        requires = "receipt",
        conflicts_with = "variant"
    )]
    batch_receipt: Option<PathBuf>,

    /// Secret that keeps inputs from being guessed from receipts; made if it does not exist
    #[arg(long, value_name = "FILE", requires = "receipt")]
    salt: Option<PathBuf>,

    /// What the run stood on [default: OUTPUT.envelope.json, with an output]
    #[arg(long, value_name = "FILE", conflicts_with = "no_receipt")]
    envelope: Option<PathBuf>,

    /// Rows that could not be scored [default: OUTPUT.rejected.jsonl]
    #[arg(long, value_name = "FILE", requires = "file")]
    rejected: Option<PathBuf>,

    #[arg(
        long,
        value_name = "N",
        help = help_of("score.batch_size"),
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    batch_size: Option<u32>,

    #[command(flatten)]
    layout: LayoutArgs,

    #[command(flatten)]
    windows: WindowCountArgs,

    #[command(flatten)]
    memory: MemoryArgs,

    #[arg(long, value_name = "FILE", help = help_of("paths.calibration"))]
    calibration: Option<PathBuf>,

    #[arg(long, requires = "file", help = help_of("score.strict"))]
    strict: bool,

    #[command(flatten)]
    signals: SignalArgs,

    /// Go on with a run that was cut off, from what it left in OUTPUT.partial
    #[arg(long, requires = "file", requires = "output")]
    resume: bool,

    /// Throw away what a run that was cut off left in OUTPUT.partial
    #[arg(
        long,
        requires = "file",
        requires = "output",
        conflicts_with = "resume"
    )]
    restart: bool,

    #[command(flatten)]
    annotations: AnnotationArgs,
}

pub(crate) fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    if let Some(variant) = &args.variant {
        variant.check()?;
        args.window.require()?;
    }
    let calibration = model_args::calibration_source(settings);
    let (model, runtime) = model_args::load_to_score(settings, calibration)?;
    let mut runtime = runtime.with_network_guard(Sandbox::current().guard());
    banner::show(settings);
    let likelihood = args.signals.likelihood(&model)?;
    let signals = args.signals.signals(likelihood.as_ref());
    let table = settings.paths.calibration.as_deref();
    let tables = args.signals.tables(&mut runtime, table, signals)?;
    let scoring = Scoring {
        args,
        settings,
        runtime: &runtime,
        model: &model,
        signals: Signals {
            tables: tables.as_ref(),
            ..signals
        },
    };
    let variants = args.vcf.as_deref().or(args.variants.as_deref());
    match (&args.variant, variants, args.window.fasta.as_deref()) {
        (Some(variant), _, fasta) => scoring.variant(&variant.edit_in(fasta)?),
        (None, Some(variants), Some(fasta)) => scoring.file(variants, fasta),
        _ => Err(UsageError("`--vcf` and `--variants` need `--fasta`".to_owned()).into()),
    }
}

impl Args {
    /// Adds the flags that stand for keys.
    pub(crate) fn add_to(&self, layers: &mut Layers) -> Result<(), BackendError> {
        layers.flag_if("score.batch_size", "--batch-size", self.batch_size);
        let strict = self.strict.then_some(true);
        layers.flag_if("score.strict", "--strict", strict);
        let calibration = self.calibration.as_deref();
        layers.flag_if("paths.calibration", "--calibration", calibration);
        self.layout.add_to(layers);
        self.windows.add_to(layers);
        self.memory.add_to(layers);
        self.annotations.add_to(layers);
        self.model.add_to(layers)
    }

    /// The file of receipts, if any are written.
    fn receipts(&self, settings: &Settings) -> Result<Option<PathBuf>, UsageError> {
        match (&self.receipt, settings.score.receipts, self.output_file()) {
            (Some(path), _, _) => Ok(Some(path.clone())),
            (None, false, _) => Ok(None),
            (None, true, Some(output)) => Ok(Some(beside(output, ".receipts.jsonl"))),
            (None, true, None) => {
                let message = "`score.receipts` needs `--output FILE` or `--receipt FILE`";
                Err(UsageError(message.to_owned()))
            }
        }
    }

    /// The file of the envelope, if one is written.
    fn envelope(&self, settings: &Settings) -> Option<PathBuf> {
        let is_wanted = settings.provenance.envelope;
        envelope_path(self.envelope.as_deref(), self.output_file(), is_wanted)
    }

    /// The file of scores, if they do not go to standard output.
    fn output_file(&self) -> Option<&Path> {
        self.output
            .as_deref()
            .filter(|path| path.as_os_str() != "-")
    }
}

/// What a command scores with.
struct Scoring<'a> {
    args: &'a Args,
    settings: &'a Settings,
    runtime: &'a Runtime,
    model: &'a ModelDir,
    signals: Signals<'a>,
}

impl Scoring<'_> {
    fn variant(&self, variant: &EditSpec) -> Result<(), Failure> {
        let Self {
            args,
            settings,
            runtime,
            model,
            signals,
        } = *self;
        let format = args.output_file().map(RowFormat::of_path).transpose()?;
        if format == Some(RowFormat::Vcf) {
            return Err(WriteRowsError::NoVcf.into());
        }
        let receipts = args.receipts(settings)?;
        let windows = args.window.read(runtime, variant)?;
        let sources = args.annotations.open(args.window.fasta.as_deref())?;
        let annotations = args.annotations.annotations(settings, sources.as_ref());
        let scored = runtime.score_with_signals(variant, windows, annotations, signals)?;

        let salt = args.salt.as_deref().map(salt_file::open).transpose()?;
        if let Some(path) = &receipts {
            let receipt = runtime.receipt(&scored, clock::now()?, salt.as_ref())?;
            write_atomic(path, |out| out.write_all(&receipt.to_line()))?;
            let (model_id, n_outputs) = (model.manifest().model_id(), 1);
            Event::ProvenanceReceiptWrite {
                model_id,
                n_outputs,
            }
            .emit();
        }
        if let Some(path) = args.envelope(settings) {
            let envelope =
                runtime.variant_envelope(&scored, salt.as_ref(), run_state(settings)?)?;
            envelope.write(&path)?;
        }
        let row = ScoreRow {
            edit: variant,
            score: &scored.score,
            windows: scored.spread,
            numbers: &scored.numbers,
            notation: None,
        };
        let extra = ExtraColumns {
            has_windows: scored.spread.is_some(),
            numbers: signals.columns(),
            has_notation: false,
        };
        match (args.output_file(), format) {
            (Some(path), Some(format)) => Ok(format.write_file(path, &extra, [row])?),
            _ => writeln!(io::stdout(), "{}", row.to_json()).map_err(Failure::stdout),
        }
    }

    fn file(&self, variants: &Path, fasta: &Path) -> Result<(), Failure> {
        let Self {
            args,
            settings,
            runtime,
            model,
            signals,
        } = *self;
        let output = args.output_file();
        let rejected = || output.map(|output| beside(output, ".rejected.jsonl"));
        let sidecar = args.rejected.clone().or_else(rejected);
        let stream = args.receipts(settings)?;
        let salt = args.salt.as_deref().map(salt_file::open).transpose()?;
        let receipts = stream.as_deref().map(|stream| ReceiptFiles {
            stream,
            batch: args.batch_receipt.as_deref(),
            salt: salt.as_ref(),
        });
        let quiet = settings.observability.quiet;
        let envelope = args.envelope(settings);
        let sources = args.annotations.open(Some(fasta))?;
        let annotations = args.annotations.annotations(settings, sources.as_ref());
        if let Some(mismatch) = runtime
            .surroundings_mismatch(&annotations)
            .filter(|_| !quiet)
        {
            told::warn(mismatch);
        }
        let request = ScoreVcf {
            vcf: variants,
            is_list: args.variants.is_some(),
            fasta,
            output,
            format: output.map_or(Ok(RowFormat::Jsonl), RowFormat::of_path)?,
            receipts,
            rejected: sidecar.as_deref(),
            timestamp: clock::now()?,
            batch_size: settings.score.batch_size,
            memory_budget: model_args::memory_budget(settings),
            strict: settings.score.strict,
            annotations,
            signals,
            envelope: match &envelope {
                None => None,
                Some(path) => Some(EnvelopeRequest {
                    path,
                    run: run_state(settings)?,
                }),
            },
            unfinished: unfinished(args.resume, args.restart),
        };
        let bar = Bar::new(quiet);
        let completion =
            runtime.score_vcf(&request, |progress| bar.show(progress), interrupt::catch())?;
        bar.finish();
        match completion {
            Completion::Interrupted => {
                if !quiet {
                    tell_kept(output);
                }
                Err(Failure::Interrupted)
            }
            Completion::Finished(summary) => {
                if !quiet {
                    let n_windows = runtime.windows_per_variant().get();
                    told::report(&summary, &model.manifest().model_name, n_windows);
                }
                Ok(())
            }
        }
    }
}
