//! The data of a release.

mod card;

use std::collections::BTreeSet;

use anyhow::Result;
use geno_provenance::{Json, PublicPath};

use super::{
    compare::differences,
    integrity::Integrity,
    leakage,
    release::{Release, list, text, texts},
    snapshot, sums,
};

/// The tool that writes manifest, card and metadata.
const PRODUCER: &str = "tools.release.dataset_package";
const MANIFEST: &str = "dataset/dataset_manifest.json";
const METADATA: &str = "dataset/dataset_package.json";
const INTEGRITY: &str = "dataset/split_integrity.json";
const CARD: &str = "dataset/data_card.md";
const SUMS: &str = "dataset/SHA256SUMS";
/// Files that a data set always has.
pub(super) const CORE: [&str; 6] = [
    "data_card.md",
    "dataset_package.json",
    "dataset_manifest.json",
    "split_integrity.json",
    "dataset_input_check_report.json",
    "dataset_snapshot_report.json",
];

/// What other parts of a release say of the data.
pub(super) struct Dataset {
    pub(super) manifest: Json,
    pub(super) snapshot_id: String,
}

/// Checks the folder of the data.
pub(super) fn check(release: &mut Release) -> Result<Option<Dataset>> {
    let manifest = release.report(MANIFEST, PRODUCER);
    let mut required: Vec<String> = CORE.map(str::to_owned).to_vec();
    if let Some(manifest) = &manifest {
        check_manifest(release, manifest);
        check_contents(release, manifest);
        snapshot::check(release, manifest);
        let files = list(manifest, "files").unwrap_or_default().iter();
        required.extend(
            files
                .filter_map(|file| text(file, "path"))
                .map(str::to_owned),
        );
    }
    let mut listed = sums::check(release, SUMS, &required);
    listed.extend(
        required
            .iter()
            .filter_map(|name| PublicPath::new(name.as_str()).ok()),
    );
    sums::note_unlisted(release, "dataset", &listed)?;
    Ok(manifest.and_then(|manifest| {
        let snapshot_id = text(&manifest, "snapshot_id")?.to_owned();
        Some(Dataset {
            manifest,
            snapshot_id,
        })
    }))
}

/// The manifest says everything it must, of files that are there, and the metadata say the same.
fn check_manifest(release: &mut Release, manifest: &Json) {
    release.check_words(manifest, MANIFEST);
    for field in ["snapshot_id", "license", "split_policy", "intended_use"] {
        let is_said = text(manifest, field).is_some();
        release.expect(
            is_said,
            "manifest.field",
            MANIFEST,
            format!("`{field}` is missing"),
        );
    }
    for field in ["preprocessing", "leakage_checks", "limitations"] {
        let is_said = texts(manifest, field).is_some();
        release.expect(
            is_said,
            "manifest.field",
            MANIFEST,
            format!("`{field}` says nothing"),
        );
    }
    let sources = list(manifest, "sources").unwrap_or_default();
    let named = |source| text(source, "name").is_some() && text(source, "revision").is_some();
    let holds = !sources.is_empty() && sources.iter().all(named);
    release.expect(
        holds,
        "manifest.field",
        MANIFEST,
        "`sources` have no names and revisions",
    );
    let mut seen = BTreeSet::new();
    let files = list(manifest, "files").unwrap_or_default();
    release.expect(
        !files.is_empty(),
        "manifest.field",
        MANIFEST,
        "`files` is empty",
    );
    for file in files {
        let Some(name) = text(file, "path") else {
            release.error("manifest.field", MANIFEST, "a file has no path");
            continue;
        };
        release.expect(
            seen.insert(name),
            "manifest.field",
            MANIFEST,
            format!("`{name}` comes twice"),
        );
        let path = format!("dataset/{name}");
        if let Some(identity) = release.identity(&path, name) {
            for field in differences(&identity, file) {
                let message = format!("`{field}` is not what the manifest says");
                release.error("file.changed", &path, message);
            }
        }
    }
    if let Some(metadata) = release.report(METADATA, PRODUCER) {
        release.check_words(&metadata, METADATA);
        let message = format!("differs from `{MANIFEST}`");
        release.expect(metadata == *manifest, "metadata.stale", METADATA, message);
    }
}

/// Counts, proofs and the card are what the files give.
fn check_contents(release: &mut Release, manifest: &Json) {
    let Some(stated) = release.report(INTEGRITY, "tools.release.dataset_integrity") else {
        return;
    };
    let time = text(&stated, "generated_at").unwrap_or_default();
    let integrity = match Integrity::of(release, manifest, time) {
        Ok(integrity) => integrity,
        Err(error) => {
            return release.error("integrity.underivable", INTEGRITY, format!("{error:#}"));
        }
    };
    release.compare_whole(INTEGRITY, "integrity.stale", &integrity.report, &stated);
    release.check_text(
        CARD,
        "card.stale",
        &card::render(manifest, &integrity.report),
    );
    leakage::note(release, &integrity);
}
