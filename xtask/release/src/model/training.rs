//! The run that trained a model.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use geno_provenance::{
    FieldError, Fields, Json, Label, Manifest, PublicPath,
    release::{Issue, IssueCode, NegativeFinding, Severity, Statement},
    training_run::{ArtifactKind, RUN_CARD, RUN_CHECKSUMS, RUN_MANIFEST, RunPackage, RunStatus},
};

use super::TRAINING;
use crate::folder;

/// What a package says of the run that trained its model.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Training {
    pub(crate) run_id: Label,
    /// The code that trained, as the run recorded it.
    pub(crate) commit: Label,
    /// The run's own name of its data.
    pub(crate) dataset_snapshot: Label,
    pub(crate) is_negative: bool,
    pub(crate) summary: Statement,
    /// Whether somebody looked before whether the run could start.
    pub(crate) has_preflight: bool,
    /// Whether the model's weights are the run's, byte for byte.
    pub(crate) is_weights: bool,
}

impl Training {
    /// Reads the run of a package; there may be none.
    pub(crate) fn of(package: &Path, manifest: &Manifest) -> Result<Option<Self>> {
        let folder = package.join(TRAINING);
        if !folder.is_dir() {
            return Ok(None);
        }
        let run = RunPackage::verify(&folder, false).context(TRAINING)?;
        let files = |kind| run.artifacts().iter().filter(move |file| file.kind == kind);
        let mut configs = files(ArtifactKind::TrainingConfig);
        let config = configs.next().context("the run names no configuration")?;
        let key = Label::new("training/config")?;
        let named = manifest.training.data_snapshot.get(&key);
        let named = named.map_or_else(
            || manifest.training.hash.to_string(),
            |digest| digest.to_string(),
        );
        ensure!(
            config.identity.digest.to_string() == named,
            "the run in `{TRAINING}` had another configuration than the model's training"
        );
        let weights = [manifest.predictor.hash, manifest.action_encoder.hash];
        let is_left =
            |digest| files(ArtifactKind::Checkpoint).any(|file| file.identity.digest == digest);
        let record = run.metadata();
        Ok(Some(Self {
            run_id: record.run_id.clone(),
            commit: match &record.origin.commit {
                Some(commit) => Label::new(commit.as_str())?,
                None => Label::new("not recorded")?,
            },
            dataset_snapshot: record.dataset_snapshot_id.clone(),
            is_negative: record.status == RunStatus::CompletedNegative,
            summary: Statement::new(&*record.result_summary)?,
            has_preflight: record.preflight_report.is_some(),
            is_weights: weights.into_iter().all(is_left),
        }))
    }

    /// Copies the files of a run, its card and its digests.
    pub(super) fn copy(run_dir: &Path, package: &Path) -> Result<()> {
        let at = || format!("`{}` holds no packaged run", run_dir.display());
        let run = RunPackage::verify(run_dir, false).with_context(at)?;
        let written = [RUN_MANIFEST, RUN_CARD, RUN_CHECKSUMS];
        let written = written.into_iter().map(PublicPath::new);
        let written = written.collect::<Result<Vec<_>, _>>()?;
        let left = run.artifacts().iter().map(|file| &file.identity.path);
        for path in written.iter().chain(left) {
            folder::copy(&path.under(run_dir), &path.under(&package.join(TRAINING)))?;
        }
        Ok(())
    }

    pub(crate) fn take(mut fields: Fields) -> Result<Self, FieldError> {
        let training = Self {
            run_id: fields.label("run_id")?,
            commit: fields.label("commit")?,
            dataset_snapshot: fields.label("dataset_snapshot")?,
            is_negative: fields.bool("is_negative")?,
            summary: Statement::take(&mut fields, "summary")?,
            has_preflight: fields.bool("has_preflight")?,
            is_weights: fields.bool("is_weights")?,
        };
        fields.finish()?;
        Ok(training)
    }

    /// A run whose end speaks against the model.
    pub(crate) fn finding(&self) -> Option<NegativeFinding> {
        let rule = Label::new("training").ok()?;
        let text = self.summary.clone();
        self.is_negative
            .then_some(NegativeFinding::Derived { rule, text })
    }
}

impl From<&Training> for Json {
    fn from(training: &Training) -> Self {
        Self::object([
            ("run_id", Self::from(&training.run_id)),
            ("commit", Self::from(&training.commit)),
            ("dataset_snapshot", Self::from(&training.dataset_snapshot)),
            ("is_negative", training.is_negative.into()),
            ("summary", Self::from(&training.summary)),
            ("has_preflight", training.has_preflight.into()),
            ("is_weights", training.is_weights.into()),
        ])
    }
}

/// What somebody should look at: that there is no run, or what its record leaves open.
pub(crate) fn warnings(training: Option<&Training>, snapshot: &Label) -> Vec<Issue> {
    let warning = |code: &str, message: String| {
        Some(Issue {
            severity: Severity::Warning,
            code: IssueCode::new(format!("model.training.{code}")).ok()?,
            path: PublicPath::new(format!("{TRAINING}/{RUN_MANIFEST}")).ok(),
            message: Label::new(message).ok()?,
        })
    };
    let Some(training) = training else {
        let message = "the package holds no training run";
        return warning("absent", message.to_owned()).into_iter().collect();
    };
    let named = &training.dataset_snapshot;
    [
        (!training.has_preflight)
            .then(|| warning("preflight", "no preflight went before the run".to_owned())),
        (!training.is_weights).then(|| {
            let message = "the weights were converted after the run, and are not compared with it";
            warning("weights", message.to_owned())
        }),
        (named != snapshot).then(|| {
            let message =
                format!("the run calls its data `{named}`, and the manifest `{snapshot}`");
            warning("snapshot", message)
        }),
    ]
    .into_iter()
    .flatten()
    .flatten()
    .collect()
}
