//! `geno-lewm tuples`: draw training tuples, or count what would be drawn.

mod inputs;

use std::{
    io::{self, Write},
    path::PathBuf,
};

use geno_app::config::Settings;
use geno_core::StateContract;
use geno_data::{
    ClinicalSignificance, DEFAULT_MAX_GAP, DrawTuples, EditSource, Fasta, Progress, SplitCheck,
    TupleBuilder, TupleCursor, TupleSettings, UnknownCheck, UnknownEditSource, WindowSource,
    Worker,
};
use geno_provenance::write_atomic;

use crate::{failure::Failure, interrupt, progress::Bar};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    windows: inputs::WindowArgs,

    #[command(flatten)]
    edits: inputs::EditArgs,

    #[command(flatten)]
    held_out: inputs::HoldoutArgs,

    /// Tuples of each source that a window gives
    #[arg(long, value_name = "SOURCE=N,…", value_parser = mix)]
    mix: Option<Mix>,

    /// What makes up for a source that falls short; `none` for nothing
    #[arg(long, value_name = "SOURCE=SOURCE,…", value_parser = fallbacks)]
    fallback: Option<Fallbacks>,

    /// Weights of 1, 2, 3, … edits in a tuple of made-up edits
    #[arg(long, value_name = "W,…", value_delimiter = ',', default_value = "1")]
    edit_counts: Vec<f64>,

    /// Most edits of a tuple
    #[arg(long, value_name = "N", default_value_t = 16)]
    max_edits: usize,

    /// Most bases between neighbouring edits of a tuple
    #[arg(long, value_name = "BP", default_value_t = DEFAULT_MAX_GAP)]
    max_gap: u64,

    /// Draw the type of an edit first, by weights of SNV, INS, DEL, MNV and INDEL
    #[arg(
        long,
        value_name = "W,W,W,W,W",
        value_parser = type_weights,
        num_args = 0..=1,
        default_missing_value = "0.4,0.2,0.2,0.1,0.1"
    )]
    balance: Option<TypeWeights>,

    /// Bases at either end of a window that no edit touches
    #[arg(long, value_name = "BP", default_value_t = 64)]
    margin: usize,

    /// State contract that the edited window is made for
    #[arg(long, value_name = "NAME", default_value_t = StateContract::L2NormalizedV2)]
    contract: StateContract,

    /// Windows whose tuples are shuffled together
    #[arg(long, value_name = "N", default_value_t = 64)]
    block_windows: u32,

    /// Fail where a window gives fewer tuples than the mix asks for
    #[arg(long)]
    strict: bool,

    /// How often every window is drawn from
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    epochs: u32,

    /// Stop after so many tuples
    #[arg(long, value_name = "N")]
    max_tuples: Option<u64>,

    /// Draw one of several equal shares, as 0/4
    #[arg(long, value_name = "I/N", default_value = "0/1", value_parser = worker)]
    worker: Worker,

    /// Begin where this file says, if it exists, and write into it where the draw ended
    #[arg(long, value_name = "FILE")]
    cursor: Option<PathBuf>,

    /// Tuples: .jsonl or .parquet, `-` for JSON lines on standard output [default: count alone]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Write the bases of both windows, too
    #[arg(long, requires = "output")]
    sequences: bool,

    /// The report as a file, too
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// Sources and how many tuples they give.
type Mix = Vec<(EditSource, u32)>;
/// Sources and what makes up for them.
type Fallbacks = Vec<(EditSource, EditSource)>;
/// Weights of the types of edits.
type TypeWeights = [f64; 5];

pub(crate) fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let bar = Bar::new(settings.observability.quiet);
    let fasta = args.windows.fasta.as_ref().map(Fasta::open).transpose()?;
    let windows = args.windows.open(fasta.as_ref(), args.contract)?;
    let providers = args.edits.open(args.max_gap, &bar)?;
    let holdouts = args.held_out.holdouts(fasta.as_ref())?;
    let windows: &dyn WindowSource = windows.as_ref();
    let builder = TupleBuilder::new(windows, &providers, &holdouts, args.settings(settings))?;
    let cursor = args.cursor.as_deref().map(TupleCursor::read).transpose()?;
    let draw = DrawTuples {
        builder: &builder,
        worker: args.worker,
        cursor: cursor.flatten(),
        epochs: args.epochs,
        max_tuples: args.max_tuples,
        output: args.output.as_deref(),
        sequences: args.sequences,
        split: args.held_out.proof(fasta.as_ref())?,
    };
    let interrupted = interrupt::catch();
    let report = draw.run(|progress| {
        let file = Progress {
            read: progress.blocks,
            total: Some(progress.total_blocks),
        };
        bar.show_file(file, format!("{} tuples", progress.tuples));
        interrupt::flow(interrupted)
    })?;
    bar.finish();
    let report = report.ok_or(Failure::Interrupted)?;
    if let Some(path) = &args.cursor {
        report.cursor.write(path)?;
    }
    let text = report.to_json();
    if let Some(path) = &args.report {
        write_atomic(path, |file| writeln!(file, "{text}"))?;
    }
    match args
        .output
        .as_ref()
        .is_some_and(|output| output.as_os_str() == "-")
    {
        true => Ok(()),
        false => writeln!(io::stdout(), "{text}").map_err(Failure::stdout),
    }
}

impl Args {
    fn settings(&self, settings: &Settings) -> TupleSettings {
        let default = TupleSettings::default();
        TupleSettings {
            seed: settings.seed,
            mix: self.mix.clone().unwrap_or(default.mix),
            fallbacks: self.fallback.clone().unwrap_or(default.fallbacks),
            edit_count_weights: self.edit_counts.clone(),
            max_edits: self.max_edits,
            max_gap: self.max_gap,
            type_weights: self.balance,
            margin: self.margin,
            contract: self.contract,
            block_windows: self.block_windows,
            exclude_windows_of_variants: self.held_out.exclude_windows,
            strict: self.strict,
        }
    }
}

fn mix(text: &str) -> Result<Mix, String> {
    let entry = |entry: &str| {
        let (source, count) = entry.split_once('=').ok_or("expected SOURCE=N")?;
        let source = source
            .parse()
            .map_err(|error: UnknownEditSource| error.to_string())?;
        let count = count.parse().map_err(|_| "expected a number of tuples")?;
        Ok((source, count))
    };
    text.split(',').map(entry).collect()
}

fn fallbacks(text: &str) -> Result<Fallbacks, String> {
    let source = |text: &str| {
        text.parse()
            .map_err(|error: UnknownEditSource| error.to_string())
    };
    let entry = |entry: &str| {
        let (from, to) = entry.split_once('=').ok_or("expected SOURCE=SOURCE")?;
        Ok((source(from)?, source(to)?))
    };
    match text {
        "none" => Ok(Vec::new()),
        _ => text.split(',').map(entry).collect(),
    }
}

fn type_weights(text: &str) -> Result<TypeWeights, String> {
    let weights: Result<Vec<f64>, _> = text.split(',').map(str::parse).collect();
    let weights = weights.ok().and_then(|weights| weights.try_into().ok());
    weights.ok_or_else(|| "expected five weights".to_owned())
}

fn worker(text: &str) -> Result<Worker, String> {
    let number = |text: &str| text.parse::<u32>().ok();
    let (index, count) = text.split_once('/').unwrap_or_default();
    let worker = number(index).zip(number(count));
    let worker = worker.filter(|(index, count)| index < count);
    let (index, count) = worker.ok_or("expected I/N with I from 0 to N − 1")?;
    Ok(Worker { index, count })
}

fn declaration(text: &str) -> Result<(SplitCheck, String), String> {
    let (check, reason) = text.split_once('=').ok_or("expected CHECK=REASON")?;
    let check = check
        .parse()
        .map_err(|error: UnknownCheck| error.to_string())?;
    Ok((check, reason.to_owned()))
}

fn class(text: &str) -> Result<ClinicalSignificance, String> {
    ClinicalSignificance::parse(text)
        .ok_or_else(|| "expected P, LP, VUS, LB, B or OTHER".to_owned())
}
