//! `geno-lewm annotate`: region, repeat, gene and consequence of every allele of a VCF.

use std::{
    fmt::Display,
    io::{self, Write},
    path::PathBuf,
};

use geno_app::config::Settings;
use geno_core::{RegionClass, RepeatClass};
use geno_data::{
    AnnotationReport, AnnotationSources, Annotator, BadRows, DEFAULT_UPSTREAM, Fasta, Genes,
    Labelled, LabelledFile, VcfIndex, annotate_vcf,
};
use geno_provenance::{Json, summary_json};

use crate::{
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

    /// Transcripts: GTF, GFF3 or BED
    #[arg(long, value_name = "FILE")]
    genes: Option<PathBuf>,

    /// Bases before a transcript that count as its promoter
    #[arg(long, value_name = "N", default_value_t = DEFAULT_UPSTREAM, requires = "genes")]
    upstream: u64,

    /// Regions: BED with the class in its name, or one class for all its rows
    #[arg(long, value_name = "[CLASS=]BED")]
    regions: Vec<String>,

    /// Repeats: BED, rmsk or RepeatMasker's .out, or BED with one class for all its rows
    #[arg(long, value_name = "[CLASS=]FILE")]
    repeats: Vec<String>,

    /// Find tandem repeats in the reference
    #[arg(long, requires = "fasta")]
    tandem_repeats: bool,

    /// Take lower case in the reference for a transposon
    #[arg(long, requires = "fasta")]
    soft_mask: bool,
}

pub(crate) fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let (input, output) = (
        required(&args.vcf, "--vcf")?,
        required(&args.output, "--output")?,
    );
    let has_source = args.genes.is_some() || args.tandem_repeats || args.soft_mask;
    if !has_source && args.regions.is_empty() && args.repeats.is_empty() {
        let message = "nothing to annotate from: give `--genes`, `--regions`, `--repeats`, \
                       `--tandem-repeats` or `--soft-mask`";
        return Err(UsageError(message.to_owned()).into());
    }
    let sources = sources(args)?;
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
    if args.genes.is_some() && report.annotated > 0 && report.consequences.is_empty() {
        warn_of_other_contigs();
    }
    let report = report_json(&report, report_of_sources);
    writeln!(io::stdout(), "{}", summary_json(&report)).map_err(Failure::stdout)
}

/// Every variant on a contig that has genes gets a consequence, if only that of lying between them.
#[expect(clippy::print_stderr, reason = "warnings stand beside the data")]
fn warn_of_other_contigs() {
    eprintln!("warning: no variant lies on a contig that `--genes` names");
}

fn sources(args: &Args) -> Result<AnnotationSources, Failure> {
    let regions: Vec<_> = args.regions.iter().map(|text| labelled(text)).collect();
    let repeats: Vec<_> = args.repeats.iter().map(|text| labelled(text)).collect();
    Ok(AnnotationSources {
        fasta: args.fasta.as_ref().map(Fasta::open).transpose()?,
        genes: args.genes.as_ref().map(Genes::open).transpose()?,
        upstream: args.upstream,
        regions: match regions.as_slice() {
            [] => None,
            files => Some(Labelled::<RegionClass>::regions(files)?),
        },
        repeats: match repeats.as_slice() {
            [] => None,
            files => Some(Labelled::<RepeatClass>::repeats(files)?),
        },
        tandem_repeats: args.tandem_repeats,
        soft_mask: args.soft_mask,
    })
}

/// `enhancer=peaks.bed`, or a file alone, of which the name may hold a `=` as well.
fn labelled<C: std::str::FromStr>(text: &str) -> LabelledFile<C> {
    let split = text.split_once('=');
    let with_class = split.and_then(|(class, path)| Some((class.parse().ok()?, path)));
    let (class, path) = match with_class {
        Some((class, path)) => (Some(class), path),
        None => (None, text),
    };
    let path = path.into();
    LabelledFile { path, class }
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
