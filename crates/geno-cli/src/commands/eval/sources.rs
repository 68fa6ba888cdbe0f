//! Arguments that name scores and baselines.

use std::path::{Path, PathBuf};

use geno_eval::ScoreSource;
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
    /// Scores: JSON lines, a table with a header or a VCF, as `score` writes them; plain, gzip or bgzip
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
    /// carbon_zero_shot_score of carbon_zero_shot]; may be repeated
    #[arg(long, value_name = "NAME=FILE[:FIELD]")]
    baseline: Vec<String>,

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
    pub(super) fn sources(&self) -> Result<(ScoreSource, Vec<ScoreSource>), Failure> {
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
            baselines.push(self.source(name, path.clone(), field)?);
        }
        for (i, ScoreSource { name, .. }) in baselines.iter().enumerate() {
            if *name == scores.name || baselines[..i].iter().any(|other| other.name == *name) {
                return Err(UsageError(format!("baseline `{name}` is named twice")).into());
            }
        }
        self.check_thresholds(&baselines)?;
        Ok((scores, baselines))
    }

    fn baseline(&self, text: &str) -> Result<ScoreSource, Failure> {
        let Some((name, file)) = text.split_once('=').filter(|(_, file)| !file.is_empty()) else {
            let message = format!("`--baseline {text}` is not NAME=FILE or NAME=FILE:FIELD");
            return Err(UsageError(message).into());
        };
        let (path, field) = match file.rsplit_once(':') {
            Some((path, field)) if !field.is_empty() && !path.is_empty() => (path, field),
            _ if name == CARBON => (file, CARBON_FIELD),
            _ => (file, self.score_field.as_str()),
        };
        self.source(name, path.into(), field.to_owned())
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
    fn check_thresholds(&self, baselines: &[ScoreSource]) -> Result<(), UsageError> {
        for text in &self.baseline_threshold {
            let whose = text.rsplit_once('=').map(|(whose, _)| whose);
            let is_known = match whose {
                Some(whose) => baselines.iter().any(|known| known.name.as_str() == whose),
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
