//! The files of a run, by what they are for.

use std::path::Path;

use crate::{Artifact, Json, PublicPath, ReadFileError};

use super::RunMetadata;

/// What a file of a run is for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum ArtifactKind {
    /// What the data are.
    DatasetManifest,
    /// The configuration that was obeyed.
    TrainingConfig,
    /// What was measured.
    Metrics,
    /// The report of the preflight.
    TrainingPreflight,
    /// What happened.
    Log,
    /// What was learnt.
    Checkpoint,
}

/// A file of a run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RunArtifact {
    /// What it is for.
    pub kind: ArtifactKind,
    /// Path, digest and size.
    pub identity: Artifact,
}

impl ArtifactKind {
    pub(super) const ALL: [Self; 6] = [
        Self::DatasetManifest,
        Self::TrainingConfig,
        Self::Metrics,
        Self::TrainingPreflight,
        Self::Log,
        Self::Checkpoint,
    ];

    /// The word in a manifest.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DatasetManifest => "dataset_manifest",
            Self::TrainingConfig => "training_config",
            Self::Metrics => "metrics",
            Self::TrainingPreflight => "training_preflight",
            Self::Log => "log",
            Self::Checkpoint => "checkpoint",
        }
    }

    /// The same in words.
    pub(super) fn description(self) -> &'static str {
        match self {
            Self::DatasetManifest => "dataset manifest used by the run",
            Self::TrainingConfig => "exact training configuration",
            Self::Metrics => "machine-readable training metrics",
            Self::TrainingPreflight => "Carbon training clean-machine preflight report",
            Self::Log => "training log",
            Self::Checkpoint => "checkpoint artifact",
        }
    }
}

impl RunMetadata {
    /// The files that the record names, in the order of a manifest.
    pub(super) fn files(&self) -> Vec<(ArtifactKind, &PublicPath)> {
        let single = [
            (ArtifactKind::DatasetManifest, &self.dataset_manifest),
            (ArtifactKind::TrainingConfig, &self.training_config),
            (ArtifactKind::Metrics, &self.metrics),
        ];
        let preflight = self.preflight_report.iter();
        let preflight = preflight.map(|path| (ArtifactKind::TrainingPreflight, path));
        let logs = self.logs.iter().map(|path| (ArtifactKind::Log, path));
        let checkpoints = self.checkpoint_files.iter();
        let checkpoints = checkpoints.map(|path| (ArtifactKind::Checkpoint, path));
        let all = single.into_iter().chain(preflight).chain(logs);
        all.chain(checkpoints).collect()
    }
}

impl RunArtifact {
    pub(super) fn read(
        run_dir: &Path,
        kind: ArtifactKind,
        path: &PublicPath,
    ) -> Result<Self, ReadFileError> {
        let identity = Artifact::of(run_dir, path.clone())?;
        Ok(Self { kind, identity })
    }

    pub(super) fn to_json(&self) -> Json {
        let what = [
            ("kind", Json::from(self.kind.as_str())),
            ("description", self.kind.description().into()),
        ];
        Json::object(self.identity.fields().into_iter().chain(what))
    }
}
