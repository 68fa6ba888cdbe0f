//! `geno-lewm prepare-clinvar`: make a shard of ClinVar's variants.

use geno_app::config::Settings;
use geno_data::PrepareClinvar;

use crate::{
    failure::{Failure, required},
    shard_args::ShardArgs,
};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    shard: ShardArgs,

    /// Release to file the shard under, such as 2026-04-15
    #[arg(long, value_name = "NAME", required_unless_present_any = ["print_config", "explain"])]
    release: Option<String>,
}

pub(crate) fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let prepare = PrepareClinvar {
        files: args.shard.files(required(&args.release, "--release")?)?,
    };
    args.shard.run(settings, |on_progress| {
        let report = prepare.run(on_progress)?;
        Ok(report.map(|report| report.to_json()))
    })
}
