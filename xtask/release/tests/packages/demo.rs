//! A demonstration: run, told, and every change of it found.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::{
    data::{files, sum_again, told},
    efficiency::fixtures,
    model::Measured,
};

fn recorded(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/demo")
        .join(name)
}

/// A program that answers as `geno-lewm` did once.
pub(crate) fn program(folder: &Path, doctor: &str, exit: i32) -> PathBuf {
    fs::write(folder.join("doctor.json"), doctor).unwrap();
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = doctor ]; then cat '{doctor}'; exit 0; fi\n\
         [ -z \"$HF_TOKEN\" ] || echo \"$HF_TOKEN\"\n\
         cp '{recorded}'/scores.jsonl* '{recorded}'/receipts.jsonl demo\n\
         echo '6 scored' >&2\nexit {exit}\n",
        doctor = folder.join("doctor.json").display(),
        recorded = recorded("").display(),
    );
    let path = folder.join("geno-lewm");
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

pub(crate) fn doctor() -> String {
    fs::read_to_string(recorded("doctor.json")).unwrap()
}

/// A packaged model and what is needed to demonstrate it.
pub(crate) struct Shown {
    pub(crate) measured: Measured,
}

impl Shown {
    pub(crate) fn new() -> Self {
        let measured = Measured::new();
        let output = measured.package();
        assert!(output.status.success(), "{}", told(&output));
        Self { measured }
    }

    pub(crate) fn run(&self, doctor: &str, exit: i32) -> Output {
        let program = program(&self.measured.path(""), doctor, exit);
        Command::new(env!("CARGO_BIN_EXE_geno-release"))
            .args(["demo", "run", "--now", "2026-01-02T03:04:05Z"])
            .arg("--model-dir")
            .arg(self.measured.path("model"))
            .arg("--vcf")
            .arg(recorded("variants.vcf"))
            .arg("--fasta")
            .arg(fixtures().join("demo/GRCh37.20.fa.gz"))
            .arg("--demo-dir")
            .arg(self.folder())
            .arg("--program")
            .arg(program)
            .env("HF_TOKEN", "hf_secret")
            .output()
            .unwrap()
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.measured.path("demo")
    }

    fn verify(&self) -> Output {
        Command::new(env!("CARGO_BIN_EXE_geno-release"))
            .args(["demo", "verify", "--model-dir"])
            .arg(self.measured.path("model"))
            .arg("--demo-dir")
            .arg(self.folder())
            .output()
            .unwrap()
    }
}

#[test]
fn a_demonstration_keeps_what_was_said_and_written() {
    let shown = Shown::new();
    let output = shown.run(&doctor(), 0);
    assert!(output.status.success(), "{}", told(&output));
    let transcript =
        fs::read_to_string(shown.folder().join("terminal-demo-transcript.md")).unwrap();
    for line in [
        "$ geno-lewm score --model-dir model --vcf demo/variants.vcf",
        "6 scored",
        "| Receipts that hold | 6 |",
        "| kernel | native-avx512-bf16 |",
        "What the scores are worth stands in the evaluation report.",
    ] {
        assert!(
            transcript.contains(line),
            "{line:?} is not in\n{transcript}"
        );
    }
    for name in files(&shown.folder()) {
        let bytes = fs::read(shown.folder().join(&name)).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let place = shown.measured.path("");
        assert!(!text.contains(place.to_str().unwrap()), "{name}");
        assert!(!text.contains("hf_secret"), "{name}");
    }
    // The same time gives the same bytes.
    let first = fs::read(shown.folder().join("SHA256SUMS")).unwrap();
    assert!(told(&shown.run(&doctor(), 0)).contains("exists"));
    fs::remove_dir_all(shown.folder()).unwrap();
    assert!(shown.run(&doctor(), 0).status.success());
    assert_eq!(fs::read(shown.folder().join("SHA256SUMS")).unwrap(), first);
}

#[test]
fn what_is_no_demonstration_is_refused_and_nothing_is_made() {
    let shown = Shown::new();
    let doctor = doctor();
    for (from, to, exit, expected) in [
        ("on (seccomp)", "off (refused)", 0, "demo.preflight.sandbox"),
        ("\"ok\": true", "\"ok\": false", 0, "demo.preflight.model"),
        ("", "", 3, "6 scored"),
    ] {
        let output = shown.run(&doctor.replacen(from, to, 1), exit);
        assert!(!output.status.success(), "{from}");
        assert!(told(&output).contains(expected), "{}", told(&output));
        assert!(!shown.folder().exists());
    }
}

#[test]
fn every_file_that_changes_is_named() {
    let shown = Shown::new();
    assert!(shown.run(&doctor(), 0).status.success());
    for name in files(&shown.folder()) {
        let path = shown.folder().join(&name);
        let whole = fs::read(&path).unwrap();
        let mut flipped = whole.clone();
        let middle = whole.len() / 2;
        flipped
            .get_mut(middle)
            .into_iter()
            .for_each(|byte| *byte ^= 1);
        let mut longer = whole.clone();
        longer.push(b'\n');
        for bytes in [Some(flipped), Some(longer), None] {
            if bytes.as_ref() == Some(&whole) {
                continue;
            }
            match &bytes {
                Some(bytes) => fs::write(&path, bytes).unwrap(),
                None => fs::remove_file(&path).unwrap(),
            }
            let output = shown.verify();
            let told = told(&output);
            assert_eq!(output.status.code(), Some(2), "{name}: {told}");
            assert!(
                told.contains(&name) || name == "SHA256SUMS",
                "{name}: {told}"
            );
            fs::write(&path, &whole).unwrap();
        }
    }
    assert!(shown.verify().status.success(), "all of it was put back");
}

#[test]
fn what_is_changed_with_its_digest_is_found_too() {
    let shown = Shown::new();
    assert!(shown.run(&doctor(), 0).status.success());
    for (name, from, to, code) in [
        (
            "terminal-demo-transcript.md",
            "6 scored",
            "7 scored",
            "demo.transcript.stale",
        ),
        ("stderr.txt", "6 scored", "7 scored", "demo.file.drift"),
        (
            "terminal_demo_manifest.json",
            "\"variant_records\": 6",
            "\"variant_records\": 7",
            "demo.manifest.stale",
        ),
        (
            "terminal_demo_manifest.json",
            "\"--log-level\"",
            "\"--no-receipt\"",
            "demo.command",
        ),
        (
            "terminal_demo_manifest.json",
            "command_behaviour_only",
            "coverage_only",
            "demo.manifest.unreadable",
        ),
        (
            "terminal_demo_manifest.json",
            "xtask.demo.run",
            "by.hand",
            "demo.manifest.unreadable",
        ),
        (
            "terminal_demo_manifest.json",
            "made_up_data",
            "made_up_model",
            "demo.class",
        ),
        (
            "runtime_preflight_report.json",
            "on (seccomp)",
            "off (none)",
            "demo.preflight.unreadable",
        ),
        (
            "batch_receipt_report.json",
            "\"records\": 6",
            "\"records\": 5",
            "demo.batch.stale",
        ),
        (
            "scores.jsonl",
            "geno-lewm-score",
            "geno-lewm-guess",
            "demo.receipts",
        ),
        (
            "scores.jsonl",
            "\"bucket_id\": \"other\"",
            "\"bucket_id\": \"exon\"",
            "demo.receipts",
        ),
        (
            "receipts.jsonl",
            "\"row_index\":1",
            "\"row_index\":2",
            "demo.receipts",
        ),
        (
            "variants.vcf",
            "20\t3300003",
            "20\t3300004",
            "demo.file.drift",
        ),
    ] {
        let path = shown.folder().join(name);
        let whole = fs::read_to_string(&path).unwrap();
        assert!(
            whole.contains(from),
            "{from:?} is not in `{name}`:\n{whole}"
        );
        fs::write(&path, whole.replacen(from, to, 1)).unwrap();
        sum_again(&shown.folder());
        let output = shown.verify();
        let told = told(&output);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{name}: {from} to {to}: {told}"
        );
        assert!(told.contains(code), "{name}: {from} to {to}: {told}");
        fs::write(&path, &whole).unwrap();
    }
}
