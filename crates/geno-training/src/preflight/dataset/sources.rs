//! Where the data come from: the report of the check of the sources, and that of the snapshot.

use geno_core::Digest;
use geno_provenance::{Artifact, Json, PublicPath};

use super::{INPUT_CHECK, PACKAGE, Package, SNAPSHOT_REPORT};
use crate::preflight::Issues;

/// A source as either report names it.
#[derive(Eq, PartialEq)]
struct Source<'a> {
    source_path: &'a str,
    staged_path: &'a str,
    split: &'a str,
    description: &'a str,
    digest: Digest,
    size: u64,
}

impl<'a> Source<'a> {
    /// Reads an entry whose fields have these names, in the order of the fields here. Paths must
    /// stay inside the folder, and the source must hold something.
    fn read(entry: &'a Json, [source, staged, digest, size]: [&str; 4]) -> Option<Self> {
        let text = |key: &str| entry.get(key).and_then(Json::as_str);
        let path = |key: &str| text(key).filter(|path| PublicPath::new(*path).is_ok());
        Some(Self {
            source_path: path(source)?,
            staged_path: path(staged)?,
            split: text("split")?,
            description: text("description")?,
            digest: text(digest)?.parse().ok()?,
            size: entry.get(size)?.as_u64().filter(|size| *size > 0)?,
        })
    }
}

const CHECKED: [&str; 4] = ["source_path", "staged_path", "sha256", "size_bytes"];
const STAGED: [&str; 4] = ["source_path", "path", "source_sha256", "source_size_bytes"];

impl Package<'_> {
    /// Checks what every report says of itself.
    fn check_markers(
        &self,
        document: &Json,
        (name, code, producer): (&str, &str, &str),
        issues: &mut Issues,
    ) {
        let text = |key: &str| document.get(key).and_then(Json::as_str);
        if text("schema_version") != Some("1.0.0") {
            let message = "`schema_version` is not 1.0.0";
            issues.error(format!("{code}.schema_version"), name, message);
        }
        if text("generated_by") != Some(producer) {
            let message = format!("`generated_by` is not {producer}");
            issues.error(format!("{code}.generated_by"), name, message);
        }
        if !self.has_snapshot_of(document) {
            let message = "`snapshot_id` is not the manifest's";
            issues.error(format!("{code}.snapshot_mismatch"), name, message);
        }
    }

    pub(super) fn check_inputs(
        &self,
        input_check: &Json,
        report: Option<&Json>,
        issues: &mut Issues,
    ) {
        const PRODUCER: &str = "tools.release.dataset_snapshot.check_inputs";
        let names = (INPUT_CHECK, "dataset.input_check", PRODUCER);
        self.check_markers(input_check, names, issues);
        let checked = sources(input_check.get("inputs"), CHECKED);
        let Some(checked) = checked.filter(|sources| !sources.is_empty()) else {
            let message = "`inputs` are no list of sources with path, split, digest and size";
            return issues.error("dataset.input_check.inputs", INPUT_CHECK, message);
        };
        let Some(report) = report else {
            return;
        };
        if sources(report.get("files"), STAGED).is_none_or(|staged| staged != checked) {
            let message = "the sources that were checked are not those of the snapshot";
            issues.error("dataset.input_check.stale", INPUT_CHECK, message);
        }
    }

    pub(super) fn check_snapshot_report(
        &self,
        report: &Json,
        input_check: Option<&Artifact>,
        issues: &mut Issues,
    ) {
        const CODE: &str = "dataset.snapshot_report";
        let names = (SNAPSHOT_REPORT, CODE, "tools.release.dataset_snapshot");
        self.check_markers(report, names, issues);
        for (key, expected) in [
            ("report_path", SNAPSHOT_REPORT),
            ("metadata_path", PACKAGE),
            ("input_check_path", INPUT_CHECK),
        ] {
            if report.get(key).and_then(Json::as_str) != Some(expected) {
                let message = format!("`{key}` is not {expected}");
                issues.error(format!("{CODE}.{key}"), SNAPSHOT_REPORT, message);
            }
        }
        check_identity(report.get("input_check"), input_check, issues);
        self.check_staged(report, issues);
    }

    fn check_staged(&self, report: &Json, issues: &mut Issues) {
        let Some(Json::Array(staged)) = report.get("files").filter(|files| !is_empty(files)) else {
            let message = "`files` is no list of files";
            return issues.error("dataset.snapshot_report.files", SNAPSHOT_REPORT, message);
        };
        let Some(Json::Array(listed)) = self.manifest.get("files") else {
            return;
        };
        fn paths(files: &[Json]) -> impl Iterator<Item = Option<&str>> {
            files.iter().map(|file| file.get("path")?.as_str())
        }
        if !paths(staged).eq(paths(listed)) {
            let message = "`files` are not the manifest's";
            issues.error(
                "dataset.snapshot_report.files_mismatch",
                SNAPSHOT_REPORT,
                message,
            );
        }
    }
}

/// Checks what the report of the snapshot says the check of its sources is.
fn check_identity(stated: Option<&Json>, found: Option<&Artifact>, issues: &mut Issues) {
    const CODE: &str = "dataset.snapshot_report.input_check";
    let Some(stated @ Json::Object(_)) = stated else {
        let message = "`input_check` is no identity of a file";
        return issues.error(CODE, INPUT_CHECK, message);
    };
    if stated.get("path").and_then(Json::as_str) != Some(INPUT_CHECK) {
        let message = format!("`input_check.path` is not {INPUT_CHECK}");
        issues.error(format!("{CODE}.path"), INPUT_CHECK, message);
    }
    let Some(found) = found else {
        return issues.error(
            format!("{CODE}.missing"),
            INPUT_CHECK,
            "the file is not there",
        );
    };
    let is_same = stated.get("sha256") == Some(&found.digest.into())
        && stated.get("size_bytes") == Some(&found.size.into());
    if !is_same {
        let message = "the file is not the one that the snapshot's report names";
        issues.error(format!("{CODE}.stale"), INPUT_CHECK, message);
    }
}

fn is_empty(list: &Json) -> bool {
    matches!(list, Json::Array(items) if items.is_empty())
}

/// The sources of a list, if every entry is one.
fn sources<'a>(list: Option<&'a Json>, names: [&str; 4]) -> Option<Vec<Source<'a>>> {
    let Json::Array(entries) = list? else {
        return None;
    };
    let sources = entries.iter().map(|entry| Source::read(entry, names));
    sources.collect()
}
