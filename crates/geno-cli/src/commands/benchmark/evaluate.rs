//! The metrics of a benchmark, as its entry says they are computed.

use std::{collections::BTreeMap, fs, io::Write, path::PathBuf};

use geno_core::Coded;
use geno_data::Fasta;
use geno_eval::{
    Baseline, Bootstrap, ClassRule, Evaluating, Evaluation, EvaluationOptions, EvaluationReport,
    Join, JoinFiles, LabelRule, MetricMode, MetricsDocument, ReadDocumentError, ReportIdentity,
    RunRecord, ScoreSource, StepInputs, TieRule,
};
use geno_provenance::{Json, Label, write_atomic};

use super::run::{METRICS, REPORT, Run, SCORES, write};
use crate::{
    clock,
    commands::eval::is_disjoint,
    failure::{Failure, ReadError, UsageError},
    interrupt,
    partial_run::beside,
    progress::Bar,
    report_args::ReportArgs,
};

/// The field that `prepare` writes labels into.
const LABEL: &str = "label";

#[derive(clap::Args)]
#[command(next_help_heading = "Evaluation")]
pub(super) struct EvaluateArgs {
    /// Field of the score
    #[arg(long, value_name = "NAME", default_value = "sigma_calibrated")]
    score_field: String,

    /// From which score on a variant counts as positive
    #[arg(
        long,
        value_name = "SCORE",
        default_value_t = 0.5,
        allow_hyphen_values = true
    )]
    threshold: f64,

    /// The same of Carbon's likelihood; without one it is not compared by what needs one
    #[arg(long, value_name = "SCORE", allow_hyphen_values = true)]
    baseline_threshold: Option<f64>,

    /// More scores to compare to, by the field that holds them; may be repeated
    #[arg(long, value_name = "NAME=FILE:FIELD")]
    baseline: Vec<String>,

    /// Resamples for intervals; 0 for none, and no verdict
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    bootstrap_resamples: u32,

    /// Seed of the resamples
    #[arg(long, value_name = "N", default_value_t = 0)]
    bootstrap_seed: u64,
}

/// The metrics of this run cannot be read back.
#[derive(Debug, thiserror::Error)]
#[error("cannot use `{}`", path.display())]
pub(super) struct DocumentError {
    path: PathBuf,
    source: ReadDocumentError,
}

impl Coded for DocumentError {
    fn code(&self) -> geno_core::ErrorCode {
        self.source.code()
    }
}

/// The metrics of a run.
pub(super) fn document(run: &Run<'_>) -> Result<MetricsDocument, Failure> {
    let path = run.output.join(METRICS);
    let read = fs::read(&path).map_err(|source| ReadError {
        path: path.clone(),
        source,
    })?;
    Ok(MetricsDocument::parse(&read).map_err(|source| DocumentError { path, source })?)
}

/// Writes the report, unless that was done.
pub(super) fn report(run: &Run<'_>, record: &mut RunRecord) -> Result<bool, Failure> {
    const STEP: &str = "report";
    let inputs = StepInputs::new([("program", env!("CARGO_PKG_VERSION").into())])
        .with_file("metrics", Some(&run.output.join(METRICS)))?;
    if record.is_done(STEP, &inputs)? {
        return Ok(false);
    }
    let text = EvaluationReport(&document(run)?).to_string();
    write(run, REPORT, &text)?;
    record.finish(STEP, &inputs, &[REPORT])?;
    Ok(true)
}

impl EvaluateArgs {
    fn scores(&self, run: &Run<'_>) -> Result<ScoreSource, Failure> {
        Ok(ScoreSource {
            name: Label::new("scores")?,
            path: run.output.join(SCORES),
            field: self.score_field.clone(),
            threshold: Some(self.threshold),
            producer: Some("geno-lewm-score"),
        })
    }

    fn baselines(&self, carbon: Option<(&str, PathBuf)>) -> Result<Vec<ScoreSource>, Failure> {
        let mut all = Vec::new();
        if let Some((name, path)) = carbon {
            all.push(ScoreSource {
                name: Label::new(name)?,
                path,
                field: "carbon_zero_shot_score".to_owned(),
                threshold: self.baseline_threshold,
                producer: Some("geno-lewm-carbon-baseline"),
            });
        }
        for text in &self.baseline {
            let parts = text.split_once('=').and_then(|(name, file)| {
                let (path, field) = file.rsplit_once(':')?;
                Some((name, path, field))
            });
            let Some((name, path, field)) = parts else {
                let message = format!("`--baseline {text}` is not NAME=FILE:FIELD");
                return Err(UsageError(message).into());
            };
            let name = Label::new(name)?;
            if name.as_str() == "scores" || all.iter().any(|one| one.name == name) {
                return Err(UsageError(format!("baseline `{name}` is named twice")).into());
            }
            all.push(ScoreSource {
                name,
                path: path.into(),
                field: field.to_owned(),
                threshold: None,
                producer: None,
            });
        }
        Ok(all)
    }

    /// Evaluates, unless that was done.
    pub(super) fn step(
        &self,
        run: &Run<'_>,
        carbon: Option<(&str, PathBuf)>,
        names: &ReportArgs,
        record: &mut RunRecord,
    ) -> Result<bool, Failure> {
        const STEP: &str = "eval";
        let benchmark = &run.prepared.benchmark;
        let Some(evaluating) = &benchmark.evaluation else {
            unreachable!("an entry of variants says how they are evaluated");
        };
        let (scores, baselines) = (self.scores(run)?, self.baselines(carbon)?);
        let identity = names.identity(ReportIdentity {
            model_id: Some(run.model.manifest().model_id()),
            model_release: Some(run.model.manifest().release_id.clone()),
            ..ReportIdentity::default()
        })?;
        let inputs = self.inputs(run, evaluating, &scores, &baselines, &identity)?;
        if record.is_done(STEP, &inputs)? {
            return Ok(false);
        }
        let labels = run.prepared.labels();
        let rule = match evaluating.mode {
            MetricMode::Binary => {
                LabelRule::Class(ClassRule::new(Some(LABEL.to_owned()), &[], &[]))
            }
            MetricMode::Spearman => LabelRule::Value {
                field: LABEL.to_owned(),
            },
        };
        let fasta = Fasta::open(run.fasta)?;
        let compared: Vec<Baseline> = baselines.iter().cloned().map(Baseline::from).collect();
        let files = JoinFiles {
            labels: &labels,
            rule: &rule,
            scores: &scores,
            baselines: &compared,
            fasta: Some(&fasta),
            background: None,
        };
        let bar = Bar::new(run.settings.observability.quiet);
        let interrupted = interrupt::catch();
        let join = Join::read(&files, |progress| {
            bar.show_file(progress, "read".to_owned());
            interrupt::flow(interrupted)
        })?;
        bar.finish();
        let join = join.ok_or(Failure::Paused)?;
        let options = EvaluationOptions {
            split: Label::new(&*benchmark.split)?,
            bootstrap: Bootstrap {
                n_resamples: self.bootstrap_resamples as usize,
                seed: self.bootstrap_seed,
                level: 0.95,
            },
            primary: Some(evaluating.primary.parse()?),
            ties: TieRule::Together,
        };
        let mut evaluation = Evaluation::of(&join, &rule, &options)?;
        let is_disjoint = is_disjoint(&join, &labels, Some(run.model))?;
        if scores.field == "sigma_calibrated" && !is_disjoint {
            let split = &benchmark.split;
            evaluation.limitations.push(Label::new(format!(
                "It is not known that the background of the calibration shares no variant with {split}."
            ))?);
        }
        for limitation in &benchmark.limitations {
            evaluation.limitations.push(Label::new(&**limitation)?);
        }
        let metrics = run.output.join(METRICS);
        let unmatched = beside(&metrics, ".unmatched.jsonl");
        write_atomic(&unmatched, |file| {
            join.unmatched
                .iter()
                .try_for_each(|row| writeln!(file, "{}", row.to_json()))
        })?;
        let own = [
            ("scores", &scores),
            ("baseline_scores", baselines.first().unwrap_or(&scores)),
        ];
        let own = own
            .into_iter()
            .take(if baselines.is_empty() { 1 } else { 2 });
        let own = own.map(|(key, source)| (key.to_owned(), &*source.path));
        let (own, _) = names.reachable(&metrics, own.collect());
        let artifacts: BTreeMap<_, _> = names.artifacts(&metrics, own)?;
        let document = evaluation.document(clock::now()?, identity, artifacts);
        write(run, METRICS, &document.to_json())?;
        record.finish(STEP, &inputs, &[METRICS])?;
        Ok(true)
    }

    fn inputs(
        &self,
        run: &Run<'_>,
        evaluating: &Evaluating,
        scores: &ScoreSource,
        baselines: &[ScoreSource],
        identity: &ReportIdentity,
    ) -> Result<StepInputs, Failure> {
        let float = |value: f64| Json::float(value).unwrap_or(Json::Null);
        let optional = |value: Option<f64>| value.map_or(Json::Null, float);
        let mut inputs = StepInputs::new(run.inputs().into_iter().chain([
            ("mode", Json::from(evaluating.mode.as_str())),
            ("primary", evaluating.primary.as_str().into()),
            ("score_field", scores.field.as_str().into()),
            ("threshold", optional(scores.threshold)),
            ("bootstrap_resamples", self.bootstrap_resamples.into()),
            ("bootstrap_seed", self.bootstrap_seed.into()),
            ("identity", format!("{identity:?}").into()),
        ]))
        .with_file("scores", Some(&scores.path))?;
        for baseline in baselines {
            let name = &baseline.name;
            inputs = inputs
                .with_file(&format!("baseline {name}"), Some(&baseline.path))?
                .with_value(&format!("field {name}"), baseline.field.as_str().into())
                .with_value(&format!("threshold {name}"), optional(baseline.threshold));
        }
        Ok(inputs)
    }
}
