//! `geno-lewm calibrate`: build a calibration table from a background VCF.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use geno_app::config::{Layers, Settings};
use geno_core::Digest;
use geno_provenance::{Json, Manifest, summary_json, write_atomic};
use geno_runtime::{
    BackendError, Calibrate, Calibration, CalibrationSource, Disjoint, GcBinning, MissingPart,
    ModelDir, Runtime, SharedVariants, WindowsPerVariant,
};
use geno_surprise::{
    CalibrationParameters, DEFAULT_MIN_BUCKET_SIZE, EditFactors, GcCutoffs, GridSpacing,
};

use crate::{
    annotations::ContextArgs,
    banner,
    failure::{Failure, UsageError, required},
    interrupt,
    model_args::{self, LayoutArgs, MemoryArgs, ModelArgs, WindowCountArgs},
    progress::Bar,
    run_state::{envelope_path, run_state},
    shared_args::help_of,
    signal_args::SignalArgs,
};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    model: ModelArgs,

    /// Common variants: plain, gzip or bgzip, `-` for standard input
    #[arg(long, value_name = "VCF", required_unless_present_any = ["print_config", "explain"])]
    vcf: Option<PathBuf>,

    /// Reference, plain or bgzip; an index is built when there is none
    #[arg(long, value_name = "FASTA", required_unless_present_any = ["print_config", "explain"])]
    fasta: Option<PathBuf>,

    /// A label set that the table is to share no variant with, such as a VCF; may be repeated
    #[arg(long, value_name = "FILE")]
    disjoint_from: Vec<PathBuf>,

    /// Refuse variants that a label set holds instead of leaving them out
    #[arg(long, requires = "disjoint_from")]
    strict: bool,

    /// The table, a Parquet file
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present_any = ["into_model", "print_config", "explain"]
    )]
    output: Option<PathBuf>,

    /// Put the table into the model directory, which was exported without one
    #[arg(long, conflicts_with_all = ["output", "manifest_output", "layout", "signals"])]
    into_model: bool,

    /// A manifest that names the new table in place of the model's own
    #[arg(long, value_name = "FILE")]
    manifest_output: Option<PathBuf>,

    /// What was done, as JSON
    #[arg(long, value_name = "FILE")]
    summary_json: Option<PathBuf>,

    /// What the run stood on [default: OUTPUT.envelope.json]
    #[arg(long, value_name = "FILE", conflicts_with = "no_receipt")]
    envelope: Option<PathBuf>,

    #[arg(
        long,
        value_name = "N",
        help = help_of("calibrate.batch_size"),
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    batch_size: Option<u32>,

    #[command(flatten)]
    layout: LayoutArgs,

    #[command(flatten)]
    windows: WindowCountArgs,

    #[command(flatten)]
    memory: MemoryArgs,

    #[command(flatten)]
    context: ContextArgs,

    #[command(flatten)]
    signals: SignalArgs,
}

impl Args {
    /// Adds the flags that stand for keys.
    pub(crate) fn add_to(&self, layers: &mut Layers) -> Result<(), BackendError> {
        layers.flag_if("calibrate.batch_size", "--batch-size", self.batch_size);
        self.layout.add_to(layers);
        self.windows.add_to(layers);
        self.memory.add_to(layers);
        self.model.add_to(layers)
    }
}

pub(crate) fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let (model, runtime) = model_args::load_to_score(settings, CalibrationSource::Nothing)?;
    if args.into_model {
        model.check_missing(MissingPart::Calibration)?;
        check_layout(&model, &runtime)?;
    }
    banner::show(settings);
    let is_wanted = settings.provenance.envelope;
    let output = args.output.as_deref();
    let envelope = envelope_path(args.envelope.as_deref(), output, is_wanted);
    let fasta = required(&args.fasta, "--fasta")?;
    let sources = args.context.open(Some(fasta))?;
    let likelihood = args.signals.likelihood(&model)?;
    let request = Calibrate {
        vcf: required(&args.vcf, "--vcf")?,
        fasta,
        disjoint: Disjoint {
            from: &args.disjoint_from,
            shared: match args.strict {
                true => SharedVariants::Refuse,
                false => SharedVariants::LeaveOut,
            },
        },
        parameters: parameters(settings),
        gc: match settings.calibrate.fit_gc {
            true => GcBinning::Fitted,
            false => GcBinning::Given(GcCutoffs::default()),
        },
        factors: match settings.calibrate.edit_factors.as_str() {
            "type" => EditFactors::Type,
            "type_and_offset" => EditFactors::TypeAndOffset,
            _ => EditFactors::None,
        },
        batch_size: settings.calibrate.batch_size,
        memory_budget: model_args::memory_budget(settings),
        annotations: args.context.annotations(sources.as_ref()),
        signals: args.signals.signals(likelihood.as_ref()),
        is_hashed: envelope.is_some(),
    };
    let bar = Bar::new(settings.observability.quiet);
    let completion =
        runtime.calibrate(&request, |progress| bar.show(progress), interrupt::catch())?;
    bar.finish();
    let calibration = interrupt::finished(completion)?;

    let table = calibration.table.write_parquet()?;
    let hash = Digest::of(&table);
    if let (Some(path), Some(files)) = (&envelope, &calibration.files) {
        let envelope = runtime.vcf_envelope(files, run_state(settings)?)?;
        envelope.write(path)?;
    }
    if args.into_model {
        model.complete(MissingPart::Calibration, &table)?;
    } else {
        let output = required(&args.output, "--output")?;
        // The table that the others belong to comes last.
        for (of, table) in &calibration.signal_tables {
            write(&of.beside(output), &table.write_parquet()?)?;
        }
        write(output, &table)?;
    }
    if let Some(path) = &args.manifest_output {
        write(path, &recalibrated(model.manifest(), hash).to_bytes())?;
    }
    let summary = summary(&calibration, hash, &runtime);
    if let Some(path) = &args.summary_json {
        write(path, format!("{}\n", summary_json(&summary)).as_bytes())?;
    }
    writeln!(io::stdout(), "{}", summary_json(&summary)).map_err(Failure::stdout)
}

/// A model directory holds the table of its own layout, of one window a variant.
fn check_layout(model: &ModelDir, runtime: &Runtime) -> Result<(), UsageError> {
    let (own, run) = (model.config().encoder.layout, runtime.layout());
    let windows = runtime.windows_per_variant();
    if own != run {
        return Err(UsageError(format!(
            "a table of layout `{run}` has no place in a model of `{own}`: give `--output`"
        )));
    }
    match windows == WindowsPerVariant::ONE {
        true => Ok(()),
        false => Err(UsageError(format!(
            "a table of {windows} windows a variant has no place in a model: give `--output`"
        ))),
    }
}

fn parameters(settings: &Settings) -> CalibrationParameters {
    let calibrate = &settings.calibrate;
    CalibrationParameters {
        seed: settings.seed,
        per_bucket_sample: calibrate.per_bucket_sample,
        grid_size: calibrate.grid_size,
        spacing: match calibrate.grid.as_str() {
            "surprise" => GridSpacing::Surprise,
            _ => GridSpacing::Probability,
        },
        min_bucket_size: calibrate.min_bucket_size,
        low_confidence_size: calibrate.low_confidence_size,
    }
}

fn recalibrated(manifest: &Manifest, hash: Digest) -> Manifest {
    let mut manifest = manifest.clone();
    manifest.calibration.hash = hash;
    manifest
}

fn summary(calibration: &Calibration, hash: Digest, runtime: &Runtime) -> Json {
    let rejected = calibration.rejected.iter();
    let rejected = rejected.map(|(code, n)| (*code, Json::from(*n)));
    let excluded = calibration.excluded.iter();
    let excluded = excluded.map(|(why, n)| (why.as_str(), Json::from(*n)));
    let label_sets = calibration.label_sets.iter().map(|set| {
        Json::object([
            ("hash", Json::from(set.file.digest)),
            ("variants", set.variants.into()),
            ("shared", set.shared.into()),
        ])
    });
    let gc = calibration.table.gc_cutoffs();
    let gc = [gc.low(), gc.high()].map(|part| Json::float(part).expect("a fraction is finite"));
    let sparse = calibration.sparse.iter();
    let sparse = sparse.map(|bucket| bucket.bucket_id.to_string().into());
    // What scores are looked up in: the buckets that are large enough, and `*`.
    let min = DEFAULT_MIN_BUCKET_SIZE;
    let used = calibration.table.buckets().iter();
    let used =
        used.filter(|bucket| calibration.table.resolve(bucket.id(), min).id() == bucket.id());
    let used = used.map(|bucket| {
        Json::object([
            ("bucket_id", Json::from(bucket.id().to_string())),
            ("n_calibration", bucket.n_calibration().into()),
            (
                "percentile_band",
                Json::float(bucket.band()).expect("a bucket has examples"),
            ),
        ])
    });
    let windows = runtime.windows_per_variant();
    let several = windows.aggregate().map(|aggregate| {
        [
            ("windows_per_variant", (windows.get() as u64).into()),
            ("aggregate", aggregate.as_str().into()),
        ]
    });
    let signals = calibration.signal_tables.iter();
    let signals: Vec<_> = signals.map(|(of, _)| of.as_str().into()).collect();
    let signals = (!signals.is_empty()).then_some(("signal_tables", Json::Array(signals)));
    let fields = [
        ("schema_version", "1.0.0".into()),
        ("generated_by", "geno-lewm-calibrate".into()),
        ("calibration_hash", hash.into()),
        ("layout", runtime.layout().as_str().into()),
        ("examples", calibration.examples.into()),
        ("buckets", (calibration.table.buckets().len() as u64).into()),
        ("gc_cutoffs", Json::Array(gc.into())),
        ("rejected", Json::object(rejected)),
        ("excluded", Json::object(excluded)),
        ("disjoint_from", Json::Array(label_sets.collect())),
        ("sparse_buckets", Json::Array(sparse.collect())),
        ("used_buckets", Json::Array(used.collect())),
    ];
    let several = several.into_iter().flatten();
    Json::object(fields.into_iter().chain(several).chain(signals))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    Ok(write_atomic(path, |out| out.write_all(bytes))?)
}
