//! A page has a verdict on what was checked, and on nothing else.

use std::{
    fs,
    path::{Path, PathBuf},
};

use geno_report::{Check, LookUps, Provenance, ProvenanceFiles, ScoreFile, Verdict};
use tempfile::TempDir;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/parity");

/// The scores and receipts of a real run, to be changed.
struct Run {
    folder: TempDir,
    manifest: PathBuf,
}

impl Run {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["scores.jsonl", "receipts.jsonl"] {
            fs::copy(Path::new(FIXTURES).join(name), folder.path().join(name)).unwrap();
        }
        let manifest = Path::new(FIXTURES).join("model/manifest.json");
        Self { folder, manifest }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn change(&self, name: &str, change: impl Fn(Vec<String>) -> Vec<String>) {
        let text = fs::read_to_string(self.path(name)).unwrap();
        let lines = change(text.lines().map(str::to_owned).collect());
        fs::write(self.path(name), lines.join("\n") + "\n").unwrap();
    }

    fn check(&self, has_manifest: bool, has_receipts: bool) -> Provenance {
        let (scores, receipts) = (self.path("scores.jsonl"), self.path("receipts.jsonl"));
        let files = ProvenanceFiles {
            manifest: has_manifest.then_some(self.manifest.as_path()),
            receipts: has_receipts.then_some(receipts.as_path()),
            model_files: None,
        };
        let scores = ScoreFile {
            path: &scores,
            max_rows: 3,
        };
        scores.read_checked(LookUps::default(), &files).unwrap().1
    }
}

fn words(provenance: &Provenance) -> Vec<&'static str> {
    let word = |check: &Check| check.verdict.word();
    provenance.checks.iter().map(word).collect()
}

#[test]
fn a_real_run_is_verified_though_few_rows_are_shown() {
    let provenance = Run::new().check(true, true);
    let expected = [
        "verified",
        "not checked",
        "verified",
        "verified",
        "not checked",
    ];
    assert_eq!(words(&provenance), expected);
    assert_eq!(provenance.verdict().word(), "verified");
    let detail = provenance.checks[3].verdict.detail();
    assert_eq!(detail, "40 rows, one receipt each");
}

#[test]
fn what_was_not_given_is_not_checked() {
    let run = Run::new();
    for (manifest, receipts) in [(false, false), (true, false), (false, true)] {
        let provenance = run.check(manifest, receipts);
        assert_eq!(provenance.verdict().word(), "not checked", "{provenance:?}");
    }
    let alone = run.check(false, true);
    assert_eq!(words(&alone)[2..4], ["not checked", "verified"]);
    assert_eq!(Provenance::default().verdict().word(), "not checked");
}

#[test]
fn a_changed_score_is_found() {
    let run = Run::new();
    run.change("scores.jsonl", |mut lines| {
        lines[6] = lines[6].replace("\"low_confidence\": false", "\"low_confidence\": true");
        lines
    });
    let provenance = run.check(true, true);
    assert_eq!(words(&provenance)[2..4], ["verified", "failed"]);
    assert_eq!(
        provenance.checks[3].verdict,
        Verdict::Fails(
            "1 of 40 rows do not agree; first at row 7: the receipt states another output"
                .to_owned()
        )
    );
    assert_eq!(provenance.verdict().word(), "failed");
}

#[test]
fn a_changed_receipt_is_found_by_both_checks() {
    let run = Run::new();
    run.change("receipts.jsonl", |mut lines| {
        lines[1] = lines[1].replacen("\"low_confidence\":false", "\"low_confidence\":true", 1);
        lines
    });
    let provenance = run.check(true, true);
    assert_eq!(
        words(&provenance)[2..4],
        ["failed", "failed"],
        "{provenance:?}"
    );
}

#[test]
fn a_row_or_a_receipt_that_is_missing_is_found() {
    let shorter = |mut lines: Vec<String>| {
        lines.pop();
        lines
    };
    for name in ["scores.jsonl", "receipts.jsonl"] {
        let run = Run::new();
        run.change(name, shorter);
        let provenance = run.check(true, true);
        assert_eq!(words(&provenance)[3], "failed", "{name}");
    }
    let run = Run::new();
    fs::write(run.path("receipts.jsonl"), "").unwrap();
    assert_eq!(words(&run.check(true, true))[2..4], ["failed", "failed"]);
}

#[test]
fn files_are_named_without_their_folders() {
    let run = Run::new();
    let provenance = run.check(true, true);
    let folder = run.folder.path().display().to_string();
    assert!(
        provenance
            .facts
            .iter()
            .all(|(_, fact)| !fact.contains(&folder))
    );
    assert!(provenance.facts[0].1.starts_with("scores.jsonl, "));
}
