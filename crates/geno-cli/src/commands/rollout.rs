//! `geno-lewm rollout`: roll the haplotypes of a phased VCF, or add up rows of states.

mod report;
pub(crate) mod rows;

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use geno_app::{
    Sandbox,
    config::{Layers, Settings},
};
use geno_data::{DEFAULT_MAX_GAP, Fasta, HaplotypeOptions, Region};
use geno_eval::{ReportIdentity, RolloutMetrics, SplitSummary, aggregate_rows};
use geno_provenance::{Json, Label, summary_json, write_atomic};
use geno_runtime::{BackendError, CalibrationSource, RollOptions, RollProgress};

use self::{
    report::ReportArgs,
    rows::{RowFiles, RowOutputs},
};
use crate::{
    banner,
    failure::{Failure, UsageError, required},
    interrupt,
    model_args::{self, LayoutArgs, ModelArgs},
    partial_run::beside,
    progress::Bar,
};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    model: ModelArgs,

    /// Phased genotypes: plain, gzip or bgzip, `-` for standard input
    #[arg(
        long,
        value_name = "VCF",
        required_unless_present_any = ["states_jsonl", "print_config", "explain"],
        requires = "fasta"
    )]
    vcf: Option<PathBuf>,

    /// Reference, plain or bgzip; an index is built when there is none
    #[arg(long, value_name = "FASTA")]
    fasta: Option<PathBuf>,

    /// Rows of states that are there already, to be added up without a model
    #[arg(long, value_name = "JSONL", conflicts_with_all = ["vcf", "fasta"])]
    states_jsonl: Option<PathBuf>,

    /// Metrics, as JSON
    #[arg(
        long,
        visible_alias = "output-metrics",
        value_name = "FILE",
        required_unless_present_any = ["print_config", "explain"]
    )]
    output: Option<PathBuf>,

    /// The row of states of each haplotype, as JSON lines
    #[arg(long, value_name = "FILE", requires = "vcf")]
    states_out: Option<PathBuf>,

    /// Rows that could not be used [default: OUTPUT.rejected.jsonl]
    #[arg(long, value_name = "FILE", requires = "vcf")]
    rejected: Option<PathBuf>,

    /// Where haplotypes begin, as CONTIG or CONTIG:START-END
    #[arg(long, value_name = "REGION", requires = "vcf")]
    region: Option<String>,

    /// Whose chromosome copies are read [default: everybody's]
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', requires = "vcf")]
    samples: Option<Vec<String>>,

    /// Stop after so many haplotypes
    #[arg(
        long,
        value_name = "N",
        requires = "vcf",
        value_parser = clap::value_parser!(u64).range(2..)
    )]
    max_haplotypes: Option<u64>,

    /// Most edits of a haplotype
    #[arg(
        long,
        value_name = "K",
        default_value_t = 16,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    max_edits: u32,

    /// Most bases between neighbouring edits of a haplotype
    #[arg(long, value_name = "BP", default_value_t = DEFAULT_MAX_GAP)]
    max_gap: u64,

    /// Targets that each target is ranked among, its own with them
    #[arg(
        long,
        value_name = "N",
        default_value_t = 100,
        value_parser = clap::value_parser!(u32).range(2..=10_000)
    )]
    candidates: u32,

    /// Rank up to which a target counts as found
    #[arg(
        long,
        value_name = "K",
        default_value_t = 10,
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    recall_k: u64,

    /// Name of the set of haplotypes
    #[arg(
        long,
        value_name = "NAME",
        default_value = "rollout_phased_haplotypes",
        conflicts_with = "states_jsonl"
    )]
    split: String,

    /// Haplotypes computed together; never changes a result
    #[arg(
        long,
        value_name = "N",
        default_value_t = 64,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    batch_size: u32,

    #[command(flatten)]
    layout: LayoutArgs,

    #[command(flatten)]
    report: ReportArgs,
}

impl Args {
    /// Adds the flags that stand for keys.
    pub(crate) fn add_to(&self, layers: &mut Layers) -> Result<(), BackendError> {
        self.layout.add_to(layers);
        self.model.add_to(layers)
    }
}

pub(crate) fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let output = required(&args.output, "--output")?;
    match &args.states_jsonl {
        Some(rows) => add_up(args, output, rows),
        None => roll(args, settings, output),
    }
}

/// Adds up rows that are there.
fn add_up(args: &Args, output: &Path, rows: &Path) -> Result<(), Failure> {
    let report = args.report.prepare(output, Some(rows))?;
    let mut metrics = RolloutMetrics::new(args.recall_k);
    aggregate_rows(rows, &mut metrics)?;
    let n_rows = metrics.n_rows();
    let splits = metrics.finish();
    let text = report.text(&splits, args.recall_k, None)?;
    write_atomic(output, |file| file.write_all(text.as_bytes()))?;
    tell(args, output, n_rows, &splits)
}

fn roll(args: &Args, settings: &Settings, output: &Path) -> Result<(), Failure> {
    let (vcf, fasta) = (
        required(&args.vcf, "--vcf")?,
        required(&args.fasta, "--fasta")?,
    );
    if args.recall_k >= u64::from(args.candidates) {
        let message = "`--recall-k` is less than `--candidates`, or every target is found";
        return Err(UsageError(message.to_owned()).into());
    }
    if args.report.names_model() {
        let message = "the model is that of the model directory: leave out `--model-id`";
        return Err(UsageError(message.to_owned()).into());
    }
    let mut report = args.report.prepare(output, args.states_out.as_deref())?;
    let (model, runtime) = model_args::load(settings, CalibrationSource::Nothing)?;
    let runtime = runtime.with_network_guard(Sandbox::current().guard());
    let manifest = model.manifest();
    report.fill_in(ReportIdentity {
        model_id: Some(manifest.model_id()),
        model_release: Some(manifest.release_id.clone()),
        ..ReportIdentity::default()
    });
    banner::show(settings);
    let fasta = Fasta::open(fasta)?;
    let region = args.region.as_deref();
    let haplotypes = HaplotypeOptions {
        max_edits: args.max_edits as usize,
        max_gap: args.max_gap,
        samples: args.samples.clone(),
        region: region.map(|text| Region::parse(text, &fasta)).transpose()?,
    };
    let options = RollOptions {
        batch_size: args.batch_size as usize,
        encodes: true,
        max_haplotypes: args.max_haplotypes,
    };
    let n_candidates = args.candidates as usize;
    let rejected = args.rejected.clone();
    let mut outputs = RowOutputs::create(RowFiles {
        split: Label::new(&*args.split)?,
        candidates: args.candidates,
        recall_k: args.recall_k,
        states: args.states_out.as_deref(),
        rejected: rejected.unwrap_or_else(|| beside(output, ".rejected.jsonl")),
    })?;
    let bar = Bar::new(settings.observability.quiet);
    let completion = runtime.roll_phased(
        (vcf, &fasta),
        &haplotypes,
        options,
        |row| outputs.take(row),
        |progress| bar.show_rolled(progress, "haplotypes"),
        interrupt::catch(),
    )?;
    bar.finish();
    let progress = interrupt::finished(completion)?;
    let (splits, rejected) = outputs.finish()?;
    let text = report.text(&splits, args.recall_k, Some(n_candidates))?;
    write_atomic(output, |file| file.write_all(text.as_bytes()))?;
    if !settings.observability.quiet {
        say(progress, &rejected, &manifest.model_name, &splits);
    }
    tell(args, output, progress.rolled as usize, &splits)
}

/// Says on standard error what a run did.
#[expect(clippy::print_stderr, reason = "a summary beside the data")]
fn say(progress: RollProgress, rejected: &Path, model: &Label, splits: &[SplitSummary]) {
    let RollProgress {
        rolled,
        rejected: n_rejected,
        ..
    } = progress;
    let sidecar = match n_rejected {
        0 => String::new(),
        _ => format!(", see `{}`", rejected.display()),
    };
    eprintln!("{rolled} haplotypes rolled by `{model}`, {n_rejected} rows rejected{sidecar}");
    for split in splits {
        if let Some(skill) = split.all.skill {
            // Without the sign of a zero.
            let skill = (skill * 1e4).round() / 1e4 + 0.0;
            eprintln!("skill {skill:.4} (0 is copying the source state, 1 is exact)");
        }
    }
}

/// Prints what was written, as one line of JSON.
fn tell(args: &Args, output: &Path, rows: usize, splits: &[SplitSummary]) -> Result<(), Failure> {
    let names = splits.iter().map(|split| split.split.as_str().into());
    let n_metrics = splits
        .iter()
        .map(|split| 3 + u64::from(split.all.skill.is_some()));
    let summary = Json::object([
        ("metrics_json", output.display().to_string().into()),
        ("rows", (rows as u64).into()),
        ("splits", Json::Array(names.collect())),
        ("metrics", n_metrics.sum::<u64>().into()),
        ("recall_k", args.recall_k.into()),
    ]);
    writeln!(io::stdout(), "{}", summary_json(&summary)).map_err(Failure::stdout)
}
