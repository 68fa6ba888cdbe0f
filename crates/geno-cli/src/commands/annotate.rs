//! `geno-lewm annotate`: region, repeat, gene and consequence of every allele of a VCF.

use std::{
    fmt::Display,
    io::{self, Write},
    path::PathBuf,
};

use geno_app::config::Settings;
use geno_data::{
    AnnotationReport, AnnotationSources, Annotator, BadRows, Labelled, VcfIndex, annotate_vcf,
};
use geno_provenance::{Json, summary_json};

use crate::{
    annotations::AnnotationFileArgs,
    failure::{Failure, UsageError, required},
    interrupt,
    progress::Bar,
};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Variants to annotate: plain, gzip or bgzip, `-` for standard input
    #[arg(long, value_name = "VCF", required_unless_present_any = ["print_config", "explain"])]
    vcf: Option<PathBuf>,

    /// The annotated VCF: .vcf, or .vcf.gz with an index
    #[arg(long, value_name = "FILE", required_unless_present_any = ["print_config", "explain"])]
    output: Option<PathBuf>,

    /// Reference, plain or bgzip: needed to tell what a change of a coding sequence does
    #[arg(long, value_name = "FASTA")]
    fasta: Option<PathBuf>,

    #[command(flatten)]
    files: AnnotationFileArgs,
}

pub(crate) fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let (input, output) = (
        required(&args.vcf, "--vcf")?,
        required(&args.output, "--output")?,
    );
    let files = args.files.files(args.fasta.as_deref());
    if !files.has_any() {
        let message = "nothing to annotate from: give `--annotation`, `--regions`, `--repeats`, \
                       `--tandem-repeats` or `--soft-mask`";
        return Err(UsageError(message.to_owned()).into());
    }
    let sources = files.open()?;
    let report_of_sources = sources_json(&sources);
    let mut annotator = Annotator::new(sources);

    let bar = Bar::new(settings.observability.quiet);
    let report = annotate_vcf(
        input,
        output,
        &mut annotator,
        |progress, n| bar.show_file(progress, format!("{n} annotated")),
        interrupt::catch(),
    )?;
    bar.finish();
    let report = report.ok_or(Failure::Interrupted)?;
    if files.genes.is_some() && report.annotated > 0 && report.consequences.is_empty() {
        warn_of_other_contigs();
    }
    let report = report_json(&report, report_of_sources);
    writeln!(io::stdout(), "{}", summary_json(&report)).map_err(Failure::stdout)
}

/// Every variant on a contig that has genes gets a consequence, if only that of lying between them.
#[expect(clippy::print_stderr, reason = "warnings stand beside the data")]
fn warn_of_other_contigs() {
    eprintln!("warning: no variant lies on a contig that `--annotation` names");
}

fn report_json(report: &AnnotationReport, sources: Json) -> Json {
    let first = report.first_rejected.iter().map(|(line, code)| {
        Json::object([("line", (*line).into()), ("code", code.as_str().into())])
    });
    let index = match &report.index {
        VcfIndex::Tabix(path) | VcfIndex::Csi(path) => path.display().to_string().into(),
        VcfIndex::Plain => Json::Null,
        VcfIndex::Unsorted { row } => format!("none: row {row} is out of order").into(),
        VcfIndex::OutOfRange { row } => format!("none: row {row} lies beyond its reach").into(),
    };
    Json::object([
        ("schema_version", "1.0.0".into()),
        ("generated_by", "geno-lewm-annotate".into()),
        ("rows", report.rows.into()),
        ("left_out", report.left_out.into()),
        ("annotated", report.annotated.into()),
        ("regions", counts(report.regions.iter())),
        ("repeats", counts(report.repeats.iter())),
        ("consequences", counts(report.consequences.iter())),
        ("rejected", counts(report.rejected.iter())),
        ("first_rejected", Json::Array(first.collect())),
        ("index", index),
        ("sources", sources),
    ])
}

fn sources_json(sources: &AnnotationSources) -> Json {
    let genes = sources.genes.as_ref().map(|genes| {
        let transcripts = Json::from(genes.transcripts.len() as u64);
        (
            "genes",
            with_bad_rows("transcripts", transcripts, &genes.bad_rows),
        )
    });
    let regions = sources.regions.as_ref();
    let regions = regions.map(|regions| ("regions", labelled_json(regions)));
    let repeats = sources.repeats.as_ref();
    let repeats = repeats.map(|repeats| ("repeats", labelled_json(repeats)));
    Json::object([genes, regions, repeats].into_iter().flatten())
}

fn labelled_json<C>(labelled: &Labelled<C>) -> Json {
    let intervals = Json::object([
        ("used", (labelled.index.len() as u64).into()),
        ("without_class", counts(labelled.unknown.iter())),
    ]);
    with_bad_rows("rows", intervals, &labelled.bad_rows)
}

fn with_bad_rows(what: &'static str, value: Json, bad: &BadRows) -> Json {
    let first = bad.first.iter().map(|row| {
        let reason = row.fault.to_string();
        Json::object([("line", row.line.into()), ("reason", reason.into())])
    });
    Json::object([
        (what, value),
        ("malformed", bad.n.into()),
        ("first_malformed", Json::Array(first.collect())),
    ])
}

fn counts<'a, K: Display + 'a>(counts: impl Iterator<Item = (&'a K, &'a u64)>) -> Json {
    let counts: Vec<(String, u64)> = counts.map(|(key, n)| (key.to_string(), *n)).collect();
    Json::object(counts.iter().map(|(key, n)| (key.as_str(), Json::from(*n))))
}
