//! A release that the tools of the Python package made, and changes of it: every verdict is that of the package's own
//! verifier, or a stricter one.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use geno_core::Digest;
use serde_json::Value;
use tempfile::TempDir;

use crate::data::{files, told};

/// Changes that the package's verifier accepts and this one does not, with the code that it has for them.
const STRICTER: [(&str, &str); 13] = [
    // The preflight of the training looked at this file of the data, with its time.
    ("snapshot report of another time", "model.run.preflight"),
    // The transcript is written again, its time too.
    ("demo of another time", "demo.transcript.stale"),
    // Fields that no version has are refused.
    ("evaluation with another key", "model.metrics.unreadable"),
    // Inputs of the measurement are compared with the files of the release.
    ("efficiency of another checkpoint", "model.efficiency.input"),
    // All that the demonstration says of the model is, not its id alone.
    ("demo of another encoder", "demo.manifest.stale"),
    // The command as one text is written again.
    ("demo with another command line", "demo.manifest.stale"),
    // What the transcript holds of the output is digested.
    (
        "demo of other words on standard output",
        "demo.manifest.stale",
    ),
    // What two reports say of one thing is compared, also where no digest tells.
    (
        "all follows another count of inputs",
        "dataset.input_check.stale",
    ),
    (
        "all follows another specification",
        "dataset.input_check.stale",
    ),
    (
        "all follows another file before the training",
        "model.run.preflight",
    ),
    (
        "all follows another encoder before the demonstration",
        "demo.runtime",
    ),
    (
        "all follows another file before the demonstration",
        "demo.runtime",
    ),
    ("all follows another line of output", "demo.manifest.stale"),
];

/// What the release shows of what the package's verifier gets wrong.
const NOTES: [&str; 6] = [
    "legacy.commit_not_recorded",
    "legacy.contig_names",
    "legacy.eval_config",
    "legacy.identity_cycle",
    "legacy.leakage_not_comparable",
    "legacy.leakage_windows",
];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/legacy-release")
}

fn facts() -> Value {
    let facts = fs::read(fixtures().join("facts.json")).unwrap();
    serde_json::from_slice(&facts).unwrap()
}

/// A copy of the release.
struct Copy(TempDir);

impl Copy {
    fn new() -> Self {
        let copy = Self(tempfile::tempdir().unwrap());
        copy.take(&fixtures().join("release"));
        copy
    }

    /// Puts all files of a folder in it.
    fn take(&self, folder: &Path) {
        for name in files(folder) {
            let to = self.path(&name);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(folder.join(&name), to).unwrap();
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn verify(&self, more: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_geno-release"));
        command.args(["release", "verify", "--legacy"]);
        for part in ["model", "dataset", "demo"] {
            command.arg(format!("--{part}-dir")).arg(self.path(part));
        }
        command.arg("--paper-path").arg(self.path("PAPER.md"));
        command.args(more).output().unwrap()
    }

    /// Makes one of the changes of the facts.
    fn change(&self, change: &Value) {
        if change["do"] == "refresh" {
            return self.refresh();
        }
        let part = |name: &str| change[name].as_str().unwrap();
        let path = self.path(part("path"));
        let read = || fs::read_to_string(&path).unwrap();
        let replaced = match part("do") {
            "remove" => return fs::remove_file(path).unwrap(),
            "resum" => return self.sum_again(part("path")),
            "empty" => Vec::new(),
            "flip" => {
                let mut bytes = fs::read(&path).unwrap();
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
                bytes
            }
            "append" => (read() + part("text")).into_bytes(),
            "replace" => {
                assert!(read().contains(part("from")), "{change}");
                read().replacen(part("from"), part("to"), 1).into_bytes()
            }
            "drop_line" => {
                let text = read();
                let lines = text.split_inclusive('\n');
                lines
                    .filter(|line| !line.contains(part("with")))
                    .collect::<String>()
                    .into_bytes()
            }
            other => panic!("{other}"),
        };
        fs::write(path, replaced).unwrap();
    }

    /// Puts new digests in the place of old ones, until no file changes any more.
    fn refresh(&self) {
        let release = fixtures().join("release");
        let digests = |folder: &Path| -> Vec<(String, String)> {
            let digest = |name: &String| Digest::of(&fs::read(folder.join(name)).unwrap()).to_hex();
            files(folder)
                .into_iter()
                .map(|name| (digest(&name), name))
                .collect()
        };
        let mut known = digests(&release);
        loop {
            let found = digests(self.0.path());
            let changed: Vec<_> = known
                .iter()
                .zip(&found)
                .filter(|(old, new)| old != new)
                .collect();
            if changed.is_empty() {
                return;
            }
            for (_, name) in &found {
                // Files that are not text hold no digests.
                let Ok(text) = fs::read_to_string(self.path(name)) else {
                    continue;
                };
                let put = |text: String, (old, new): &(&(String, String), &(String, String))| {
                    text.replace(&old.0, &new.0)
                };
                fs::write(self.path(name), changed.iter().fold(text, put)).unwrap();
            }
            known = found;
        }
    }

    /// Puts the digests of a list right again.
    fn sum_again(&self, list: &str) {
        let path = self.path(list);
        let lines = fs::read_to_string(&path).unwrap();
        let lines = lines.lines().map(|line| {
            let (_, name) = line.split_once("  ").unwrap();
            let bytes = fs::read(path.with_file_name(name)).unwrap();
            format!("{}  {name}\n", Digest::of(&bytes).to_hex())
        });
        let text: String = lines.collect();
        fs::write(&path, text).unwrap();
    }
}

/// The verdict of a run with `--json`, and the codes of the errors or of the warnings.
fn found(output: &Output, severity: &str) -> (bool, BTreeSet<String>) {
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", told(output)));
    let issues = report["issues"].as_array().unwrap().iter();
    let issues = issues.filter(|issue| issue["severity"] == severity);
    let codes = issues
        .map(|issue| issue["code"].as_str().unwrap().to_owned())
        .collect();
    (report["ok"].as_bool().unwrap(), codes)
}

#[test]
fn a_release_of_the_package_holds_with_notes() {
    assert_eq!(facts()["release"]["ok"], true);
    let copy = Copy::new();
    let output = copy.verify(&["--json"]);
    let (holds, notes) = found(&output, "warning");
    assert!(holds, "{}", told(&output));
    assert_eq!(notes.iter().map(String::as_str).collect::<Vec<_>>(), NOTES);
    assert_eq!(output.status.code(), Some(0));
    assert!(told(&copy.verify(&[])).ends_with("the release holds\n"));
}

#[test]
fn every_verdict_is_that_of_the_package_or_stricter() {
    let mut stricter = BTreeSet::new();
    let (facts, release) = (facts(), fixtures().join("release"));
    let mutations = facts["mutations"].as_array().unwrap();
    assert_eq!(mutations.len(), 244);
    let copy = Copy::new();
    for mutation in mutations {
        let name = mutation["name"].as_str().unwrap();
        let changes = mutation["changes"].as_array().unwrap();
        changes.iter().for_each(|change| copy.change(change));
        let output = copy.verify(&["--json"]);
        let (holds, codes) = found(&output, "error");
        let all = told(&output);
        assert_eq!(
            output.status.code(),
            Some(if holds { 0 } else { 2 }),
            "{name}: {all}"
        );
        match STRICTER.iter().find(|(known, _)| *known == name) {
            Some((_, code)) => {
                assert_eq!(mutation["ok"], true, "{name}");
                assert!(codes.contains(*code), "{name}: {all}");
                stricter.insert(name);
            }
            None => assert_eq!(mutation["ok"], holds, "{name}: {all}"),
        }
        // Where all else follows, nobody can say which file was changed.
        let follows = changes.iter().any(|change| change["do"] == "refresh");
        for path in changes.iter().filter_map(|change| change["path"].as_str()) {
            // A list of digests names itself, or the file whose line it is.
            let is_list = path.ends_with("SHA256SUMS");
            let is_named = is_list || follows || all.contains(path);
            assert!(is_named, "{name}: {path} is not named: {all}");
            fs::copy(release.join(path), copy.path(path)).unwrap();
        }
        if follows {
            copy.take(&release);
        }
    }
    assert_eq!(stricter.len(), STRICTER.len());
}

#[test]
fn numbers_that_nobody_compared_are_told() {
    let facts = facts();
    let variants = facts["variants"].as_array().unwrap();
    assert_eq!(variants.len(), 1);
    assert_eq!(variants[0]["name"], "unchecked-arithmetic");
    assert_eq!(variants[0]["ok"], true);
    let copy = Copy::new();
    copy.take(&fixtures().join("variants/unchecked-arithmetic"));
    let (holds, notes) = found(&copy.verify(&["--json"]), "warning");
    assert!(holds);
    for code in ["legacy.delta_not_checked", "legacy.interval_not_checked"] {
        assert!(notes.contains(code), "{notes:?}");
    }
}

#[test]
fn what_is_private_or_unnamed_is_told() {
    let copy = Copy::new();
    copy.change(&serde_json::json!({
        "do": "replace", "path": "model/efficiency_report.json",
        "from": "\"--batch-size\"", "to": "\"--output=/elsewhere\"",
    }));
    copy.sum_again("model/SHA256SUMS");
    fs::write(copy.path("demo/left.txt"), "x").unwrap();
    let output = copy.verify(&["--json"]);
    let (holds, notes) = found(&output, "warning");
    assert!(holds, "{}", told(&output));
    assert!(
        notes.contains("legacy.private_path") && notes.contains("legacy.unlisted"),
        "{notes:?}"
    );
    assert!(told(&output).contains("demo/left.txt"));
}

#[test]
fn folders_may_have_other_names() {
    let copy = Copy::new();
    fs::rename(copy.path("model"), copy.path("published")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_geno-release"));
    command
        .args(["release", "verify", "--legacy", "--model-dir"])
        .arg(copy.path("published"));
    command.arg("--dataset-dir").arg(copy.path("dataset"));
    command.arg("--demo-dir").arg(copy.path("demo"));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", told(&output));
}
