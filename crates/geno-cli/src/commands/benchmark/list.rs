//! `geno-lewm benchmark list`.

use std::io::{self, Write};

use geno_eval::Benchmark;
use geno_provenance::{Json, indented_json};

use super::RegistryArgs;
use crate::failure::Failure;

#[derive(clap::Args)]
#[command(after_help = "Example: geno-lewm benchmark list --registry my-screens/")]
pub(crate) struct Args {
    #[command(flatten)]
    registry: RegistryArgs,

    /// The entries as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let registry = args.registry.open()?;
    let benchmarks = registry.benchmarks();
    let mut out = io::stdout().lock();
    let written = match args.json {
        true => {
            let all = benchmarks.iter().map(Benchmark::to_json).collect();
            writeln!(out, "{}", indented_json(&Json::Array(all)))
        }
        false => table(benchmarks, &mut out),
    };
    written.map_err(Failure::stdout)
}

fn table(benchmarks: &[Benchmark], out: &mut dyn Write) -> io::Result<()> {
    let primary = |one: &Benchmark| match &one.evaluation {
        Some(evaluation) => evaluation.primary.clone(),
        None => "cosine_similarity_mean".to_owned(),
    };
    let gates = |one: &Benchmark| match &one.gates[..] {
        [] => "-".to_owned(),
        gates => {
            let versions: Vec<&str> = gates.iter().map(|gate| &*gate.version).collect();
            versions.join(", ")
        }
    };
    let rows = benchmarks.iter().map(|one| {
        let id = one.id.clone();
        [id, primary(one), gates(one), one.title.clone()]
    });
    let head = ["benchmark", "primary metric", "gate", "title"].map(str::to_owned);
    let rows: Vec<[String; 4]> = std::iter::once(head).chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2)];
    for [id, primary, gate, title] in &rows {
        let [a, b, c] = widths;
        writeln!(out, "{id:a$}  {primary:b$}  {gate:c$}  {title}")?;
    }
    Ok(())
}
