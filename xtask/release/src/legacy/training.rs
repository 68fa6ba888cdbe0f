//! The run that the weights come from.

mod card;
mod preflight;

use std::collections::BTreeSet;

use geno_provenance::{Json, Manifest, PublicPath};

use super::{
    compare::{differences, only},
    efficiency::{is_commit, is_private},
    model::Said,
    release::{Release, list, text, texts},
    sums,
};

const MANIFEST: &str = "model/training_run_manifest.json";
const CARD: &str = "model/training_run_card.md";
const SUMS: &str = "model/training_run_SHA256SUMS";
const PREFLIGHT: &str = "training_preflight_report.json";
/// Kinds of files that a run leaves.
const KINDS: [&str; 6] = [
    "dataset_manifest",
    "training_config",
    "metrics",
    "training_preflight",
    "log",
    "checkpoint",
];

/// The manifest of a run.
pub(super) struct Run(pub(super) Json);

impl Run {
    /// What it says that it is of.
    pub(super) fn identity(&self) -> Said {
        let said = |field| text(&self.0, field).map(str::to_owned);
        Said {
            release: None,
            model_id: None,
            snapshot: said("dataset_snapshot_id"),
            commit: said("commit_sha"),
        }
    }

    /// The one file of a kind.
    fn file(&self, kind: &str) -> Option<&Json> {
        let files = list(&self.0, "artifacts").unwrap_or_default().iter();
        let mut files = files.filter(|file| text(file, "kind") == Some(kind));
        files.next().filter(|_| files.next().is_none())
    }
}

/// Checks the manifest of the run, its files, its card and its digests. Returns also the files that are listed.
pub(super) fn check(
    release: &mut Release,
    model: Option<&Manifest>,
) -> (Option<Run>, BTreeSet<PublicPath>) {
    let run = release
        .report(MANIFEST, "tools.release.training_run")
        .map(Run);
    let mut required: Vec<String> = [
        "training_run_manifest.json",
        "training_run_card.md",
        PREFLIGHT,
    ]
    .map(str::to_owned)
    .to_vec();
    if let Some(run) = &run {
        check_fields(release, &run.0);
        check_files(release, run);
        check_config(release, run, model);
        preflight::check(release, run);
        let files = list(&run.0, "artifacts").unwrap_or_default().iter();
        required.extend(
            files
                .filter_map(|file| text(file, "path"))
                .map(str::to_owned),
        );
        release.check_text(CARD, "run.card.stale", &card::render(&run.0));
    }
    let listed = sums::check(release, SUMS, &required);
    (run, listed)
}

fn check_fields(release: &mut Release, run: &Json) {
    release.check_words(run, MANIFEST);
    let mut field = |holds: bool, name: &str| {
        release.expect(
            holds,
            "run.field",
            MANIFEST,
            format!("`{name}` does not hold"),
        );
    };
    for name in [
        "run_id",
        "command",
        "package_version",
        "dataset_snapshot_id",
        "determinism",
        "result_summary",
    ] {
        field(text(run, name).is_some(), name);
    }
    for name in ["hardware", "runtime", "limitations"] {
        field(texts(run, name).is_some(), name);
    }
    field(text(run, "commit_sha").is_some_and(is_commit), "commit_sha");
    let status = text(run, "status");
    field(
        matches!(status, Some("completed" | "completed_negative")),
        "status",
    );
    for name in ["collapse_monitoring", "nan_monitoring"] {
        let watched = run
            .get("monitoring")
            .and_then(|monitoring| monitoring.get(name));
        field(watched == Some(&Json::Bool(true)), name);
    }
    let is_seed = |seed: &Json| matches!(seed, Json::Int(_));
    let seeds = run.get("seeds");
    let has_seeds =
        matches!(seeds, Some(Json::Object(s)) if !s.is_empty() && s.values().all(is_seed));
    field(has_seeds, "seeds");
    let command = text(run, "command").unwrap_or_default();
    if command.split_whitespace().any(is_private) {
        release.note(
            "private_path",
            MANIFEST,
            "the command holds a path of a machine",
        );
    }
}

fn check_files(release: &mut Release, run: &Run) {
    let files = list(&run.0, "artifacts").unwrap_or_default();
    for kind in KINDS {
        let is_there = files.iter().any(|file| text(file, "kind") == Some(kind));
        release.expect(
            is_there,
            "run.field",
            MANIFEST,
            format!("has no file of kind `{kind}`"),
        );
    }
    for kind in ["training_config", "metrics", "training_preflight"] {
        let message = format!("has not one file of kind `{kind}`");
        release.expect(run.file(kind).is_some(), "run.field", MANIFEST, message);
    }
    for file in files {
        let name = text(file, "path").unwrap_or_default();
        let path = format!("model/{name}");
        if let Some(identity) = release.identity(&path, name) {
            let stated = only(file, &["path", "sha256", "size_bytes"]);
            for field in differences(&identity, &stated) {
                let message = format!("`{field}` is not what the manifest of the run says");
                release.error("run.file.changed", &path, message);
            }
        }
    }
    let metrics = run.file("metrics").and_then(|file| text(file, "path"));
    if let Some(path) = metrics.map(|name| format!("model/{name}"))
        && let Some(metrics) = release.object(&path)
    {
        let n = metrics.get("sample_count").and_then(Json::as_u64);
        release.expect(
            n.is_some_and(|n| n > 0),
            "run.metrics",
            &path,
            "counts no samples",
        );
        let is_number = |value: &Json| {
            value
                .as_f64()
                .or_else(|| value.get("value")?.as_f64())
                .is_some()
        };
        let values = metrics.get("metrics");
        let holds = matches!(values, Some(Json::Object(all)) if all.values().any(is_number));
        release.expect(holds, "run.metrics", &path, "holds no number");
    }
    note_data(release, run);
}

/// The manifest of the data that a run had lies beside it, and may be any file.
fn note_data(release: &mut Release, run: &Run) {
    let digest = run
        .file("dataset_manifest")
        .and_then(|file| text(file, "sha256"));
    if release.holds("dataset/dataset_manifest.json")
        && let Some(data) = release.observe("dataset/dataset_manifest.json")
        && digest.is_some_and(|digest| digest != data.digest.to_string())
    {
        let message = "the manifest of the data that it had is not that of the data of the release";
        release.note("stub_dataset_manifest", MANIFEST, message);
    }
}

/// The configuration of the run is that of the model.
fn check_config(release: &mut Release, run: &Run, model: Option<&Manifest>) {
    let (Some(config), Some(model)) = (run.file("training_config"), model) else {
        return;
    };
    let expected = Json::object([
        ("path", Json::from(&model.training.config_file)),
        ("sha256", model.training.hash.into()),
    ]);
    for field in differences(&expected, config) {
        let message = format!("the configuration has another `{field}` than that of the model");
        release.error("run.config", MANIFEST, message);
    }
}
