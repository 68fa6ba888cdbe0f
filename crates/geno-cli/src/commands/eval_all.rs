//! `geno-lewm eval-all`: put evaluations together, and check that nothing is missing.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use geno_core::{Coded, Digest, ErrorCode};
use geno_eval::{EvaluationReport, Gate, MetricsDocument, NamedDocument, ReadDocumentError};
use geno_provenance::{Json, Label, indented_json, summary_json, write_atomic};

use crate::{
    failure::{Failure, ReadError, required},
    report_args::{artifact_root, inside},
};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Documents of `eval`, `rollout` or `eval-all`
    #[arg(value_name = "METRICS", required_unless_present_any = ["metrics_json", "print_config", "explain"])]
    inputs: Vec<PathBuf>,

    /// The same; may be repeated
    #[arg(long, value_name = "FILE")]
    metrics_json: Vec<PathBuf>,

    /// All of them as one document
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present_any = ["print_config", "explain"]
    )]
    output_metrics: Option<PathBuf>,

    /// The same as a report to read, Markdown
    #[arg(
        long,
        visible_alias = "output",
        value_name = "FILE",
        required_unless_present_any = ["print_config", "explain"]
    )]
    output_report: Option<PathBuf>,

    /// Refuse unless all metrics of variant effects that version 0.2 of the Python package asks for are
    /// there
    #[arg(long)]
    require_v02_vep_metrics: bool,

    /// Refuse unless all metrics of rollouts that it asks for are there
    #[arg(long)]
    require_v02_rollout_metrics: bool,
}

/// A file is no document of metrics.
#[derive(Debug, thiserror::Error)]
#[error("`{}` is no document of metrics", path.display())]
struct NotMetrics {
    path: PathBuf,
    source: ReadDocumentError,
}

impl Coded for NotMetrics {
    fn code(&self) -> ErrorCode {
        self.source.code()
    }
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let output = required(&args.output_metrics, "--output-metrics")?;
    let report = required(&args.output_report, "--output-report")?;
    let root = artifact_root(None, output);
    let (mut inputs, mut digests) = (Vec::new(), Vec::new());
    for path in args.inputs.iter().chain(&args.metrics_json) {
        let (document, digest) = read(path)?;
        digests.push((path, digest));
        let path = inside(&root, path, &path.display().to_string())?;
        inputs.push(NamedDocument { path, document });
    }
    let n_inputs = inputs.len() as u64;
    let mut merged = MetricsDocument::merge(inputs)?;
    let mut config_path = output.as_os_str().to_owned();
    config_path.push(".config.json");
    let config_path = PathBuf::from(config_path);
    let key = Label::new("eval_config")?;
    merged
        .artifacts
        .insert(key, inside(&root, &config_path, "eval_config")?);
    for (is_asked, gate) in [
        (args.require_v02_vep_metrics, Gate::V02Vep),
        (args.require_v02_rollout_metrics, Gate::V02Rollout),
    ] {
        if is_asked {
            gate.check(&merged)?;
        }
    }
    write(&config_path, &config(args, &digests))?;
    write(report, &EvaluationReport(&merged).to_string())?;
    write(output, &merged.to_json())?;
    let text = |path: &Path| Json::from(path.display().to_string());
    let summary = Json::object([
        ("eval_config", text(&config_path)),
        ("metrics_json", text(output)),
        ("eval_report", text(report)),
        ("inputs", n_inputs.into()),
        ("metrics", (merged.metrics.len() as u64).into()),
    ]);
    writeln!(io::stdout(), "{}", summary_json(&summary)).map_err(Failure::stdout)
}

fn read(path: &Path) -> Result<(MetricsDocument, Digest), Failure> {
    let bytes = fs::read(path).map_err(|source| ReadError {
        path: path.to_owned(),
        source,
    })?;
    let document = MetricsDocument::parse(&bytes).map_err(|source| NotMetrics {
        path: path.to_owned(),
        source,
    })?;
    Ok((document, Digest::of(&bytes)))
}

/// What was put together, and what was asked of it.
fn config(args: &Args, inputs: &[(&PathBuf, Digest)]) -> String {
    let inputs = inputs.iter().map(|(path, digest)| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Json::object([("file", Json::from(&*name)), ("sha256", (*digest).into())])
    });
    let fields = [
        ("schema_version", Json::from("1.0.0")),
        ("generated_by", "geno-lewm-eval-all".into()),
        ("inputs", Json::Array(inputs.collect())),
        (
            "require_v02_vep_metrics",
            args.require_v02_vep_metrics.into(),
        ),
        (
            "require_v02_rollout_metrics",
            args.require_v02_rollout_metrics.into(),
        ),
    ];
    indented_json(&Json::object(fields)) + "\n"
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    Ok(write_atomic(path, |file| file.write_all(text.as_bytes()))?)
}
