//! What was looked at before the run.

use geno_provenance::{Json, PublicPath};

use super::{PREFLIGHT, Run};
use crate::{
    folder::SUMS,
    legacy::{
        compare::{differences, only},
        dataset::CORE,
        release::{Release, SCHEMA, list, text},
    },
};

const REPORT: &str = "model/training_preflight_report.json";

/// Checks the report: nothing was wrong, and it looked at what the run had.
pub(super) fn check(release: &mut Release, run: &Run) {
    let file = run
        .file("training_preflight")
        .and_then(|file| text(file, "path"));
    let message = format!("the preflight of a release is `{PREFLIGHT}`");
    release.expect(
        file == Some(PREFLIGHT),
        "run.preflight",
        super::MANIFEST,
        message,
    );
    let Some(report) = release.report(REPORT, "geno_lewm.training.preflight") else {
        return;
    };
    let snapshot = run
        .0
        .get("dataset_snapshot_id")
        .cloned()
        .unwrap_or(Json::Null);
    let config = run.file("training_config").cloned().unwrap_or(Json::Null);
    let expected = Json::object([
        ("schema_version", SCHEMA.into()),
        ("ok", true.into()),
        ("dataset_snapshot_id", snapshot.clone()),
        ("training_config", only(&config, &["sha256", "size_bytes"])),
        ("dataset", Json::object([("snapshot_id", snapshot)])),
    ]);
    for field in differences(&expected, &report) {
        let message = format!("`{field}` is not that of the run");
        release.error("run.preflight", REPORT, message);
    }
    check_data(release, &report);
    let resolved = report
        .get("training_config")
        .and_then(|config| config.get("resolved"));
    let holds = matches!(resolved, Some(Json::Object(_)));
    release.expect(
        holds,
        "run.preflight",
        REPORT,
        "does not hold the configuration",
    );
    let failed = match report.get("issues") {
        Some(Json::Array(issues)) => issues
            .iter()
            .any(|issue| text(issue, "severity") == Some("error")),
        _ => true,
    };
    release.expect(!failed, "run.preflight", REPORT, "found errors");
    if let Some(field) = private_path(&report, "") {
        release.error(
            "run.preflight",
            REPORT,
            format!("`{field}` is no public path"),
        );
    }
    let weights = report
        .get("carbon")
        .and_then(|carbon| carbon.get("artifacts")?.get("weights"));
    let weights = weights.and_then(|file| text(file, "path"));
    if weights.is_some_and(|path| path.ends_with(".index.json")) {
        let message =
            "the digest of the encoder is that of a list of its shards, not of their bytes";
        release.note("sharded_encoder", REPORT, message);
    }
}

/// It looked at the data of the release.
fn check_data(release: &mut Release, report: &Json) {
    let dataset = report.get("dataset").unwrap_or(&Json::Null);
    if release.holds("dataset/dataset_manifest.json")
        && let Some(manifest) = release.object("dataset/dataset_manifest.json")
    {
        let files = list(&manifest, "files").unwrap_or_default().iter();
        let facts = ["path", "split", "records", "sha256", "size_bytes"];
        let files = files.map(|file| only(file, &facts)).collect();
        let expected = Json::object([("files", Json::Array(files))]);
        release.compare(REPORT, "run.preflight", &expected, dataset);
    }
    for name in CORE.into_iter().chain([SUMS]) {
        let file = format!("dataset/{name}");
        // An own error tells of a file that is not there.
        let Some(identity) = release.identity(&file, name) else {
            continue;
        };
        let stated = dataset.get("core_files").and_then(|files| files.get(name));
        let holds = differences(&identity, stated.unwrap_or(&Json::Null)).is_empty();
        let message = format!("looked at another `{file}` than that of the release");
        release.expect(holds, "run.preflight", REPORT, message);
    }
}

/// The first field with `path` in its name that is none inside a folder.
fn private_path(value: &Json, place: &str) -> Option<String> {
    match value {
        Json::Object(fields) => fields.iter().find_map(|(name, value)| {
            let place = format!("{place}.{name}").trim_start_matches('.').to_owned();
            match value {
                Json::String(path) if name.to_lowercase().contains("path") => {
                    // A run may have been in the folder that it was started in.
                    let is_public = path == "." || PublicPath::new(path.as_str()).is_ok();
                    (!is_public).then_some(place)
                }
                value => private_path(value, &place),
            }
        }),
        Json::Array(items) => items.iter().find_map(|item| private_path(item, place)),
        _ => None,
    }
}
