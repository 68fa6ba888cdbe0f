//! The model of a release.

mod card;

use std::collections::BTreeSet;

use anyhow::Result;
use geno_eval::MetricsDocument;
use geno_provenance::{Json, Manifest, PublicPath};

use super::{
    dataset::Dataset,
    efficiency, evaluation,
    release::{Release, text, texts},
    sums,
    training::{self, Run},
};

const MANIFEST: &str = "model/manifest.json";
const METADATA: &str = "model/model_package.json";
const CARD: &str = "model/model_card.md";
const SUMS: &str = "model/SHA256SUMS";
/// Files that a model always has, beside those that its manifest names.
const CORE: [&str; 9] = [
    "manifest.json",
    "model_package.json",
    "model_card.md",
    "eval_metrics.json",
    "efficiency_report.json",
    "training_preflight_report.json",
    "training_run_manifest.json",
    "training_run_card.md",
    "training_run_SHA256SUMS",
];
/// What names of things that are no evidence have in them.
const FIXTURES: [&str; 3] = ["fixture", "dummy", "test"];

/// What other parts of a release say of the model.
pub(super) struct Model {
    pub(super) manifest: Option<Manifest>,
    pub(super) evaluation: Option<MetricsDocument>,
    pub(super) run: Option<Run>,
}

/// Checks the folder of the model.
pub(super) fn check(release: &mut Release, dataset: Option<&Dataset>) -> Result<Model> {
    let manifest = read_manifest(release);
    let mut required: BTreeSet<String> = CORE.map(str::to_owned).into();
    if let Some(manifest) = &manifest {
        check_files(release, manifest);
        required.extend(manifest.files().map(|(_, file, _)| file.to_string()));
    }
    check_metadata(release, manifest.as_ref());
    let report = manifest
        .as_ref()
        .map_or("eval_report.md", |manifest| manifest.eval.file.as_str());
    let evaluation = evaluation::check(release, &format!("model/{report}"));
    if let Some(evaluation) = &evaluation {
        required.extend(evaluation::model_files(evaluation));
    }
    let efficiency = efficiency::check(release, manifest.as_ref());
    let (run, mut listed) = training::check(release, manifest.as_ref());
    if let Some(manifest) = &manifest {
        let said = [
            (
                "model/eval_metrics.json",
                evaluation.as_ref().map(evaluation::identity),
            ),
            (
                "model/efficiency_report.json",
                efficiency.as_ref().map(efficiency::identity),
            ),
            (
                "model/training_run_manifest.json",
                run.as_ref().map(Run::identity),
            ),
        ];
        check_identity(release, manifest, dataset, said);
    }
    let required: Vec<String> = required.into_iter().collect();
    listed.extend(sums::check(release, SUMS, &required));
    listed.extend(
        required
            .iter()
            .filter_map(|name| PublicPath::new(name.as_str()).ok()),
    );
    sums::note_unlisted(release, "model", &listed)?;
    Ok(Model {
        manifest,
        evaluation,
        run,
    })
}

/// What a report says that it is of.
pub(super) struct Said {
    pub(super) release: Option<String>,
    pub(super) model_id: Option<String>,
    pub(super) snapshot: Option<String>,
    pub(super) commit: Option<String>,
}

/// All reports are of one release, of one snapshot of the data and of one commit.
fn check_identity(
    release: &mut Release,
    manifest: &Manifest,
    dataset: Option<&Dataset>,
    said: [(&str, Option<Said>); 3],
) {
    let snapshot = manifest_snapshot(manifest);
    if let (Some(snapshot), Some(dataset)) = (snapshot, dataset) {
        let holds = snapshot == dataset.snapshot_id;
        release.expect(
            holds,
            "identity",
            MANIFEST,
            "is of another snapshot than the data",
        );
    }
    let commits = said
        .iter()
        .filter_map(|(_, said)| said.as_ref()?.commit.as_deref());
    let commits: BTreeSet<String> = commits.map(str::to_lowercase).collect();
    let ids = said
        .iter()
        .filter_map(|(_, said)| said.as_ref()?.model_id.clone());
    let ids: BTreeSet<String> = ids.collect();
    for (path, said) in &said {
        let Some(said) = said else { continue };
        let is = |stated: &Option<String>, expected: &str| {
            stated.as_deref().is_none_or(|stated| stated == expected)
        };
        let holds = is(&said.release, &manifest.release_id);
        release.expect(
            holds,
            "identity",
            path,
            "is of another release than the manifest",
        );
        let holds = snapshot.is_none_or(|snapshot| is(&said.snapshot, snapshot));
        release.expect(
            holds,
            "identity",
            path,
            "is of another snapshot than the manifest",
        );
        let message = "is of another commit than other reports";
        release.expect(commits.len() < 2, "identity", path, message);
        if said.model_id.is_some() {
            let message = "is of another model than other reports";
            release.expect(ids.len() < 2, "identity", path, message);
            if ids.len() == 1 && !ids.contains(&manifest.model_id().to_string()) {
                let message = "names another model id than the manifest, whose id follows from the evaluation's report: \
                               what was measured is bound to the model by the names of the release alone";
                release.note("identity_cycle", path, message);
            }
        }
    }
}

/// The snapshot of the data that a manifest names.
fn manifest_snapshot(manifest: &Manifest) -> Option<&str> {
    let facts = &manifest.training.data_snapshot;
    let named = ["snapshot", "dataset_snapshot", "snapshot_id"];
    let named = named.iter().find_map(|key| {
        let fact = facts.iter().find(|(name, _)| name.as_str() == *key);
        fact.map(|(_, value)| value.as_str())
    });
    let only = || {
        facts
            .values()
            .next()
            .filter(|_| facts.len() == 1)
            .map(|value| value.as_str())
    };
    named.or_else(only)
}

fn read_manifest(release: &mut Release) -> Option<Manifest> {
    let bytes = release.bytes(MANIFEST)?;
    let manifest = match Manifest::parse(&bytes) {
        Ok(manifest) => manifest,
        Err(error) => {
            let error = anyhow::Error::from(error);
            release.error("manifest.unreadable", MANIFEST, format!("{error:#}"));
            return None;
        }
    };
    if manifest.to_bytes() != bytes {
        let message = "is not canonical JSON: the digest of the file is not the model id";
        release.note("manifest_form", MANIFEST, message);
    }
    let facts = manifest.training.data_snapshot.iter();
    let facts = facts.flat_map(|(name, value)| [name.as_str(), value.as_str()]);
    let names = [
        manifest.release_id.as_str(),
        manifest.model_version.as_str(),
    ];
    let names: Vec<&str> = names.into_iter().chain(facts).collect();
    match fixture_word(&names) {
        Some(word) if is_word(&names, word) => {
            release.error(
                "fixture",
                MANIFEST,
                format!("is of a fixture: a name says `{word}`"),
            );
        }
        Some(word) => {
            let message = format!("the package takes it for a fixture: `{word}` is part of a word");
            release.note("fixture_words", MANIFEST, message);
        }
        None => {}
    }
    if manifest.encoder.id.starts_with('/') {
        let message = "the model id covers where the encoder lay on a machine";
        release.note("mount_path_identity", MANIFEST, message);
    }
    Some(manifest)
}

fn fixture_word(names: &[&str]) -> Option<&'static str> {
    let names = names.join(" ").to_lowercase();
    FIXTURES.into_iter().find(|word| names.contains(word))
}

fn is_word(names: &[&str], word: &str) -> bool {
    let mut words = names
        .iter()
        .flat_map(|name| name.split(|char: char| !char.is_alphanumeric()));
    words.any(|found| found.eq_ignore_ascii_case(word))
}

/// The files of the manifest have its digests.
fn check_files(release: &mut Release, manifest: &Manifest) {
    for (_, file, digest) in manifest.files() {
        let path = format!("model/{file}");
        if let Some(observed) = release.observe(&path) {
            let message = "has other bytes than the manifest says";
            release.expect(observed.digest == digest, "file.changed", &path, message);
        }
    }
}

/// What people say of the model, and the card that follows from it.
fn check_metadata(release: &mut Release, manifest: Option<&Manifest>) {
    let Some(metadata) = release.report(METADATA, "tools.release.model_package") else {
        return;
    };
    release.check_words(&metadata, METADATA);
    for field in ["summary", "license", "intended_use"] {
        let is_said = text(&metadata, field).is_some();
        release.expect(
            is_said,
            "metadata.field",
            METADATA,
            format!("`{field}` is missing"),
        );
    }
    for field in [
        "data",
        "hardware",
        "limitations",
        "training",
        "evaluation",
        "runtime",
        "release_notes",
    ] {
        let is_said = texts(&metadata, field).is_some();
        release.expect(
            is_said,
            "metadata.field",
            METADATA,
            format!("`{field}` says nothing"),
        );
    }
    let more = texts(&metadata, "extra_files").unwrap_or_default();
    for name in CORE.iter().filter(|name| name.starts_with("training_")) {
        let message = format!("`extra_files` lacks `{name}`");
        release.expect(more.contains(name), "metadata.field", METADATA, message);
    }
    if let Some(manifest) = manifest {
        release.check_text(CARD, "card.stale", &card::render(manifest, &metadata));
    }
    if more.contains(&"calibration_report.json") {
        check_calibration(release, manifest);
    }
}

/// A report of the calibration is of a model id that covers the calibration: it can only be another one.
fn check_calibration(release: &mut Release, manifest: Option<&Manifest>) {
    let path = "model/calibration_report.json";
    let Some(report): Option<Json> = release.object(path) else {
        return;
    };
    let id = manifest.map(|manifest| manifest.model_id().to_string());
    if id.as_deref() != text(&report, "model_id") {
        let message =
            "names another model id than the manifest, whose id follows from the calibration";
        release.note("identity_cycle", path, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_more_than_a_part_of_one() {
        let is_fixture = |name: &str| fixture_word(&[name]).map(|word| is_word(&[name], word));
        assert_eq!(is_fixture("geno-lewm-fixture-r1"), Some(true));
        assert_eq!(is_fixture("geno-lewm-latest-r1"), Some(false));
        assert_eq!(is_fixture("geno-lewm-v0.1.0-r1"), None);
    }
}
