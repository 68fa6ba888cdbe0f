//! `cargo xtask v02 readiness`: of every benchmark whether it was measured, met its target, and beat its
//! baseline.

mod make;
mod measured;
mod names;
pub(crate) mod report;
mod requirement;
mod row;
mod sources;
pub(crate) mod table;
pub(crate) mod verify;

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::{Verdict, run_args::RunArgs};

#[derive(clap::Args)]
pub(crate) struct ReadinessArgs {
    /// The model
    #[arg(long, value_name = "DIR")]
    model_dir: PathBuf,
    /// Metrics of all benchmarks, of `geno-lewm eval-all`
    #[arg(long, value_name = "FILE")]
    metrics_json: PathBuf,
    /// Report of `cargo xtask efficiency measure`
    #[arg(long, value_name = "FILE")]
    efficiency_report: Option<PathBuf>,
    /// Report of `cargo xtask v02 speed`
    #[arg(long, value_name = "FILE")]
    rollout_speed_report: Option<PathBuf>,
    /// Report of `cargo xtask v02 speed-scope`, about the report of the speed
    #[arg(long, value_name = "FILE", requires = "rollout_speed_report")]
    rollout_speed_scope_report: Option<PathBuf>,
    /// Report of `cargo xtask v02 suite`
    #[arg(long, value_name = "FILE")]
    suite_report: Option<PathBuf>,
    /// The report; its table for people lies beside it. All other files lie in its folder
    #[arg(long, value_name = "FILE")]
    output_json: PathBuf,
    /// Fail unless all is measured, and every target is met or was changed by a decision
    #[arg(long)]
    require_ok: bool,
    #[command(flatten)]
    run: RunArgs,
}

#[derive(clap::Args)]
pub(crate) struct VerifyArgs {
    /// The report of readiness; what it was made from lies in its folder
    #[arg(long, value_name = "FILE")]
    readiness: PathBuf,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

/// Makes the report and its table.
pub(crate) fn run(args: &ReadinessArgs) -> Result<Verdict> {
    let report = make::run(args)?;
    for issue in report.issues() {
        println!("{issue}");
    }
    println!("{}", args.output_json.display());
    Ok(match report.is_ok() || !args.require_ok {
        true => Verdict::Holds,
        false => Verdict::Fails,
    })
}

/// The table of a report, beside it.
fn table_of(report: &Path) -> PathBuf {
    report.with_extension("md")
}
