//! `geno-lewm predict`: the state after a haplotype, or after each variant of a VCF.

mod output;

use std::path::{Path, PathBuf};

use geno_app::{
    Sandbox,
    config::{Layers, Settings},
};
use geno_data::Fasta;
use geno_provenance::Label;
use geno_runtime::{
    BackendError, CalibrationSource, RollOptions, RollProgress, RolledRow, Runtime,
};

use self::output::Output;
use crate::{
    banner,
    failure::{Failure, required},
    interrupt,
    model_args::{self, LayoutArgs, ModelArgs},
    progress::Bar,
    variant_arg::VariantArg,
};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    model: ModelArgs,

    /// Reference, plain or bgzip; an index is built when there is none
    #[arg(long, value_name = "FASTA", required_unless_present_any = ["print_config", "explain"])]
    fasta: Option<PathBuf>,

    /// Variants, each to be predicted alone: plain, gzip or bgzip, `-` for standard input
    #[arg(
        long,
        value_name = "VCF",
        required_unless_present_any = ["variant", "print_config", "explain"]
    )]
    vcf: Option<PathBuf>,

    /// An edit as CHROM:POS:REF:ALT, HGVS (g.) or SPDI; several make one haplotype
    #[arg(long, value_name = "VARIANT", conflicts_with = "vcf")]
    variant: Vec<VariantArg>,

    /// States: .jsonl, .npy or .safetensors, `-` for JSON lines on standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    output: PathBuf,

    /// Write the state of the reference window, too
    #[arg(long)]
    with_source: bool,

    /// Encode the edited window, too, and write its state and the distances of the prediction
    #[arg(long)]
    with_encoded: bool,

    /// Rows that could not be used [default: OUTPUT.rejected.jsonl]
    #[arg(long, value_name = "FILE", requires = "vcf")]
    rejected: Option<PathBuf>,

    /// Variants computed together; never changes a result
    #[arg(
        long,
        value_name = "N",
        default_value_t = 64,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    batch_size: u32,

    #[command(flatten)]
    layout: LayoutArgs,
}

impl Args {
    /// Adds the flags that stand for keys.
    pub(crate) fn add_to(&self, layers: &mut Layers) -> Result<(), BackendError> {
        self.layout.add_to(layers);
        self.model.add_to(layers)
    }
}

pub(crate) fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    args.variant.iter().try_for_each(VariantArg::check)?;
    let mut output = Output::create(args)?;
    let (model, runtime) = model_args::load(settings, CalibrationSource::Nothing)?;
    let runtime = runtime.with_network_guard(Sandbox::current().guard());
    banner::show(settings);
    let fasta = Fasta::open(required(&args.fasta, "--fasta")?)?;
    let edits = args.variant.iter().map(|edit| edit.edit(&fasta));
    let edits = edits.collect::<Result<Vec<_>, _>>()?;
    let progress = match &args.vcf {
        Some(vcf) => predict_vcf(args, settings, &runtime, (vcf, &fasta), &mut output)?,
        None => {
            let haplotype = runtime.place_edits(&fasta, &edits)?;
            let states = runtime.roll(std::slice::from_ref(&haplotype), args.with_encoded)?;
            let mut edits: Vec<_> = edits.iter().collect();
            edits.sort_by_key(|edit| edit.pos());
            output.write(&edits, &states[0])?;
            RollProgress {
                rolled: 1,
                ..RollProgress::default()
            }
        }
    };
    let rejected = output.finish()?;
    if !settings.observability.quiet {
        say(progress, rejected.as_deref(), &model.manifest().model_name);
    }
    Ok(())
}

fn predict_vcf(
    args: &Args,
    settings: &Settings,
    runtime: &Runtime,
    files: (&Path, &Fasta),
    output: &mut Output,
) -> Result<RollProgress, Failure> {
    let bar = Bar::new(settings.observability.quiet);
    let options = RollOptions {
        batch_size: args.batch_size as usize,
        encodes: args.with_encoded,
        max_haplotypes: None,
    };
    let completion = runtime.roll_variants(
        files,
        options,
        |row| match row {
            RolledRow::Rolled { origin, states } => output.write(&[origin.edit()], &states),
            RolledRow::Rejected(row) => output.reject(&row),
        },
        |progress| bar.show_rolled(progress, "predicted"),
        interrupt::catch(),
    )?;
    bar.finish();
    interrupt::finished(completion)
}

/// Says on standard error what a run did.
#[expect(clippy::print_stderr, reason = "a summary beside the data")]
fn say(progress: RollProgress, rejected: Option<&Path>, model: &Label) {
    let sidecar = match rejected.filter(|_| progress.rejected > 0) {
        Some(path) => format!(", see `{}`", path.display()),
        None => String::new(),
    };
    eprintln!(
        "{} predicted by `{model}`, {} rejected{sidecar}",
        progress.rolled, progress.rejected
    );
}
