//! What an evaluation writes and prints.

use std::{
    collections::BTreeMap,
    fmt::Display,
    io::{self, Write},
    path::{Path, PathBuf},
};

use geno_core::{Coded, ErrorCode};
use geno_eval::{Baseline, Evaluation, EvaluationReport, Join, ReportIdentity, Summary};
use geno_provenance::{Json, Label, PublicPath, indented_json, summary_json, write_atomic};

use super::Args;
use crate::{clock, failure::Failure};

/// Most labelled variants without a score that are shown.
const MAX_SHOWN: usize = 10;

/// Labelled variants are not evaluated, and all of them were to be.
#[derive(Debug, thiserror::Error)]
#[error("{n} labelled variants are not evaluated: see `{}`", path.display())]
struct LeftOut {
    n: u64,
    path: PathBuf,
}

impl Coded for LeftOut {
    fn code(&self) -> ErrorCode {
        ErrorCode::EvalDataset
    }
}

/// Where everything goes, checked before anything is read.
pub(super) struct Outputs {
    metrics: PathBuf,
    unmatched: PathBuf,
    /// How the evaluation was done, unless a file says that.
    config: Option<PathBuf>,
    artifacts: BTreeMap<Label, PublicPath>,
    /// Files that do not lie in the folder of artifacts, which nobody named.
    outside: Vec<String>,
}

impl Outputs {
    pub(super) fn new(
        args: &Args,
        metrics: &Path,
        baselines: &[Baseline],
    ) -> Result<Self, Failure> {
        let beside = |ending: &str| {
            let mut name = metrics.as_os_str().to_owned();
            name.push(ending);
            PathBuf::from(name)
        };
        let config = match args.names.eval_config {
            Some(_) => None,
            None => Some(beside(".config.json")),
        };
        let mut files = Vec::new();
        files.extend(
            config
                .as_deref()
                .map(|file| ("eval_config".to_owned(), file)),
        );
        files.extend(args.labels.file().map(|file| ("labels".to_owned(), file)));
        files.extend(
            args.sources
                .scores_file()
                .map(|file| ("scores".to_owned(), file)),
        );
        for (i, baseline) in baselines.iter().enumerate() {
            let key = match i {
                0 => "baseline_scores".to_owned(),
                _ => format!("{}.baseline_scores", baseline.name()),
            };
            files.extend(baseline.path().map(|path| (key, path.as_path())));
        }
        let (named, outside) = args.names.reachable(metrics, files);
        let artifacts = args.names.artifacts(metrics, named)?;
        Ok(Self {
            outside: outside.into_iter().map(|(key, _)| key).collect(),
            metrics: metrics.to_owned(),
            unmatched: args
                .unmatched
                .clone()
                .unwrap_or_else(|| beside(".unmatched.jsonl")),
            config,
            artifacts,
        })
    }

    /// Writes labelled variants that are not evaluated, if there are any.
    pub(super) fn write_unmatched(&self, join: &Join) -> Result<(), Failure> {
        if join.unmatched.is_empty() {
            return Ok(());
        }
        Ok(write_atomic(&self.unmatched, |file| {
            join.unmatched
                .iter()
                .try_for_each(|row| writeln!(file, "{}", row.to_json()))
        })?)
    }

    /// Writes the documents and prints the summary.
    pub(super) fn write(
        self,
        args: &Args,
        join: &Join,
        mut evaluation: Evaluation,
        identity: ReportIdentity,
        is_quiet: bool,
    ) -> Result<(), Failure> {
        let n_left_out = join.unmatched.len() as u64;
        if args.require_all && n_left_out > 0 {
            let (n, path) = (n_left_out, self.unmatched);
            return Err(LeftOut { n, path }.into());
        }
        if !is_quiet {
            say(join, &self.unmatched, &evaluation);
        }
        if !self.outside.is_empty() {
            let said = format!(
                "The files of {} lie outside the folder of the metrics and are not named here.",
                self.outside.join(", ")
            );
            evaluation.limitations.push(Label::new(said)?);
        }
        let summary = self.summary(args, join, &evaluation);
        let document = evaluation.document(clock::now()?, identity, self.artifacts);
        if let Some(path) = &self.config {
            write_text(path, &config(args, join))?;
        }
        if let Some(path) = &args.report {
            write_text(path, &EvaluationReport(&document))?;
        }
        write_text(&self.metrics, &document.to_json())?;
        writeln!(io::stdout(), "{}", summary_json(&summary)).map_err(Failure::stdout)
    }

    fn summary(&self, args: &Args, join: &Join, evaluation: &Evaluation) -> Json {
        let coverage = &evaluation.coverage;
        let scores = &join.columns[0];
        let mut all = vec![
            (
                "metrics_json",
                Json::from(self.metrics.display().to_string()),
            ),
            ("split", Json::from(&evaluation.split)),
            ("score_field", scores.field.as_str().into()),
            ("labelled_variants", coverage.labelled.into()),
            ("evaluated_variants", coverage.evaluated.into()),
            ("evaluated_variant_keys_sha256", evaluation.variants.into()),
            (
                "extra_score_variants",
                coverage.extra_scores[&scores.name].into(),
            ),
            ("unmatched_variants", coverage.unmatched().into()),
            ("bootstrap_resamples", args.bootstrap_resamples.into()),
            ("bootstrap_seed", args.bootstrap_seed.into()),
            ("ci_level", float(args.ci_level)),
        ];
        match &evaluation.summary {
            Summary::Classes {
                n_positive,
                n_negative,
                metrics,
                threshold,
                ..
            } => all.extend([
                ("positive_variants", Json::from(*n_positive)),
                ("negative_variants", (*n_negative).into()),
                ("threshold", threshold.map_or(Json::Null, float)),
                ("sensitivity", float(metrics.sensitivity)),
                ("specificity", float(metrics.specificity)),
            ]),
            Summary::Values { .. } => {
                let field = args.labels.field().unwrap_or("value");
                all.push(("label_field", field.into()));
            }
        }
        let mut all: Vec<(String, Json)> = all
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect();
        for row in &evaluation.metrics {
            let ends = row.interval.map(|ends| Json::Array(ends.map(float).into()));
            all.push((row.name.to_string(), float(row.value)));
            all.push((format!("{}_ci", row.name), ends.unwrap_or(Json::Null)));
        }
        // The Python package says one metric of its one baseline.
        let of_first = evaluation.metrics.iter().find_map(|row| {
            let named = matches!(row.name.as_str(), "auroc" | "spearman_rho");
            row.baseline
                .as_ref()
                .filter(|_| named)
                .map(|baseline| (&row.name, baseline))
        });
        if let Some((metric, baseline)) = of_first {
            all.push(("baseline_name".to_owned(), Json::from(&baseline.name)));
            all.push((format!("baseline_{metric}"), float(baseline.value)));
            all.push((format!("{metric}_delta_vs_baseline"), float(baseline.delta)));
        }
        let verdicts = evaluation.comparisons.iter().filter(|one| one.is_primary);
        let verdicts = verdicts.map(|one| {
            let verdict = one
                .verdict()
                .map_or(Json::Null, |verdict| verdict.as_str().into());
            (one.baseline.to_string(), verdict)
        });
        all.push(("verdicts".to_owned(), Json::object(verdicts)));
        Json::object(all)
    }
}

/// Says on standard error what was left out, and the verdicts.
#[expect(clippy::print_stderr, reason = "a summary beside the data")]
fn say(join: &Join, unmatched: &Path, evaluation: &Evaluation) {
    let coverage = &join.coverage;
    eprintln!(
        "{} of {} labelled variants evaluated",
        coverage.evaluated,
        coverage.labelled + coverage.not_comparable
    );
    let examples: Vec<String> = join
        .unmatched
        .iter()
        .take(MAX_SHOWN)
        .map(ToString::to_string)
        .collect();
    if !examples.is_empty() {
        let more = if join.unmatched.len() > MAX_SHOWN {
            ", …"
        } else {
            ""
        };
        eprintln!(
            "left out: {}{more}; see `{}`",
            examples.join(", "),
            unmatched.display()
        );
    }
    for one in evaluation.comparisons.iter().filter(|one| one.is_primary) {
        let verdict = one
            .verdict()
            .map_or("no interval, no verdict", |verdict| verdict.as_str());
        eprintln!("{} against {}: {verdict}", one.metric, one.baseline);
    }
}

/// How the evaluation was done.
fn config(args: &Args, join: &Join) -> String {
    let words =
        |words: &[String]| Json::Array(words.iter().map(|word| word.as_str().into()).collect());
    let sources = join.columns.iter().map(|column| {
        Json::object([
            ("name", Json::from(&column.name)),
            ("field", column.field.as_str().into()),
            ("threshold", column.threshold.map_or(Json::Null, float)),
        ])
    });
    let text = |text: &Option<String>| text.as_deref().map_or(Json::Null, Json::from);
    let fields = [
        ("schema_version", Json::from("1.0.0")),
        ("generated_by", "geno-lewm-eval".into()),
        ("split", args.split.as_str().into()),
        ("metric_mode", args.metric_mode.as_str().into()),
        (
            "label_field",
            args.labels.field().map_or(Json::Null, Json::from),
        ),
        ("positive", words(args.labels.positive())),
        ("negative", words(args.labels.negative())),
        ("primary", text(&args.primary)),
        ("bootstrap_resamples", args.bootstrap_resamples.into()),
        ("bootstrap_seed", args.bootstrap_seed.into()),
        ("ci_level", float(args.ci_level)),
        ("legacy_ties", args.legacy_ties.into()),
        ("aligned", args.fasta.is_some().into()),
        (
            "labels_sha256",
            join.labels_digest.map_or(Json::Null, Json::from),
        ),
        ("sources", Json::Array(sources.collect())),
    ];
    indented_json(&Json::object(fields)) + "\n"
}

fn write_text(path: &Path, text: &dyn Display) -> Result<(), Failure> {
    Ok(write_atomic(path, |file| write!(file, "{text}"))?)
}

fn float(value: f64) -> Json {
    Json::float(value).expect("metrics and options are finite")
}
