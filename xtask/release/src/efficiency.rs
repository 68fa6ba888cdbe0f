//! `cargo xtask efficiency`: how fast the program scores, and in how much memory.

pub(crate) mod measure;

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};
use geno_core::Digest;
use geno_provenance::{
    FieldError, Fields, Json, Label,
    release::{Claim, Report, ReportBody},
};

pub(crate) use self::measure::hardware;
use crate::{Verdict, issues::Issues, run_args::RunArgs};

#[derive(clap::Subcommand)]
pub(crate) enum Task {
    /// Score one variant and a whole file again and again, as users do, and report the medians
    #[command(after_help = "\
Example:
  cargo xtask efficiency measure --model-dir fixtures/demo/model \\
      --vcf fixtures/demo/variants.vcf --fasta fixtures/demo/GRCh37.20.fa.gz \\
      --output-json target/release/efficiency_report.json")]
    Measure(MeasureArgs),
    /// Check a report: its form, what follows from its samples, and the files it is of
    #[command(after_help = "\
Example:
  cargo xtask efficiency check --input-json target/release/efficiency_report.json \\
      --model-dir fixtures/demo/model")]
    Check(CheckArgs),
}

#[derive(clap::Args)]
pub(crate) struct MeasureArgs {
    /// The model
    #[arg(long, value_name = "DIR")]
    pub(crate) model_dir: PathBuf,
    /// Variants of the batch; its first is the single variant
    #[arg(long, value_name = "FILE")]
    pub(crate) vcf: PathBuf,
    /// The reference
    #[arg(long, value_name = "FILE")]
    pub(crate) fasta: PathBuf,
    /// The data set that the model was trained on: its class is inherited
    #[arg(long, value_name = "DIR")]
    pub(crate) dataset_dir: Option<PathBuf>,
    /// The report
    #[arg(long, value_name = "FILE")]
    pub(crate) output_json: PathBuf,
    /// Runs that count
    #[arg(long, default_value_t = 20)]
    pub(crate) samples: u32,
    /// Runs before those
    #[arg(long, default_value_t = 3)]
    pub(crate) warmup: u32,
    /// The machine in words [default: system, threads and instructions]
    #[arg(long, value_name = "TEXT")]
    pub(crate) hardware: Option<String>,
    /// Another program than the one built with this one; what it measures is no evidence
    #[arg(long, value_name = "FILE")]
    pub(crate) program: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(clap::Args)]
pub(crate) struct CheckArgs {
    /// The report
    #[arg(long, value_name = "FILE")]
    input_json: PathBuf,
    /// The model that it has to be of
    #[arg(long, value_name = "DIR")]
    model_dir: PathBuf,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(task: &Task) -> Result<Verdict> {
    match task {
        Task::Measure(args) => measure::run(args),
        Task::Check(args) => {
            let mut issues = Issues::default();
            check(args, &mut issues)?;
            Ok(issues.tell(format!("`{}`", args.input_json.display()), args.json))
        }
    }
}

fn check(args: &CheckArgs, issues: &mut Issues) -> Result<()> {
    let name = "efficiency_report.json";
    let bytes = fs::read(&args.input_json)
        .with_context(|| format!("cannot read `{}`", args.input_json.display()))?;
    let report = match Report::<Efficiency>::parse(&bytes) {
        Ok(report) => report,
        Err(error) => {
            let error = anyhow::Error::from(error);
            issues.error("model.efficiency.unreadable", name, format!("{error:#}"));
            return Ok(());
        }
    };
    let manifest = measure::manifest(&args.model_dir)?;
    let identity = report.draft().identity.as_ref();
    if identity.is_none_or(|identity| identity.weights_id != manifest.weights_id()) {
        issues.error(
            "model.efficiency.identity",
            name,
            "is of other weights than the model",
        );
    }
    issues.extend(report.issues());
    Ok(())
}

/// What `efficiency_report.json` holds. Everything that is reported follows from the samples.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Efficiency {
    /// What the program computed on.
    pub(crate) backend: Label,
    /// Runs that were not counted.
    pub(crate) warmup: u64,
    /// Variants of the batch that were scored.
    pub(crate) variants: u64,
    /// Nanoseconds of each run with one variant, the start of the program among them.
    pub(crate) single_ns: Vec<u64>,
    /// Nanoseconds of each run with the whole batch.
    pub(crate) batch_ns: Vec<u64>,
    /// Most memory of each run with the whole batch.
    pub(crate) peak_memory_bytes: Vec<u64>,
    /// Digest of the program's file.
    pub(crate) program: Digest,
}

impl Efficiency {
    /// Milliseconds of one variant by itself.
    pub(crate) fn single_variant_latency_ms(&self) -> f64 {
        median(&self.single_ns) / 1e6
    }

    /// Variants of a batch a second, the start of the program included.
    pub(crate) fn batched_throughput(&self) -> f64 {
        self.variants as f64 / (median(&self.batch_ns) / 1e9)
    }

    /// Most memory of any run, in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        self.peak_memory_bytes
            .iter()
            .copied()
            .max()
            .unwrap_or_default()
    }
}

/// The median; the mean of the two in the middle of an even number.
pub(crate) fn median(samples: &[u64]) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable();
    match sorted.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => sorted[n / 2] as f64,
        n => (sorted[n / 2 - 1] as f64 + sorted[n / 2] as f64) / 2.0,
    }
}

impl ReportBody for Efficiency {
    const PRODUCER: &'static str = "xtask.efficiency.measure";
    const CLAIMS: &'static [Claim] = &[Claim::NoDeploymentReadiness, Claim::TimingIsNotQuality];
    const NEEDS_FINDINGS: bool = false;

    fn take(fields: &mut Fields) -> Result<Self, FieldError> {
        let mut samples = fields.object("samples")?;
        let mut list = |key: &str| {
            let list = samples.unsigneds(key)?;
            let is_usable = !list.is_empty() && list.iter().all(|&sample| sample > 0);
            is_usable.then_some(list).ok_or_else(|| FieldError::Value {
                field: format!("body.samples.{key}"),
                expected: "a list of numbers above zero",
            })
        };
        let (single_ns, batch_ns) = (list("single_ns")?, list("batch_ns")?);
        let peak_memory_bytes = list("peak_memory_bytes")?;
        samples.finish()?;
        // What is derived; the reader compares it.
        fields.value("measurements")?;
        Ok(Self {
            backend: fields.label("backend")?,
            warmup: fields.unsigned("warmup")?,
            variants: fields.unsigned("variants")?,
            single_ns,
            batch_ns,
            peak_memory_bytes,
            program: fields.digest("program_sha256")?,
        })
    }

    fn to_json(&self) -> Json {
        let list = |samples: &[u64]| Json::Array(samples.iter().map(|&n| n.into()).collect());
        let number = |value: f64| Json::float(value).unwrap_or(Json::Null);
        Json::object([
            ("backend", Json::from(&self.backend)),
            ("warmup", self.warmup.into()),
            ("variants", self.variants.into()),
            ("program_sha256", self.program.into()),
            (
                "samples",
                Json::object([
                    ("single_ns", list(&self.single_ns)),
                    ("batch_ns", list(&self.batch_ns)),
                    ("peak_memory_bytes", list(&self.peak_memory_bytes)),
                ]),
            ),
            (
                "measurements",
                Json::object([
                    (
                        "single_variant_latency_ms",
                        number(self.single_variant_latency_ms()),
                    ),
                    (
                        "batched_throughput_variants_per_s",
                        number(self.batched_throughput()),
                    ),
                    ("peak_memory_bytes", self.peak_memory().into()),
                ]),
            ),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reported_follows_from_the_samples() {
        let efficiency = Efficiency {
            backend: Label::new("native").unwrap(),
            warmup: 1,
            variants: 120,
            single_ns: vec![3_000_000, 1_000_000, 8_000_000],
            batch_ns: vec![2_000_000_000, 1_000_000_000],
            peak_memory_bytes: vec![5, 9, 7],
            program: Digest::of(b"program"),
        };
        assert_eq!(efficiency.single_variant_latency_ms(), 3.0);
        assert_eq!(efficiency.batched_throughput(), 80.0);
        let json = efficiency.to_json();
        let peak = json.get("measurements").unwrap().get("peak_memory_bytes");
        assert_eq!(peak.and_then(Json::as_u64), Some(9));
        let mut fields = Fields::of_document(json).unwrap();
        assert_eq!(Efficiency::take(&mut fields), Ok(efficiency));
    }
}
