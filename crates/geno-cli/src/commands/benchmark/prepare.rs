//! `geno-lewm benchmark prepare`.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::PathBuf,
};

use geno_app::config::Settings;
use geno_data::Build;
use geno_eval::{Assembly, Benchmark, PrepareBenchmark, Prepared, Selection};
use geno_provenance::{Json, summary_json};

use super::RegistryArgs;
use crate::{
    failure::{Failure, UsageError, required},
    interrupt,
    progress::Bar,
};

#[derive(clap::Args)]
#[command(
    after_help = "Example: geno-lewm benchmark prepare mpra_saturation --source elements=elements.tsv.gz \
                  --assembly GRCh38 --fasta GRCh38.fa.gz --output mpra"
)]
pub(crate) struct Args {
    /// The benchmark, as `list` names it
    #[arg(value_name = "BENCHMARK", required_unless_present_any = ["print_config", "explain"])]
    id: Option<String>,

    #[command(flatten)]
    registry: RegistryArgs,

    /// A file that the benchmark is made from, by the name that `show` has for it
    #[arg(long, value_name = "NAME=FILE")]
    source: Vec<String>,

    /// Reference of the same build, plain or bgzip
    #[arg(long, value_name = "FASTA", required_unless_present_any = ["print_config", "explain"])]
    fasta: Option<PathBuf>,

    /// Transcripts: GTF, GFF3 or BED
    #[arg(long, value_name = "FILE", visible_alias = "annotation")]
    genes: Option<PathBuf>,

    /// Build of the sources and the reference [default: the only one that there is]
    #[arg(long, value_name = "BUILD")]
    assembly: Option<Build>,

    /// Folder to make
    #[arg(long, value_name = "DIR", required_unless_present_any = ["print_config", "explain"])]
    output: Option<PathBuf>,

    /// Most variants, of classes half of them positive; haplotypes of a rollout. `--seed` decides which
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(2..))]
    max: Option<u64>,

    /// Contig to take variants of; may be repeated
    #[arg(long, value_name = "NAME")]
    chromosome: Vec<String>,

    /// Group of a table, such as an element, to take variants of; may be repeated
    #[arg(long, value_name = "NAME")]
    group: Vec<String>,
}

impl Args {
    fn sources(&self) -> Result<BTreeMap<String, PathBuf>, UsageError> {
        let mut sources = BTreeMap::new();
        for text in &self.source {
            let Some((name, file)) = text.split_once('=').filter(|(_, file)| !file.is_empty())
            else {
                return Err(UsageError(format!("`--source {text}` is not NAME=FILE")));
            };
            if sources.insert(name.to_owned(), file.into()).is_some() {
                return Err(UsageError(format!("source `{name}` is named twice")));
            }
        }
        Ok(sources)
    }

    fn assembly(&self, benchmark: &Benchmark) -> Result<Assembly, UsageError> {
        let known = &benchmark.assemblies;
        let names: Vec<&str> = known.iter().map(|assembly| assembly.as_str()).collect();
        let found = match self.assembly {
            None if known.len() == 1 => Some(known[0]),
            None => None,
            Some(build) => known.iter().copied().find(|one| one.build() == build),
        };
        found.ok_or_else(|| UsageError(format!("`--assembly` is one of {}", names.join(", "))))
    }
}

pub(super) fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let registry = args.registry.open()?;
    let benchmark = registry.find(required(&args.id, "BENCHMARK")?)?;
    let output = required(&args.output, "--output")?;
    let selection = Selection {
        max: args.max,
        seed: settings.seed,
        chromosomes: args.chromosome.clone(),
        groups: args.group.clone(),
    };
    let request = PrepareBenchmark {
        benchmark,
        assembly: args.assembly(benchmark)?,
        sources: &args.sources()?,
        fasta: required(&args.fasta, "--fasta")?,
        genes: args.genes.as_deref(),
        output,
        selection: &selection,
    };
    let quiet = settings.observability.quiet;
    let bar = Bar::new(quiet);
    let interrupted = interrupt::catch();
    let prepared = request.run(|progress| {
        bar.show_file(progress.file, format!("{} found", progress.found));
        interrupt::flow(interrupted)
    })?;
    bar.finish();
    let prepared = prepared.ok_or(Failure::Interrupted)?;
    if !quiet {
        say(benchmark, &prepared);
    }
    let skipped = prepared.skipped.iter();
    let skipped = skipped.map(|(reason, n)| (*reason, Json::from(*n)));
    let summary = Json::object([
        ("benchmark", Json::from(&*benchmark.id)),
        ("output", output.display().to_string().into()),
        ("written", prepared.written.into()),
        ("skipped", Json::object(skipped)),
        ("was_there", prepared.was_there.into()),
    ]);
    writeln!(io::stdout(), "{}", summary_json(&summary)).map_err(Failure::stdout)
}

/// Says on standard error what was made.
#[expect(clippy::print_stderr, reason = "a summary beside the data")]
fn say(benchmark: &Benchmark, prepared: &Prepared) {
    let there = match prepared.was_there {
        true => "; the folder was there already, and is the same",
        false => "",
    };
    let n_skipped: u64 = prepared.skipped.values().sum();
    let (id, written, labels) = (&benchmark.id, prepared.written, &prepared.labels);
    eprintln!("{id}: {written} written ({labels}), {n_skipped} left out{there}");
    for (reason, n) in &prepared.skipped {
        eprintln!("  {n} {reason}");
    }
}
