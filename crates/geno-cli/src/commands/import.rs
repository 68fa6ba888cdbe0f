//! `geno-lewm import`: turn the raw data of a testing service into a VCF.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::ValueEnum;
use geno_app::config::Settings;
use geno_data::{Build, Fasta, ImportRawData, ImportReport, RawDataProvider, StrandRule, VcfIndex};
use geno_provenance::{summary_json, write_atomic};

use crate::{
    failure::{Failure, required},
    interrupt,
    progress::Bar,
};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The service that the file is of
    #[arg(value_name = "SERVICE", required_unless_present_any = ["print_config", "explain"])]
    service: Option<Service>,

    /// The file as it was downloaded: text, gzip, or zip with one file in it; `-` for standard input
    #[arg(value_name = "FILE", required_unless_present_any = ["print_config", "explain"])]
    input: Option<PathBuf>,

    /// The VCF; compressed and indexed if its name ends in .gz
    #[arg(long, value_name = "FILE", required_unless_present_any = ["print_config", "explain"])]
    output: Option<PathBuf>,

    /// Reference of the build of the file, plain or bgzip: gives REF, contigs and their order
    #[arg(long, value_name = "FASTA")]
    fasta: Option<PathBuf>,

    /// Alleles known at sites: a VCF, or rows of CHROM, POS, REF and, if known, ALT and ID; gives
    /// REF without a FASTA, the bases of indels, and what alternates there are
    #[arg(long, value_name = "FILE")]
    alleles: Option<PathBuf>,

    /// Build that the file must be of: 36, 37 or 38 [default: what its markers and comments say]
    #[arg(long, value_name = "BUILD")]
    build: Option<Build>,

    /// What is done with calls that fit the reference on the other strand alone
    #[arg(long, value_name = "RULE", default_value = "plus")]
    strand: Strand,

    /// Name of the sample in the VCF
    #[arg(long, value_name = "NAME", default_value = "sample")]
    sample: String,

    /// Also write positions where every allele is the reference's
    #[arg(long)]
    include_ref: bool,

    /// Rows that are set aside [default: OUTPUT.rejected.jsonl]
    #[arg(long, value_name = "FILE")]
    rejected: Option<PathBuf>,

    /// The report as a file, too
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,

    /// Fail at the first row that would be set aside
    #[arg(long)]
    strict: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Service {
    #[value(name = "23andme")]
    TwentyThreeAndMe,
    Ancestry,
    /// Also files of FamilyTreeDNA
    Myheritage,
    Sequencing,
}

#[derive(Clone, Copy, ValueEnum)]
enum Strand {
    /// Leave them and flag them
    Plus,
    /// Complement them and flag them; never A/T and C/G sites
    Auto,
}

pub(crate) fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let output = required(&args.output, "--output")?;
    let beside = || {
        let mut name = output.as_os_str().to_owned();
        name.push(".rejected.jsonl");
        PathBuf::from(name)
    };
    let rejected = args.rejected.clone().unwrap_or_else(beside);
    let fasta = args.fasta.as_ref().map(Fasta::open).transpose()?;
    let provider = match required(&args.service, "SERVICE")? {
        Service::TwentyThreeAndMe => RawDataProvider::TwentyThreeAndMe,
        Service::Ancestry => RawDataProvider::Ancestry,
        Service::Myheritage => RawDataProvider::MyHeritage,
        Service::Sequencing => RawDataProvider::Sequencing,
    };
    let import = ImportRawData {
        provider,
        input: required(&args.input, "FILE")?,
        output,
        rejected: Some(&rejected),
        fasta: fasta.as_ref(),
        alleles: args.alleles.as_deref(),
        build: args.build,
        strand: match args.strand {
            Strand::Plus => StrandRule::Plus,
            Strand::Auto => StrandRule::Auto,
        },
        sample: &args.sample,
        include_reference: args.include_ref,
        strict: args.strict,
    };
    let quiet = settings.observability.quiet;
    let bar = Bar::new(quiet);
    let report = import.run(
        |file| bar.show_file(file, "read".to_owned()),
        interrupt::catch(),
    )?;
    bar.finish();
    let report = report.ok_or(Failure::Interrupted)?;
    if !quiet {
        tell(&report);
    }
    let json = summary_json(&report.to_json());
    if let Some(path) = &args.report {
        write_atomic(path, |file| writeln!(file, "{json}"))?;
    }
    writeln!(io::stdout(), "{json}").map_err(Failure::stdout)
}

/// Says on standard error what an import did.
#[expect(clippy::print_stderr, reason = "a summary beside the data")]
fn tell(report: &ImportReport) {
    let counts = &report.counts;
    let n_rejected: u64 = report.rejected.values().sum();
    let sidecar = match &report.rejected_path {
        Some(path) => format!(", see `{}`", path.display()),
        None => String::new(),
    };
    let build = report.build.map_or("an unknown build", Build::name);
    eprintln!(
        "{} records from {} rows of {} ({build}), {n_rejected} rejected{sidecar}",
        counts.written, counts.rows, report.provider
    );
    for (code, n) in &report.rejected {
        eprintln!("  {n} {code}");
    }
    for (n, what) in [
        (counts.reference, "equal the reference"),
        (counts.no_calls + counts.half_calls, "without a call"),
        (counts.unplaced, "without a place"),
        (counts.indels_unresolved, "indels without bases"),
        (counts.repeated, "say what another row says"),
        (counts.strand_ambiguous, "read alike on both strands"),
        (counts.strand_flipped, "complemented"),
        (
            counts.strand_suspect,
            "fit the reference on the other strand alone",
        ),
    ] {
        if n > 0 {
            eprintln!("  {n} {what}");
        }
    }
    if let VcfIndex::Plain = report.index {
        eprintln!("no index: the name of the VCF does not end in .gz");
    }
}
