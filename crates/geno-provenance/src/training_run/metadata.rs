//! `training_run.json`: what a run was, and which files it left.

use std::collections::BTreeMap;

use crate::{GitSha, Json, Label, PublicPath, Timestamp, indented_json};

/// The schema version of the records read and written here.
pub(super) const SCHEMA: &str = "1.0.0";
/// What verifiers of the Python package expect as the producer of a run's records.
pub(super) const GENERATED_BY: &str = "tools.release.training_run";
/// What stands for a commit that is not known.
pub(super) const UNKNOWN_COMMIT: &str = "0000000";

/// Where a run comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RunOrigin {
    /// The command line, as it may be told in public.
    pub command: Label,
    /// Commit of the program, if it is known.
    pub commit: Option<GitSha>,
    /// Version of the program.
    pub version: Label,
    /// When the record was made; the Python package's trainer does not say.
    pub time: Option<Timestamp>,
}

/// What `training_run.json` holds.
///
/// Files go by their paths inside the folder of the run.
///
/// # Source
///
/// The metadata of a training run of geno-lewm 0.2.1.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RunMetadata {
    /// Name of the run.
    pub run_id: Label,
    /// Where it comes from.
    pub origin: RunOrigin,
    /// Name of the data.
    pub dataset_snapshot_id: Label,
    /// What the data are.
    pub dataset_manifest: PublicPath,
    /// The configuration that was obeyed.
    pub training_config: PublicPath,
    /// What was measured.
    pub metrics: PublicPath,
    /// The report of the preflight, if there was one.
    pub preflight_report: Option<PublicPath>,
    /// What happened; at least one.
    pub logs: Vec<PublicPath>,
    /// What was learnt; at least one.
    pub checkpoint_files: Vec<PublicPath>,
    /// How it ended.
    pub status: RunStatus,
    /// What it ran on.
    pub hardware: Vec<Label>,
    /// What it ran with.
    pub runtime: Vec<Label>,
    /// Seeds by what they decide.
    pub seeds: BTreeMap<Label, u64>,
    /// Whether and where it repeats.
    pub determinism: Label,
    /// What was watched.
    pub monitoring: Monitoring,
    /// From where it went on, if the record says so.
    pub resumed: Option<Resumed>,
    /// The outcome in a sentence.
    pub result_summary: Label,
    /// What must not be concluded.
    pub limitations: Vec<Label>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RunStatus {
    /// As hoped.
    Completed,
    /// With a finding that speaks against the model.
    CompletedNegative,
}

/// What was watched during a run. Collapse and NaN always are: a record that says otherwise is none.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Monitoring {
    /// Steps between two looks at collapse, if it says so.
    pub collapse_log_every_steps: Option<u64>,
}

/// From where a run went on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Resumed {
    /// The last step that was done before; 0 for a run that began anew.
    pub from_step: u64,
    /// The checkpoint.
    pub checkpoint: Option<PublicPath>,
}

impl RunStatus {
    /// The word in a record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::CompletedNegative => "completed_negative",
        }
    }
}

impl RunMetadata {
    /// What stands for the commit in a record.
    pub(super) fn commit_text(&self) -> &str {
        self.origin
            .commit
            .as_ref()
            .map_or(UNKNOWN_COMMIT, GitSha::as_str)
    }

    /// The file, as the Python package writes it.
    pub fn to_text(&self) -> String {
        let paths = |paths: &[PublicPath]| Json::Array(paths.iter().map(Json::from).collect());
        let mut fields = self.shared_fields();
        let mut add = |key: &'static str, value: Json| fields.push((key, value));
        add("dataset_manifest", (&self.dataset_manifest).into());
        add("training_config", (&self.training_config).into());
        add("metrics", (&self.metrics).into());
        add("logs", paths(&self.logs));
        add("checkpoint_files", paths(&self.checkpoint_files));
        add("monitoring", self.monitoring.to_json());
        if let Some(time) = self.origin.time {
            add("generated_at", time.to_string().into());
        }
        if let Some(report) = &self.preflight_report {
            add("training_preflight_report", report.into());
        }
        if let Some(resumed) = &self.resumed {
            add("resumed_from_step", resumed.from_step.into());
            let checkpoint = resumed.checkpoint.as_ref();
            add(
                "resume_checkpoint",
                checkpoint.map_or(Json::Null, Json::from),
            );
        }
        format!("{}\n", indented_json(&Json::object(fields)))
    }

    /// What the manifest of a run says in the same words.
    pub(super) fn shared_fields(&self) -> Vec<(&'static str, Json)> {
        let labels = |labels: &[Label]| Json::Array(labels.iter().map(Json::from).collect());
        let seeds = self.seeds.iter();
        let seeds = seeds.map(|(name, seed)| (name.as_str(), Json::from(*seed)));
        vec![
            ("schema_version", SCHEMA.into()),
            ("generated_by", GENERATED_BY.into()),
            ("run_id", Json::from(&self.run_id)),
            ("command", Json::from(&self.origin.command)),
            ("commit_sha", self.commit_text().into()),
            ("package_version", Json::from(&self.origin.version)),
            ("dataset_snapshot_id", Json::from(&self.dataset_snapshot_id)),
            ("status", self.status.as_str().into()),
            ("hardware", labels(&self.hardware)),
            ("runtime", labels(&self.runtime)),
            ("seeds", Json::object(seeds)),
            ("determinism", Json::from(&self.determinism)),
            ("result_summary", Json::from(&self.result_summary)),
            ("limitations", labels(&self.limitations)),
        ]
    }
}

impl Monitoring {
    fn to_json(self) -> Json {
        let every = self.collapse_log_every_steps;
        let every = every.map(|steps| ("collapse_log_every_steps", steps.into()));
        let watched = [("collapse_monitoring", true), ("nan_monitoring", true)];
        let watched = watched.into_iter().map(|(name, on)| (name, on.into()));
        Json::object(watched.chain(every))
    }
}
