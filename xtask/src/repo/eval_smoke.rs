//! `repo eval-smoke`: the program evaluates ten made-up rows and has to come to what they say.
//!
//! It shows that the command works from files to metrics, and nothing of any model.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use geno_core::Digest;
use serde_json::{Value, json};

use super::{Verdict, now};
use crate::workspace::root;

/// What the summary says of itself.
const BOUNDARY: &str = "Ten made-up rows went through the command that evaluates. No model was run: this is no evidence of \
     what a model can do, and no part of a release.";

/// The scores of rows that are positive where the number is odd: apart by 0.8.
const SCORES: [f64; 10] = [0.02, 0.91, 0.04, 0.93, 0.06, 0.95, 0.08, 0.97, 0.1, 0.99];

/// Scores to compare with, which put 17 of the 25 pairs in order: an AUROC of 0.68.
const BASELINE: [f64; 10] = [0.1, 0.9, 0.8, 0.2, 0.3, 0.7, 0.6, 0.4, 0.5, 0.95];

const FILES: [&str; 4] = [
    "scores.jsonl",
    "labels.jsonl",
    "baseline.jsonl",
    "metrics.json",
];

#[derive(clap::Args)]
#[command(after_help = "Example:
  cargo xtask repo eval-smoke --summary-json target/eval-smoke.json")]
pub(super) struct Args {
    /// Folder for the made-up files [default: target/eval-smoke]
    #[arg(long, value_name = "DIR")]
    work_dir: Option<PathBuf>,

    /// Program to run [default: that of the workspace, built for development]
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,

    /// Where the summary goes [default: standard output]
    #[arg(long, value_name = "FILE")]
    summary_json: Option<PathBuf>,

    #[command(flatten)]
    least: Least,
}

/// What the metrics have to reach.
#[derive(clap::Args)]
struct Least {
    #[arg(long, value_name = "X", default_value_t = 0.95)]
    min_auroc: f64,

    #[arg(long, value_name = "X", default_value_t = 0.95)]
    min_average_precision: f64,

    #[arg(long, value_name = "X", default_value_t = 0.95)]
    min_balanced_accuracy: f64,

    /// Above the baseline's
    #[arg(long, value_name = "X", default_value_t = 0.05)]
    min_auroc_delta: f64,
}

/// A metric: what was found, and the least that it has to be.
type Measured = BTreeMap<&'static str, (f64, f64)>;

pub(super) fn run(args: &Args) -> Result<Verdict> {
    let folder = args.work_dir.clone();
    let folder = folder.unwrap_or_else(|| root().join("target/eval-smoke"));
    fs::create_dir_all(&folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
    for (name, text) in made_up() {
        fs::write(folder.join(name), text).with_context(|| format!("cannot write `{name}`"))?;
    }
    evaluate(args, &folder)?;
    let text =
        fs::read_to_string(folder.join("metrics.json")).context("no metrics were written")?;
    let document: Value = serde_json::from_str(&text).context("the metrics are not JSON")?;
    let measured = measured(&document, &args.least)?;
    let regressions = regressions(&measured);
    let artifacts = FILES.map(|name| identity(&folder, name));
    let artifacts = artifacts.into_iter().collect::<Result<Vec<_>>>()?;
    let summary = summary(&measured, &regressions, &artifacts)?;
    match &args.summary_json {
        Some(path) => fs::write(path, summary + "\n")
            .with_context(|| format!("cannot write `{}`", path.display()))?,
        None => println!("{summary}"),
    }
    Ok(Verdict::of(&regressions))
}

/// The files that are evaluated.
fn made_up() -> [(&'static str, String); 3] {
    let rows = |field: &str, value: fn(usize) -> Value| {
        let row = |i: usize| {
            let mut row = json!({ "chrom": "1", "pos": 100 + i, "ref": "A", "alt": "G" });
            row[field] = value(i);
            format!("{row}\n")
        };
        (0..SCORES.len()).map(row).collect::<String>()
    };
    [
        (
            "scores.jsonl",
            rows("sigma_calibrated", |i| json!(SCORES[i])),
        ),
        ("labels.jsonl", rows("label", |i| json!(i % 2))),
        ("baseline.jsonl", rows("score", |i| json!(BASELINE[i]))),
    ]
}

fn evaluate(args: &Args, folder: &Path) -> Result<()> {
    let mut command = match &args.program {
        Some(program) => Command::new(program.canonicalize().context("there is no such program")?),
        None => {
            let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
            let manifest = root().canonicalize()?.join("Cargo.toml");
            cargo.args(["run", "--quiet", "--package", "geno-cli", "--manifest-path"]);
            cargo.arg(manifest).arg("--");
            cargo
        }
    };
    command.args([
        "eval",
        "--scores",
        "scores.jsonl",
        "--labels",
        "labels.jsonl",
    ]);
    command.args([
        "--baseline",
        "made_up=baseline.jsonl:score",
        "--split",
        "smoke",
    ]);
    command.args([
        "--bootstrap-resamples",
        "0",
        "--output",
        "metrics.json",
        "--quiet",
    ]);
    let output = command
        .current_dir(folder)
        .output()
        .context("cannot run the program")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`geno-lewm eval`: {}", said.trim());
    Ok(())
}

/// What the metrics say, beside what they have to be.
fn measured(document: &Value, least: &Least) -> Result<Measured> {
    let rows = document["metrics"]
        .as_array()
        .context("there are no metrics")?;
    let value = |name: &str, field: &str| {
        let row = rows.iter().find(|row| row["name"] == json!(name));
        let value = row.and_then(|row| row[field].as_f64());
        value.with_context(|| format!("`{name}` has no `{field}`"))
    };
    Ok(BTreeMap::from([
        ("auroc", (value("auroc", "value")?, least.min_auroc)),
        (
            "average_precision",
            (
                value("average_precision", "value")?,
                least.min_average_precision,
            ),
        ),
        (
            "balanced_accuracy",
            (
                value("balanced_accuracy", "value")?,
                least.min_balanced_accuracy,
            ),
        ),
        (
            "auroc_delta",
            (value("auroc", "delta_vs_baseline")?, least.min_auroc_delta),
        ),
    ]))
}

fn regressions(measured: &Measured) -> Vec<String> {
    // A metric that is no number is below everything.
    let below = measured
        .iter()
        .filter(|(_, (found, least))| found.is_nan() || found < least);
    below
        .map(|(name, (found, least))| format!("`{name}` is {found}, less than {least}"))
        .collect()
}

fn identity(folder: &Path, name: &str) -> Result<Value> {
    let bytes = fs::read(folder.join(name)).with_context(|| format!("cannot read `{name}`"))?;
    Ok(json!({ "path": name, "sha256": Digest::of(&bytes).to_string(), "size_bytes": bytes.len() }))
}

fn summary(measured: &Measured, regressions: &[String], artifacts: &[Value]) -> Result<String> {
    let part = |of: fn(&(f64, f64)) -> f64| -> BTreeMap<_, _> {
        measured
            .iter()
            .map(|(name, both)| (*name, of(both)))
            .collect()
    };
    Ok(serde_json::to_string_pretty(&json!({
        "schema_version": "1.0.0",
        "generated_by": "xtask.repo.eval-smoke",
        "generated_at": now()?.to_string(),
        "ok": regressions.is_empty(),
        "thresholds": part(|both| both.1),
        "observed": part(|both| both.0),
        "regressions": regressions,
        "artifacts": artifacts,
        "real_model_path": "not_attempted",
        "claim_boundary": BOUNDARY,
    }))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: Least = Least {
        min_auroc: 0.95,
        min_average_precision: 0.95,
        min_balanced_accuracy: 0.95,
        min_auroc_delta: 0.05,
    };

    fn document(auroc: f64, delta: f64) -> Value {
        json!({ "metrics": [
            { "name": "auroc", "value": auroc, "delta_vs_baseline": delta },
            { "name": "average_precision", "value": 1.0 },
            { "name": "balanced_accuracy", "value": 0.95 },
        ] })
    }

    #[test]
    fn what_falls_short_is_named() {
        let found = |auroc, delta| regressions(&measured(&document(auroc, delta), &LEAST).unwrap());
        assert_eq!(found(1.0, 0.32), Vec::<String>::new());
        assert_eq!(found(0.9, 0.32), ["`auroc` is 0.9, less than 0.95"]);
        assert_eq!(found(1.0, -0.1), ["`auroc_delta` is -0.1, less than 0.05"]);
        let nothing = BTreeMap::from([("auroc", (f64::NAN, 0.0))]);
        assert_eq!(regressions(&nothing).len(), 1);
    }

    #[test]
    fn a_metric_that_is_not_there_is_an_error() {
        let mut without = document(1.0, 0.3);
        without["metrics"][0]["delta_vs_baseline"] = Value::Null;
        assert!(measured(&without, &LEAST).is_err());
        assert!(measured(&json!({}), &LEAST).is_err());
    }

    #[test]
    fn the_made_up_rows_say_what_is_expected() {
        let pairs = |scores: &[f64; 10]| {
            let (odd, even) = ([1, 3, 5, 7, 9], [0, 2, 4, 6, 8]);
            let above = |i: &usize| even.iter().filter(|j| scores[*i] > scores[**j]).count();
            odd.iter().map(above).sum::<usize>()
        };
        assert_eq!((pairs(&SCORES), pairs(&BASELINE)), (25, 17));
    }

    #[test]
    fn the_summary_says_that_it_is_no_evidence() {
        let measured = measured(&document(0.9, 0.3), &LEAST).unwrap();
        let text = summary(&measured, &regressions(&measured), &[]).unwrap();
        let summary: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(summary["ok"], json!(false));
        assert_eq!(summary["observed"]["auroc"], json!(0.9));
        assert_eq!(summary["thresholds"]["auroc"], json!(0.95));
        assert_eq!(summary["real_model_path"], json!("not_attempted"));
        assert!(
            summary["claim_boundary"]
                .as_str()
                .unwrap()
                .contains("no evidence")
        );
    }
}
