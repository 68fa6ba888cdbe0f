//! `geno-lewm prepare-gnomad`: make a shard of gnomAD's variants.

use geno_app::config::Settings;
use geno_data::PrepareGnomad;

use crate::{failure::Failure, shard_args::ShardArgs};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    shard: ShardArgs,

    /// Release to file the shard under
    #[arg(long, value_name = "NAME", default_value = "v4.1")]
    release: String,

    /// Least frequency of an allele that is taken
    #[arg(long, value_name = "AF", default_value_t = 0.01)]
    min_af: f64,

    /// Also take rows whose FILTER is `.`: no filter was applied to them
    #[arg(long)]
    allow_unfiltered: bool,
}

pub(crate) fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let prepare = PrepareGnomad {
        files: args.shard.files(&args.release)?,
        min_af: args.min_af,
        allow_unfiltered: args.allow_unfiltered,
    };
    args.shard.run(settings, |on_progress| {
        let report = prepare.run(on_progress)?;
        Ok(report.map(|report| report.to_json()))
    })
}
