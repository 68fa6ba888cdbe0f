//! `geno-lewm targets`: compute the states of training examples once.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Write},
    num::NonZeroU32,
    path::{Path, PathBuf},
};

use geno_app::config::{Layers, Settings};
use geno_core::Digest;
use geno_data::{Fasta, TupleBuilder, TupleSettings, WindowSource};
use geno_runtime::{BackendError, Completion};
use geno_training::{BuildTargets, LeftOut, TargetCounts, TargetsReport, TokenSettings};
use serde::Serialize;

use super::tuples::{
    draw_args::DrawArgs,
    inputs::{EditArgs, HoldoutArgs, WindowArgs},
};
use crate::{
    failure::{Failure, ReadError, UsageError, required},
    interrupt,
    model_args::{self, LayoutArgs, ModelArgs},
    progress::Bar,
};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    model: ModelArgs,

    /// Configuration of a model whose predictor is to be trained: how its states are made. Its
    /// encoder is that of `--encoder-dir`
    #[arg(long, value_name = "YAML", conflicts_with = "model_dir")]
    model_config: Option<PathBuf>,

    #[command(flatten)]
    layout: LayoutArgs,

    /// Encode each example in the window that it was drawn from, not in one laid as for scoring
    #[arg(long, conflicts_with = "layout")]
    as_drawn: bool,

    /// Tokens of each window of which all 18 substitutions are encoded
    #[arg(long, value_name = "N", default_value_t = 0)]
    saturate: u32,

    #[command(flatten)]
    windows: WindowArgs,

    #[command(flatten)]
    edits: EditArgs,

    #[command(flatten)]
    draw: DrawArgs,

    #[command(flatten)]
    held_out: HoldoutArgs,

    /// Windows of one part, which is what a killed run loses at most
    #[arg(long, value_name = "N", default_value = "16")]
    part_windows: NonZeroU32,

    /// Folder for the states
    #[arg(
        long,
        short,
        value_name = "DIR",
        required_unless_present_any = ["print_config", "explain"]
    )]
    output: Option<PathBuf>,

    /// Go on where an interrupted run into this folder ended
    #[arg(long)]
    resume: bool,
}

impl Args {
    /// Adds the flags that stand for keys.
    pub(crate) fn add_to(&self, layers: &mut Layers) -> Result<(), BackendError> {
        self.layout.add_to(layers);
        self.model.add_to(layers)
    }

    /// What decides which examples are drawn, beside the settings, by what it is.
    fn inputs(&self) -> Result<BTreeMap<String, Digest>, Failure> {
        let (windows, edits, held_out) = (&self.windows, &self.edits, &self.held_out);
        let mut inputs = BTreeMap::new();
        for (what, path) in [windows.files(), edits.files(), held_out.files()].concat() {
            inputs.insert(what, digest(path)?);
        }
        for (what, text) in [
            ("window_arguments", windows.rest()),
            ("edit_arguments", edits.rest()),
            ("holdout_arguments", held_out.rest()),
        ] {
            inputs.insert(what.to_owned(), Digest::of(text.as_bytes()));
        }
        Ok(inputs)
    }
}

fn digest(path: &Path) -> Result<Digest, ReadError> {
    let digest = File::open(path).and_then(Digest::of_reader);
    digest.map_err(|source| ReadError {
        path: path.to_owned(),
        source,
    })
}

pub(crate) fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    if args.draw.mix.is_none() && !args.edits.files().is_empty() {
        let message = "variants are drawn where `--mix` asks for them";
        return Err(UsageError(message.to_owned()).into());
    }
    let folder = required(&args.output, "--output")?;
    let encoder = model_args::load_encoder(settings, args.model_config.as_deref())?;
    let contract = encoder.settings().contract;
    let bar = Bar::new(settings.observability.quiet);
    let fasta = args.windows.fasta.as_ref().map(Fasta::open).transpose()?;
    if fasta.is_none() && !args.as_drawn {
        let message = "windows are laid on a genome: give `--fasta` or `--as-drawn`";
        return Err(UsageError(message.to_owned()).into());
    }
    let windows = args.windows.open(fasta.as_ref(), contract)?;
    let windows: &dyn WindowSource = windows.as_ref();
    let providers = args.edits.open(args.draw.max_gap, &bar)?;
    let holdouts = args.held_out.holdouts(fasta.as_ref())?;
    let excludes_windows_of_variants = args.held_out.exclude_windows;
    let tuples = TupleSettings {
        seed: settings.seed,
        contract,
        exclude_windows_of_variants: excludes_windows_of_variants,
        ..args.draw.settings()
    };
    let tuples = args.draw.mix.is_some().then_some(tuples);
    let tuples = tuples
        .map(|settings| TupleBuilder::new(windows, &providers, &holdouts, settings))
        .transpose()?;
    let build = BuildTargets {
        encoder: &encoder,
        windows,
        laid_on: fasta.as_ref().filter(|_| !args.as_drawn),
        seed: settings.seed,
        tokens: (args.saturate > 0).then_some(TokenSettings {
            per_window: args.saturate,
            margin: args.draw.margin as u64,
        }),
        tuples: tuples.as_ref().map(|builder| (builder, args.draw.epochs)),
        holdouts: &holdouts,
        excludes_windows_of_variants,
        max_unknown: args.windows.max_n,
        inputs: args.inputs()?,
        part_windows: args.part_windows,
        folder,
        resumes: args.resume,
    };
    let completion = build.run(
        |progress| {
            let edits = format!("{} edits", progress.edits);
            bar.show_steps(progress.windows, progress.total_windows, edits);
        },
        interrupt::catch(),
    )?;
    bar.finish();
    match completion {
        Completion::Finished(report) => print(&report),
        Completion::Interrupted => Err(Failure::Paused),
    }
}

/// What a run printed.
#[derive(Serialize)]
struct Printed<'a> {
    schema_version: &'static str,
    generated_by: &'static str,
    counts: &'a TargetCounts,
    left_out: &'a LeftOut,
    encoded: Encoded,
}

/// What this run did, and how fast.
#[derive(Serialize)]
struct Encoded {
    examples: u64,
    edits: u64,
    seconds: f64,
    examples_per_second: f64,
    edits_per_second: f64,
}

fn print(report: &TargetsReport) -> Result<(), Failure> {
    let ((examples, edits), seconds) = (report.encoded, report.duration.as_secs_f64());
    let round = |number: f64| (number * 1e3).round() / 1e3;
    let per_second = |n: u64| round(n as f64 / seconds.max(1e-9));
    let printed = Printed {
        schema_version: "1.0.0",
        generated_by: "geno-lewm targets",
        counts: &report.counts,
        left_out: &report.left_out,
        encoded: Encoded {
            examples,
            edits,
            seconds: round(seconds),
            examples_per_second: per_second(examples),
            edits_per_second: per_second(edits),
        },
    };
    let text = serde_json::to_string_pretty(&printed).expect("texts, numbers and maps");
    writeln!(io::stdout(), "{text}").map_err(Failure::stdout)
}
