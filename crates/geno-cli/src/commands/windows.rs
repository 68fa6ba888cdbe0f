//! `geno-lewm windows`: cut windows to train on from a genome or a corpus.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::ValueEnum;
use geno_app::config::Settings;
use geno_core::PythonRandom;
use geno_data::{
    CorpusFields, CorpusSource, CutOptions, CutReport, CutWindows, Fasta, SourceMix, StableSubset,
    WindowInput, WindowLayout, WindowPhase, cut_windows,
};
use geno_provenance::{Json, summary_json};

use crate::{
    failure::{Failure, required},
    interrupt,
    progress::Bar,
};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// A genome, plain or bgzip; an index is built when there is none
    #[arg(
        long,
        value_name = "FASTA",
        required_unless_present_any = ["corpus", "print_config", "explain"]
    )]
    fasta: Option<PathBuf>,

    /// Regions of the genome [default: all of it]
    #[arg(long, value_name = "BED", requires = "fasta")]
    bed: Option<PathBuf>,

    /// What windows of a genome are called
    #[arg(long, value_name = "NAME", default_value = "reference", value_parser = name)]
    source: String,

    /// A corpus: JSON lines, plain, gzip, bgzip or zstd, or a Parquet table; `-` for standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fasta", "source"])]
    corpus: Option<PathBuf>,

    /// What rows of a corpus belong to that name no source
    #[arg(long, value_name = "SOURCE", requires = "corpus")]
    default_source: Option<CorpusSource>,

    /// Field of a corpus that holds the sequence
    #[arg(
        long,
        value_name = "FIELD",
        default_value = "sequence",
        requires = "corpus"
    )]
    sequence_field: String,

    /// Field of a corpus that holds the source
    #[arg(
        long,
        value_name = "FIELD",
        default_value = "source",
        requires = "corpus"
    )]
    source_field: String,

    /// Field of a corpus that holds the name of a row
    #[arg(long, value_name = "FIELD", default_value = "id", requires = "corpus")]
    id_field: String,

    /// The windows: .jsonl, .jsonl.gz or .parquet
    #[arg(
        long,
        short,
        value_name = "FILE",
        required_unless_present_any = ["print_config", "explain"]
    )]
    output: Option<PathBuf>,

    /// Rows that could not be used [default: OUTPUT.rejected.jsonl]
    #[arg(long, value_name = "FILE")]
    rejected: Option<PathBuf>,

    /// Length of a window, in bases
    #[arg(long, value_name = "BP", default_value_t = 12_288)]
    window: u64,

    /// Distance between the starts of two windows
    #[arg(long, value_name = "BP", default_value_t = 8_192)]
    stride: u64,

    /// Bases left alone at either end of a sequence
    #[arg(long, value_name = "BP", default_value_t = 256)]
    margin: u64,

    /// Where in the first stride the first window begins
    #[arg(long, value_name = "PHASE", default_value = "start")]
    phase: Phase,

    /// Share of the records that are used, chosen by their names and `--seed`
    #[arg(long, value_name = "FRACTION")]
    subset: Option<f64>,

    /// Largest share of `N` in a window
    #[arg(long, value_name = "FRACTION", default_value_t = 0.1, value_parser = fraction)]
    max_n: f64,

    /// How many windows are cut at most
    #[arg(long, value_name = "N")]
    max_windows: Option<u64>,

    /// How those are shared out among sources, as SOURCE=SHARE,… or `carbon`
    #[arg(long, value_name = "MIX", requires = "max_windows", requires = "corpus", value_parser = mix)]
    mix: Option<SourceMix>,
}

/// Where in the first stride of a sequence the first window begins.
#[derive(Clone, Copy, ValueEnum)]
enum Phase {
    /// At the margin
    Start,
    /// At a place drawn for each record from `--seed` and its name
    Random,
    /// At the place that the Python package draws for `--seed`
    Python,
}

pub(crate) fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let output = required(&args.output, "--output")?;
    let fasta = args.fasta.as_ref().map(Fasta::open).transpose()?;
    let input = match (&fasta, &args.corpus) {
        (Some(fasta), _) => WindowInput::Genome {
            fasta,
            bed: args.bed.as_deref(),
            source: &args.source,
        },
        (None, corpus) => WindowInput::Corpus {
            path: required(corpus, "--corpus")?,
            fields: args.fields(),
        },
    };
    let mut beside = output.as_os_str().to_owned();
    beside.push(".rejected.jsonl");
    let rejected = args.rejected.as_deref().unwrap_or(Path::new(&beside));
    let request = CutWindows {
        input,
        options: args.options(settings.seed)?,
        output,
        rejected: Some(rejected),
    };
    let bar = Bar::new(settings.observability.quiet);
    let show = |progress: geno_data::CutProgress| {
        let file = geno_data::Progress {
            read: progress.done,
            total: progress.total,
        };
        bar.show_file(file, format!("{} windows", progress.windows));
    };
    let report = cut_windows(request, show, interrupt::catch())?;
    bar.finish();
    let report = report.ok_or(Failure::Interrupted)?;
    let summary = summary_json(&summary(&report));
    writeln!(io::stdout(), "{summary}").map_err(Failure::stdout)
}

impl Args {
    fn fields(&self) -> CorpusFields {
        CorpusFields {
            sequence: self.sequence_field.clone(),
            source: self.source_field.clone(),
            id: self.id_field.clone(),
            default_source: self.default_source,
        }
    }

    fn options(&self, seed: u64) -> Result<CutOptions, Failure> {
        let subset = self
            .subset
            .map(|fraction| StableSubset::new(fraction, seed));
        Ok(CutOptions {
            layout: WindowLayout::new(self.window, self.margin, self.stride)?,
            phase: match self.phase {
                Phase::Start => WindowPhase::Start,
                Phase::Random => WindowPhase::Seeded(seed),
                Phase::Python => WindowPhase::Python(Box::new(PythonRandom::new(seed))),
            },
            subset: subset.transpose()?,
            max_n_fraction: self.max_n,
            max_windows: self.max_windows,
            mix: self.mix.clone(),
        })
    }
}

fn summary(report: &CutReport) -> Json {
    let counts = &report.counts;
    let by_name = |counts: &std::collections::BTreeMap<String, u64>| {
        Json::object(
            counts
                .iter()
                .map(|(name, n)| (name.as_str(), Json::from(*n))),
        )
    };
    let rejected = report.rejected.iter();
    Json::object([
        ("schema_version", "1.0.0".into()),
        ("generated_by", "geno-lewm-windows".into()),
        ("records", counts.records.into()),
        ("windows", counts.windows.into()),
        ("sources", by_name(&counts.sources)),
        ("missing", by_name(&report.missing)),
        ("outside_subset", counts.outside_subset.into()),
        ("too_short", counts.too_short.into()),
        ("too_many_n", counts.too_many_n.into()),
        ("over_quota", counts.over_quota.into()),
        ("duplicates", counts.duplicates.into()),
        (
            "rejected",
            Json::object(rejected.map(|(code, n)| (*code, Json::from(*n)))),
        ),
    ])
}

fn mix(text: &str) -> Result<SourceMix, geno_data::SourceMixError> {
    match text {
        "carbon" => Ok(SourceMix::carbon()),
        _ => text.parse(),
    }
}

fn fraction(text: &str) -> Result<f64, &'static str> {
    let fraction = text.parse().ok();
    let fraction = fraction.filter(|fraction| (0.0..=1.0).contains(fraction));
    fraction.ok_or("a fraction lies between 0 and 1")
}

fn name(text: &str) -> Result<String, &'static str> {
    match text.trim().is_empty() {
        true => Err("a name holds more than spaces"),
        false => Ok(text.to_owned()),
    }
}
