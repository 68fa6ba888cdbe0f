//! `cargo xtask v02`: the benchmarks of a release, run in one order and held against one list.

use anyhow::Result;

use crate::{Verdict, readiness, speed, speed_scope, suite};

/// The version whose gates of the registry are asked for.
pub(crate) const VERSION: &str = "0.2";

#[derive(clap::Subcommand)]
pub(crate) enum Task {
    /// Write the manifest of a suite to fill in, from the registry of benchmarks
    #[command(after_help = "\
Example:
  cargo xtask v02 template --output configs/first_experiment/benchmark_suite.json")]
    Template(suite::TemplateArgs),
    /// Plan the runs of a suite, or run them one after the other
    #[command(after_help = "\
Example:
  cargo xtask v02 suite --manifest target/first_experiment/benchmark_suite.json \\
      --output-report target/first_experiment/suite_report.json --execute")]
    Suite(suite::SuiteArgs),
    /// Report how much faster a rollout is than computing each of its prefixes again, from `cargo xtask bench`
    #[command(after_help = "\
Example:
  cargo xtask bench rollout > target/rollout.jsonl
  cargo xtask v02 speed --bench-jsonl target/rollout.jsonl --model-dir target/first_experiment/model \\
      --output-json target/first_experiment/rollout_speed.json")]
    Speed(speed::SpeedArgs),
    /// Record the decision to go on with another target than the one that was missed
    #[command(after_help = "\
Example:
  cargo xtask v02 speed-scope --rollout-speed-report target/first_experiment/rollout_speed.json \\
      --accepted-by 'A. Maintainer' --accepted-at 2026-06-01T00:00:00Z \\
      --decision-url https://example.org/decisions/1 --rationale 'Steps are small.' \\
      --replacement-target 'Twice as fast at 20 edits.' \\
      --output-json target/first_experiment/rollout_speed_scope.json")]
    SpeedScope(speed_scope::ScopeArgs),
    /// Say of every benchmark whether it was measured, met its target, and beat its baseline
    #[command(after_help = "\
Example:
  cargo xtask v02 readiness --model-dir target/first_experiment/model \\
      --metrics-json target/first_experiment/eval_metrics.json \\
      --efficiency-report target/first_experiment/efficiency_report.json \\
      --suite-report target/first_experiment/suite_report.json \\
      --output-json target/first_experiment/readiness.json --require-ok")]
    Readiness(readiness::ReadinessArgs),
    /// Check the report of readiness, what it was made from, and the table by making both again
    #[command(after_help = "\
Example:
  cargo xtask v02 verify --readiness target/first_experiment/readiness.json")]
    Verify(readiness::VerifyArgs),
}

pub(crate) fn run(task: &Task) -> Result<Verdict> {
    match task {
        Task::Template(args) => suite::template(args),
        Task::Suite(args) => suite::run(args),
        Task::Speed(args) => speed::run(args),
        Task::SpeedScope(args) => speed_scope::run(args),
        Task::Readiness(args) => readiness::run(args),
        Task::Verify(args) => readiness::verify::run(args),
    }
}
