//! `geno-lewm benchmark show`.

use std::{
    fmt::{self, Display},
    io::{self, Write},
};

use geno_eval::{Benchmark, Source, SurpriseRises};
use geno_provenance::indented_json;

use super::RegistryArgs;
use crate::failure::{Failure, required};

#[derive(clap::Args)]
#[command(after_help = "Example: geno-lewm benchmark show mpra_saturation")]
pub(crate) struct Args {
    /// The benchmark, as `list` names it
    #[arg(value_name = "BENCHMARK", required_unless_present_any = ["print_config", "explain"])]
    id: Option<String>,

    #[command(flatten)]
    registry: RegistryArgs,

    /// The entry as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let registry = args.registry.open()?;
    let benchmark = registry.find(required(&args.id, "BENCHMARK")?)?;
    let mut out = io::stdout().lock();
    let written = match args.json {
        true => writeln!(out, "{}", indented_json(&benchmark.to_json())),
        false => write!(out, "{}", Shown(benchmark)),
    };
    written.map_err(Failure::stdout)
}

/// An entry to read.
struct Shown<'a>(&'a Benchmark);

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one = self.0;
        let builds: Vec<&str> = one.assemblies.iter().map(|build| build.as_str()).collect();
        writeln!(f, "{}: {}\n\n{}\n", one.id, one.title, one.summary)?;
        writeln!(f, "track       {}", one.track)?;
        writeln!(f, "split       {}", one.split)?;
        writeln!(f, "builds      {}", builds.join(", "))?;
        if let Some(label) = &one.label {
            writeln!(
                f,
                "labels      {}; high means: {}",
                label.kind, label.high_means
            )?;
            writeln!(f, "surprise    {}", rises(label.surprise_rises_with))?;
        }
        if let Some(evaluation) = &one.evaluation {
            let (primary, mode) = (&evaluation.primary, evaluation.mode);
            writeln!(f, "metric      {primary} (mode {mode})")?;
        }
        if let Some(baseline) = &one.baseline {
            writeln!(
                f,
                "baseline    {}, recipe {}",
                baseline.name, baseline.recipe
            )?;
        }
        for gate in &one.gates {
            let metrics = gate.metrics.join(", ");
            write!(f, "gate {}    {metrics}", gate.version)?;
            if let Some(mode) = gate.mode {
                write!(f, " (mode {mode})")?;
            }
            if let Some(baseline) = &gate.baseline {
                write!(f, ", against {baseline}")?;
            }
            writeln!(
                f,
                "{}",
                if gate.interval {
                    ", with intervals"
                } else {
                    ""
                }
            )?;
        }
        one.sources.iter().try_for_each(|source| show(source, f))?;
        let needed = match one.needs_genes {
            true => "FASTA of the build and --genes: GTF, GFF3 or BED",
            false => "FASTA of the build",
        };
        writeln!(f, "\nbeside these: {needed}")?;
        for limitation in &one.limitations {
            writeln!(f, "note: {limitation}")?;
        }
        Ok(())
    }
}

fn rises(with: SurpriseRises) -> &'static str {
    match with {
        SurpriseRises::Value => "should rise with the value of the source",
        SurpriseRises::NegatedValue => {
            "should fall with the value of the source, whose sign is turned in the labels"
        }
        SurpriseRises::Magnitude => {
            "should rise with the size of the value of the source, whose sign is dropped in the labels"
        }
    }
}

fn show(source: &Source, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let formats: Vec<&str> = source
        .formats
        .iter()
        .map(|format| format.as_str())
        .collect();
    writeln!(f, "\n--source {}=FILE  {}", source.name, source.title)?;
    writeln!(f, "  file      {} ({})", source.file, formats.join(", "))?;
    if let Some(size) = source.size_bytes {
        writeln!(f, "  size      {size} bytes")?;
    }
    writeln!(f, "  from      {}", source.address)?;
    writeln!(f, "  licence   {}", source.licence)?;
    writeln!(f, "  cite      {}", source.citation)?;
    for column in &source.columns {
        let optional = if column.optional {
            " (may be missing)"
        } else {
            ""
        };
        writeln!(
            f,
            "  column    {}: {}{optional}",
            column.name, column.meaning
        )?;
    }
    Ok(())
}
