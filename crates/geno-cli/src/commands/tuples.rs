//! `geno-lewm tuples`: draw training tuples, or count what would be drawn.

pub(super) mod draw_args;
pub(super) mod inputs;

use std::{
    io::{self, Write},
    path::PathBuf,
};

use geno_app::config::Settings;
use geno_core::StateContract;
use geno_data::{
    DrawTuples, Fasta, Progress, TupleBuilder, TupleCursor, TupleSettings, WindowSource, Worker,
};
use geno_provenance::write_atomic;

use self::draw_args::DrawArgs;
use crate::{failure::Failure, interrupt, progress::Bar};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    windows: inputs::WindowArgs,

    #[command(flatten)]
    edits: inputs::EditArgs,

    #[command(flatten)]
    held_out: inputs::HoldoutArgs,

    #[command(flatten)]
    proof: inputs::ProofArgs,

    #[command(flatten)]
    draw: DrawArgs,

    /// State contract that the edited window is made for
    #[arg(long, value_name = "NAME", default_value_t = StateContract::L2NormalizedV2)]
    contract: StateContract,

    /// Windows whose tuples are shuffled together
    #[arg(long, value_name = "N", default_value_t = 64)]
    block_windows: u32,

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

pub(crate) fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let bar = Bar::new(settings.observability.quiet);
    let fasta = args.windows.fasta.as_ref().map(Fasta::open).transpose()?;
    let windows = args.windows.open(fasta.as_ref(), args.contract)?;
    let providers = args.edits.open(args.draw.max_gap, &bar)?;
    let holdouts = args.held_out.holdouts(fasta.as_ref())?;
    let windows: &dyn WindowSource = windows.as_ref();
    let builder = TupleBuilder::new(windows, &providers, &holdouts, args.settings(settings))?;
    let cursor = args.cursor.as_deref().map(TupleCursor::read).transpose()?;
    let draw = DrawTuples {
        builder: &builder,
        worker: args.worker,
        cursor: cursor.flatten(),
        epochs: args.draw.epochs,
        max_tuples: args.max_tuples,
        output: args.output.as_deref(),
        sequences: args.sequences,
        split: args.proof.open(&args.held_out, fasta.as_ref())?,
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
        TupleSettings {
            seed: settings.seed,
            contract: self.contract,
            block_windows: self.block_windows,
            exclude_windows_of_variants: self.held_out.exclude_windows,
            ..self.draw.settings()
        }
    }
}

fn worker(text: &str) -> Result<Worker, String> {
    let number = |text: &str| text.parse::<u32>().ok();
    let (index, count) = text.split_once('/').unwrap_or_default();
    let worker = number(index).zip(number(count));
    let worker = worker.filter(|(index, count)| index < count);
    let (index, count) = worker.ok_or("expected I/N with I from 0 to N − 1")?;
    Ok(Worker { index, count })
}
