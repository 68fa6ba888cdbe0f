//! What the data were staged from.

use geno_core::Digest;
use geno_provenance::{Json, PublicPath};

use super::{
    compare::{only, with},
    release::{Release, SCHEMA, list, shown, text},
};

const REPORT: &str = "dataset/dataset_snapshot_report.json";
const INPUTS: &str = "dataset/dataset_input_check_report.json";

/// Checks the report of the staging, and that of the inputs before it, against the manifest and the files.
pub(super) fn check(release: &mut Release, manifest: &Json) {
    let Some(report) = release.report(REPORT, "tools.release.dataset_snapshot") else {
        return;
    };
    let id = manifest.get("snapshot_id").cloned().unwrap_or(Json::Null);
    let files = list(manifest, "files").unwrap_or_default();
    let mut identity = |name: &str| {
        let path = format!("dataset/{name}");
        release.identity(&path, name).unwrap_or(Json::Null)
    };
    let package = Json::object([
        ("schema_version", SCHEMA.into()),
        ("generated_by", "tools.release.dataset_package".into()),
        ("snapshot_id", id.clone()),
        ("manifest_path", "dataset_manifest.json".into()),
        ("data_card_path", "data_card.md".into()),
        ("integrity_path", "split_integrity.json".into()),
        ("checksums_path", "SHA256SUMS".into()),
        ("metadata", identity("dataset_package.json")),
        ("manifest", identity("dataset_manifest.json")),
        ("data_card", identity("data_card.md")),
        ("integrity", identity("split_integrity.json")),
        ("files", Json::Array(files.to_vec())),
    ]);
    let expected = Json::object([
        ("snapshot_id", id.clone()),
        ("report_path", "dataset_snapshot_report.json".into()),
        ("metadata_path", "dataset_package.json".into()),
        ("input_check_path", "dataset_input_check_report.json".into()),
        ("input_check", identity("dataset_input_check_report.json")),
        ("package", package),
        ("files", Json::Array(files.to_vec())),
    ]);
    release.compare(REPORT, "snapshot.stale", &expected, &report);
    let spec = report.get("snapshot_spec").unwrap_or(&Json::Null);
    let holds = is_source(spec, ["path", "sha256", "size_bytes"]);
    release.expect(
        holds,
        "snapshot.source",
        REPORT,
        "`snapshot_spec` names no public file",
    );
    let staged = list(&report, "files").unwrap_or_default();
    for file in staged {
        let holds = is_source(file, ["source_path", "source_sha256", "source_size_bytes"]);
        let message = format!("`{}` has no public source", shown(file.get("path")));
        release.expect(holds, "snapshot.source", REPORT, message);
    }
    check_inputs(release, &id, spec, staged);
}

/// The inputs that were looked at are those that were staged.
fn check_inputs(release: &mut Release, id: &Json, spec: &Json, staged: &[Json]) {
    let Some(report) = release.object(INPUTS) else {
        return;
    };
    // The report has no time.
    let producer = "tools.release.dataset_snapshot.check_inputs";
    let inputs = staged.iter().map(|file| {
        let of = |name| file.get(name).cloned().unwrap_or(Json::Null);
        with(
            only(file, &["split", "description", "source_path"]),
            [
                ("staged_path", of("path")),
                ("sha256", of("source_sha256")),
                ("size_bytes", of("source_size_bytes")),
            ],
        )
    });
    let sizes = staged
        .iter()
        .filter_map(|file| file.get("source_size_bytes")?.as_u64());
    let expected = Json::object([
        ("schema_version", SCHEMA.into()),
        ("generated_by", producer.into()),
        ("snapshot_id", id.clone()),
        ("snapshot_spec", spec.clone()),
        ("source_count", (staged.len() as u64).into()),
        ("total_size_bytes", sizes.sum::<u64>().into()),
        ("inputs", Json::Array(inputs.collect())),
    ]);
    release.compare(INPUTS, "input_check.stale", &expected, &report);
}

/// Whether the fields name a file in public, with its digest and a size.
fn is_source(document: &Json, [path, digest, size]: [&str; 3]) -> bool {
    let is_public = text(document, path).is_some_and(|path| PublicPath::new(path).is_ok());
    let is_digest = text(document, digest).is_some_and(|text| text.parse::<Digest>().is_ok());
    let has_size = document
        .get(size)
        .and_then(Json::as_u64)
        .is_some_and(|size| size > 0);
    is_public && is_digest && has_size
}
