//! What the commands that make shards have in common.

use std::{
    io::{self, Write},
    ops::ControlFlow,
    path::PathBuf,
};

use geno_app::config::Settings;
use geno_data::{PrepareShard, PrepareShardError, ShardProgress};
use geno_provenance::write_atomic;

use crate::{
    failure::{Failure, UsageError, required},
    interrupt,
    progress::Bar,
};

/// Hears of progress, and says whether to go on.
pub(crate) type OnProgress<'a> = &'a mut dyn FnMut(ShardProgress) -> ControlFlow<()>;

#[derive(clap::Args)]
pub(crate) struct ShardArgs {
    /// Variants: plain, gzip or bgzip, `-` for standard input
    #[arg(
        long,
        visible_alias = "vcf",
        value_name = "VCF",
        required_unless_present_any = ["print_config", "explain"]
    )]
    input_vcf: Option<PathBuf>,

    /// Folder of the data sets; the shard goes to KIND/RELEASE/variants.parquet in it
    #[arg(long, value_name = "DIR", required_unless_present_any = ["print_config", "explain"])]
    output: Option<PathBuf>,

    /// Longest REF and ALT that are taken, in bases
    #[arg(long, value_name = "N", default_value_t = 16)]
    max_allele_len: usize,

    /// Replace a shard of another file or of other settings
    #[arg(long)]
    overwrite: bool,

    /// Rows that cannot be parsed [default: beside the shard]
    #[arg(long, value_name = "FILE")]
    rejected: Option<PathBuf>,

    /// The report as a file, too
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

impl ShardArgs {
    /// From what and to where.
    pub(crate) fn files<'a>(&'a self, release: &'a str) -> Result<PrepareShard<'a>, UsageError> {
        Ok(PrepareShard {
            vcf: required(&self.input_vcf, "--input-vcf")?,
            output: required(&self.output, "--output")?,
            release,
            max_allele_len: self.max_allele_len,
            overwrite: self.overwrite,
            rejected: self.rejected.as_deref(),
        })
    }

    /// Makes a shard under a progress bar and prints the report that it gives.
    pub(crate) fn run(
        &self,
        settings: &Settings,
        prepare: impl FnOnce(OnProgress<'_>) -> Result<Option<String>, PrepareShardError>,
    ) -> Result<(), Failure> {
        let bar = Bar::new(settings.observability.quiet);
        let interrupted = interrupt::catch();
        let report = prepare(&mut |progress| {
            let (read, written) = (progress.records_read, progress.records_written);
            bar.show_file(progress.file, format!("{read} rows, {written} alleles"));
            interrupt::flow(interrupted)
        })?;
        bar.finish();
        let report = report.ok_or(Failure::Interrupted)?;
        if let Some(path) = &self.report {
            write_atomic(path, |file| writeln!(file, "{report}"))?;
        }
        writeln!(io::stdout(), "{report}").map_err(Failure::stdout)
    }
}
