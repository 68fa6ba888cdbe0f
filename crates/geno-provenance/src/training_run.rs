//! What a training run leaves for others to check: `training_run.json`, and the manifest, card and
//! checksums made of it.
//!
//! Nothing here reads a clock, a repository or the machine: time, commit and words about the
//! machine are arguments.

mod artifact;
mod card;
mod check;
mod metadata;
mod package;
mod read;
mod verify;

pub use self::{
    artifact::{ArtifactKind, RunArtifact},
    check::RunFault,
    metadata::{Monitoring, Resumed, RunMetadata, RunOrigin, RunStatus},
    package::{PackageRunError, RUN_CARD, RUN_CHECKSUMS, RUN_MANIFEST, RUN_RECORD, RunPackage},
    read::ReadRunError,
};

/// The file name of the report of a preflight, which says that a run could start.
pub const PREFLIGHT_REPORT: &str = "training_preflight_report.json";
