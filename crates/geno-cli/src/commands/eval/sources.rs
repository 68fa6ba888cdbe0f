//! Arguments that name scores and baselines.

use std::path::{Path, PathBuf};

use geno_eval::{Baseline, BuiltIn, ScoreSource};
use geno_provenance::Label;

use super::CALIBRATED;
use crate::failure::{Failure, UsageError, required};

/// The baseline that is the likelihood of Carbon alone, the field of its scores and who writes them.
const CARBON: &str = "carbon_zero_shot";
const CARBON_FIELD: &str = "carbon_zero_shot_score";
const CARBON_PRODUCER: &str = "geno-lewm-carbon-baseline";
const SCORE_PRODUCER: &str = "geno-lewm-score";

#[derive(clap::Args)]
pub(super) struct SourceArgs {
    /// Scores: JSON lines, a table with a header, a VCF or Parquet, as `score` writes them
    #[arg(
        long,
        visible_alias = "scores-jsonl",
        value_name = "FILE",
        required_unless_present_any = ["print_config", "explain"]
    )]
    scores: Option<PathBuf>,

    /// Field, column or INFO key of the score
    #[arg(long, value_name = "NAME", default_value = CALIBRATED)]
    score_field: String,

    /// From which score on a variant counts as positive
    #[arg(
        long,
        value_name = "SCORE",
        default_value_t = 0.5,
        allow_hyphen_values = true
    )]
    threshold: f64,

    /// Scores to compare to, with a name and the field [default: that of the scores, or
    /// carbon_zero_shot_score of carbon_zero_shot]; or, without a file, `transversion` (1, and 0 for a
    /// transition) or `allele_frequency` (1 - AF); may be repeated
    #[arg(long, value_name = "NAME=FILE[:FIELD]|NAME")]
    baseline: Vec<String>,

    /// Where `--baseline allele_frequency` finds AF [default: in the labels]; variants that are not in it have
    /// the frequency 0
    #[arg(long, value_name = "FILE", requires = "baseline")]
    frequencies: Option<PathBuf>,

    /// Threshold of a baseline, or of all; without one it is not compared by what needs one
    #[arg(long, value_name = "[NAME=]SCORE", allow_hyphen_values = true)]
    baseline_threshold: Vec<String>,

    /// One more baseline, as the Python package takes it
    #[arg(long, value_name = "FILE", requires = "baseline_name")]
    baseline_scores_jsonl: Option<PathBuf>,

    /// Its name
    #[arg(long, value_name = "NAME", requires = "baseline_scores_jsonl")]
    baseline_name: Option<String>,

    /// Its field
    #[arg(
        long,
        value_name = "NAME",
        default_value = CALIBRATED,
        requires = "baseline_scores_jsonl"
    )]
    baseline_score_field: String,
}

impl SourceArgs {
    /// The file of scores.
    pub(super) fn scores_file(&self) -> Option<&Path> {
        self.scores.as_deref()
    }

    /// The scores and the baselines.
    pub(super) fn sources(&self) -> Result<(ScoreSource, Vec<Baseline>), Failure> {
        if !self.threshold.is_finite() {
            return Err(UsageError("`--threshold` is a finite number".to_owned()).into());
        }
        let scores = ScoreSource {
            name: Label::new("scores")?,
            path: required(&self.scores, "--scores")?.clone(),
            field: self.score_field.clone(),
            threshold: Some(self.threshold),
            producer: Some(match self.score_field.as_str() {
                CARBON_FIELD => CARBON_PRODUCER,
                _ => SCORE_PRODUCER,
            }),
        };
        let mut baselines = Vec::new();
        for text in &self.baseline {
            baselines.push(self.baseline(text)?);
        }
        if let (Some(path), Some(name)) = (&self.baseline_scores_jsonl, &self.baseline_name) {
            let field = self.baseline_score_field.clone();
            baselines.push(self.source(name, path.clone(), field)?.into());
        }
        let of_frequency = |one: &Baseline| {
            let rule = match one {
                Baseline::BuiltIn { rule, .. } => Some(rule),
                Baseline::File(_) => None,
            };
            matches!(rule, Some(BuiltIn::AlleleFrequency { .. }))
        };
        if self.frequencies.is_some() && !baselines.iter().any(of_frequency) {
            let message = "`--frequencies` is for `--baseline allele_frequency`";
            return Err(UsageError(message.to_owned()).into());
        }
        for (i, baseline) in baselines.iter().enumerate() {
            let name = baseline.name();
            if name == &*scores.name || baselines[..i].iter().any(|other| other.name() == name) {
                return Err(UsageError(format!("baseline `{name}` is named twice")).into());
            }
        }
        self.check_thresholds(&baselines)?;
        Ok((scores, baselines))
    }

    fn baseline(&self, text: &str) -> Result<Baseline, Failure> {
        let Some((name, file)) = text.split_once('=') else {
            return self.built_in(text.parse()?);
        };
        if file.is_empty() {
            let message = format!("`--baseline {text}` is not NAME=FILE or NAME=FILE:FIELD");
            return Err(UsageError(message).into());
        }
        let (path, field) = match file.rsplit_once(':') {
            Some((path, field)) if !field.is_empty() && !path.is_empty() => (path, field),
            _ if name == CARBON => (file, CARBON_FIELD),
            _ => (file, self.score_field.as_str()),
        };
        Ok(self.source(name, path.into(), field.to_owned())?.into())
    }

    fn built_in(&self, mut rule: BuiltIn) -> Result<Baseline, Failure> {
        if let BuiltIn::AlleleFrequency { file } = &mut rule {
            file.clone_from(&self.frequencies);
        }
        let threshold = self.baseline_threshold(rule.name())?;
        let threshold = threshold.or(rule.threshold());
        Ok(Baseline::BuiltIn { rule, threshold })
    }

    fn source(&self, name: &str, path: PathBuf, field: String) -> Result<ScoreSource, Failure> {
        Ok(ScoreSource {
            threshold: self.baseline_threshold(name)?,
            producer: (name == CARBON).then_some(CARBON_PRODUCER),
            name: Label::new(name)?,
            path,
            field,
        })
    }

    /// The threshold of a baseline: its own, or that of all.
    fn baseline_threshold(&self, name: &str) -> Result<Option<f64>, UsageError> {
        let mut of_all = None;
        for text in &self.baseline_threshold {
            let (whose, score) = match text.rsplit_once('=') {
                Some((whose, score)) => (Some(whose), score),
                None => (None, text.as_str()),
            };
            let score = score.parse().ok().filter(|score: &f64| score.is_finite());
            let wrong = || UsageError(format!("`--baseline-threshold {text}` is no finite number"));
            let score = score.ok_or_else(wrong)?;
            match whose {
                Some(whose) if whose == name => return Ok(Some(score)),
                Some(_) => {}
                None => of_all = Some(score),
            }
        }
        Ok(of_all)
    }

    /// Checks that every threshold is of a baseline that there is.
    fn check_thresholds(&self, baselines: &[Baseline]) -> Result<(), UsageError> {
        for text in &self.baseline_threshold {
            let whose = text.rsplit_once('=').map(|(whose, _)| whose);
            let is_known = match whose {
                Some(whose) => baselines.iter().any(|known| known.name() == whose),
                None => !baselines.is_empty(),
            };
            if !is_known {
                let message = format!("`--baseline-threshold {text}` is of no baseline");
                return Err(UsageError(message));
            }
        }
        Ok(())
    }
}
