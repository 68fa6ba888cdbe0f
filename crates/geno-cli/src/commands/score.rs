//! `geno-lewm score`: score a VCF against a FASTA, or a single variant.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use geno_action::EditSpec;
use geno_core::Window;
use geno_data::{Fasta, RejectReason, check_reference};
use geno_provenance::write_atomic;
use geno_runtime::{
    Annotations, Completion, ModelDir, ReceiptFiles, RowFormat, Runtime, ScoreRow, ScoreSummary,
    ScoreVcf,
};

use crate::{
    clock,
    failure::{Failure, UsageError},
    interrupt,
    model_args::ModelArgs,
    progress::Bar,
    salt_file,
    variant_arg::VariantArg,
};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    model: ModelArgs,

    /// Variants to score: plain, gzip or bgzip, `-` for standard input
    #[arg(
        long,
        value_name = "VCF",
        required_unless_present = "variant",
        requires = "fasta"
    )]
    vcf: Option<PathBuf>,

    /// One variant to score, as CHROM:POS:REF:ALT
    #[arg(long, value_name = "VARIANT", conflicts_with = "vcf")]
    variant: Option<VariantArg>,

    /// Reference, plain or bgzip; an index is built when there is none
    #[arg(long, value_name = "FASTA", required_unless_present = "window")]
    fasta: Option<PathBuf>,

    /// The reference window of the one variant, instead of a FASTA
    #[arg(
        long,
        value_name = "BASES",
        requires = "variant",
        conflicts_with = "fasta"
    )]
    window: Option<String>,

    /// Where that window begins on its contig, 0-based
    #[arg(long, value_name = "BP", default_value_t = 0, requires = "window")]
    window_start_bp: u64,

    /// Scores: .jsonl or .tsv, `-` for JSON lines on standard output
    #[arg(long, value_name = "FILE", required_unless_present = "variant")]
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

    /// Write no receipts, whatever a configuration says
    #[arg(long)]
    no_receipt: bool,

    /// Rows that could not be scored [default: OUTPUT.rejected.jsonl]
    #[arg(long, value_name = "FILE", requires = "vcf")]
    rejected: Option<PathBuf>,

    /// Variants computed together; never changes a result
    #[arg(long, value_name = "N", default_value_t = 64)]
    batch_size: usize,

    /// Stop at the first row that cannot be scored
    #[arg(long, requires = "vcf")]
    strict: bool,

    /// Region class of every variant, such as `missense_variant`
    #[arg(long, value_name = "TERM")]
    region: Option<String>,

    /// Repeat class of every variant, such as `simple_repeat`
    #[arg(long, value_name = "TERM")]
    repeat: Option<String>,

    /// Print neither progress nor a summary
    #[arg(long, short)]
    quiet: bool,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let backend = args.model.machine.apply()?;
    let model = args.model.open()?;
    let runtime = Runtime::load(&model, backend)?;
    match (&args.variant, &args.vcf, &args.fasta) {
        (Some(variant), _, _) => score_variant(args, &runtime, &variant.0),
        (None, Some(vcf), Some(fasta)) => score_vcf(args, &runtime, &model, vcf, fasta),
        _ => Err(UsageError("`--vcf` needs `--fasta`".to_owned()).into()),
    }
}

impl Args {
    fn annotations(&self) -> Annotations<'_> {
        Annotations {
            region: self.region.as_deref(),
            repeat: self.repeat.as_deref(),
        }
    }

    /// The file of scores, if they do not go to standard output.
    fn output_file(&self) -> Option<&Path> {
        self.output
            .as_deref()
            .filter(|path| path.as_os_str() != "-")
    }
}

fn score_variant(args: &Args, runtime: &Runtime, variant: &EditSpec) -> Result<(), Failure> {
    let window = match (&args.window, &args.fasta) {
        (Some(bases), _) => Window::new(args.window_start_bp, bases.as_bytes())?,
        (None, Some(fasta)) => fasta_window(runtime, fasta, variant)?,
        (None, None) => {
            let message = "`--variant` needs `--fasta` or `--window`".to_owned();
            return Err(UsageError(message).into());
        }
    };
    let scored = runtime.score_variant(variant, window, args.annotations())?;

    if let Some(path) = &args.receipt {
        let salt = args.salt.as_deref().map(salt_file::open).transpose()?;
        let receipt = runtime.receipt(&scored, clock::now()?, salt.as_ref())?;
        write_atomic(path, |out| out.write_all(&receipt.to_line()))?;
    }
    let row = ScoreRow {
        edit: variant,
        score: &scored.score,
    };
    match args.output_file() {
        None => writeln!(io::stdout(), "{}", row.to_json()).map_err(Failure::stdout),
        Some(path) => {
            let format = RowFormat::of_path(path)?;
            write_atomic(path, |out| format.write_rows([row], out))?;
            Ok(())
        }
    }
}

fn fasta_window(runtime: &Runtime, fasta: &Path, variant: &EditSpec) -> Result<Window, Failure> {
    let fasta = Fasta::open(fasta)?;
    let contig = check_reference(&fasta, variant)?.map_err(RejectReason::Reference)?;
    Ok(runtime
        .windows()
        .window(&fasta, contig, variant.pos() - 1)?)
}

fn score_vcf(
    args: &Args,
    runtime: &Runtime,
    model: &ModelDir,
    vcf: &Path,
    fasta: &Path,
) -> Result<(), Failure> {
    let output = args.output_file();
    let sidecar = args.rejected.clone().or_else(|| output.map(sidecar_of));
    let salt = args.salt.as_deref().map(salt_file::open).transpose()?;
    let receipts = args.receipt.as_deref().map(|stream| ReceiptFiles {
        stream,
        batch: args.batch_receipt.as_deref(),
        salt: salt.as_ref(),
    });
    let request = ScoreVcf {
        vcf,
        fasta,
        output,
        format: output.map_or(Ok(RowFormat::Jsonl), RowFormat::of_path)?,
        receipts,
        rejected: sidecar.as_deref(),
        timestamp: clock::now()?,
        batch_size: args.batch_size,
        strict: args.strict,
        annotations: args.annotations(),
    };
    let bar = Bar::new(args.quiet);
    let completion =
        runtime.score_vcf(&request, |progress| bar.show(progress), interrupt::catch())?;
    bar.finish();
    match completion {
        Completion::Interrupted => Err(Failure::Interrupted),
        Completion::Finished(summary) => {
            if !args.quiet {
                report(&summary, &model.manifest().model_name);
            }
            Ok(())
        }
    }
}

/// `scores.jsonl` has its rejected rows in `scores.jsonl.rejected.jsonl`.
fn sidecar_of(output: &Path) -> PathBuf {
    let mut name = output.as_os_str().to_owned();
    name.push(".rejected.jsonl");
    name.into()
}

/// Says on standard error what a run did.
#[expect(clippy::print_stderr, reason = "a summary beside the data")]
fn report(summary: &ScoreSummary, model: &str) {
    let n_rejected: u64 = summary.rejected.values().sum();
    let sidecar = match &summary.rejected_path {
        Some(path) => format!(", see `{}`", path.display()),
        None => String::new(),
    };
    eprintln!(
        "{} scored by `{model}`, {n_rejected} rejected{sidecar}",
        summary.scored
    );
    for (code, n) in &summary.rejected {
        eprintln!("  {n} {code}");
    }
    if summary.full_passes > 0 {
        eprintln!(
            "{} needed a pass of their own over their window",
            summary.full_passes
        );
    }
}
