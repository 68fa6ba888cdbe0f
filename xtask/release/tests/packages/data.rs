//! A data set in the making, on made-up inputs.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

pub(crate) const SPEC: &str = r#"{
  "schema_version": "1.1.0",
  "snapshot_id": "made-up-r1",
  "is_made_up": true,
  "assembly": "none",
  "sources": [
    {"name": "made up", "revision": "1", "url": "https://example.org/data", "license": "CC0-1.0"}
  ],
  "license": "CC0-1.0",
  "preprocessing": ["Rows are taken as they are."],
  "split_policy": "By position.",
  "intended_use": "Tests.",
  "limitations": ["All of it is made up."],
  "splits": [
    {"name": "train", "role": "train", "description": "Learned from."},
    {"name": "background", "role": "calibration", "description": "Percentiles."},
    {"name": "eval", "role": "evaluation", "description": "Measured on."},
    {"name": "genome", "role": "reference", "description": "The genome."}
  ],
  "files": [
    {"path": "train/common.vcf.gz", "split": "train", "description": "Frequent ones.",
     "make": {"kind": "variants", "input": "all.vcf", "regions": ["1:1-100"], "min_frequency": 0.01}},
    {"path": "train/windows.bed", "split": "train", "description": "Windows.",
     "make": {"kind": "regions", "regions": ["1:1-120"]}},
    {"path": "background.vcf", "split": "background", "description": "Frequent ones.",
     "make": {"kind": "variants", "input": "all.vcf", "regions": ["1:131-160"]}},
    {"path": "eval/labels.vcf", "split": "eval", "description": "Labels.",
     "make": {"kind": "copy", "input": "labels.vcf"}},
    {"path": "genome.fa", "split": "genome", "description": "Bases.",
     "make": {"kind": "copy", "input": "genome.fa"}}
  ],
  "declared": []
}"#;

pub(crate) const HEADER: &str =
    "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";

/// Inputs, a specification and the folder of a package.
pub(crate) struct Made {
    pub(crate) folder: TempDir,
}

impl Made {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = Self { folder };
        fs::create_dir(made.path("in")).unwrap();
        let bases = "ACGTTGCA".repeat(25);
        made.input("genome.fa", &format!(">1\n{bases}\n"));
        let row = |pos: usize, info: &str| {
            let reference = &bases[pos - 1..pos];
            let alternate = if reference == "A" { "C" } else { "A" };
            format!("1\t{pos}\t.\t{reference}\t{alternate}\t.\tPASS\t{info}\n")
        };
        let all = [
            row(20, "AF=0.2"),
            row(30, "AF=0.001"),
            row(50, "AF=0.999"),
            row(60, "AF=0.6"),
            row(140, "AF=0.3"),
        ];
        made.input("all.vcf", &format!("{HEADER}{}", all.concat()));
        let labels = [row(170, "CLNSIG=Pathogenic"), row(180, "CLNSIG=Benign")];
        made.input("labels.vcf", &format!("{HEADER}{}", labels.concat()));
        made.spec(SPEC);
        made
    }

    /// One whose package is made.
    pub(crate) fn packaged() -> Self {
        let made = Self::new();
        let output = made.snapshot(&[]);
        assert!(output.status.success(), "{}", told(&output));
        made
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn input(&self, name: &str, text: &str) {
        fs::write(self.path("in").join(name), text).unwrap();
    }

    pub(crate) fn spec(&self, text: &str) {
        fs::write(self.path("spec.json"), text).unwrap();
    }

    pub(crate) fn package(&self) -> PathBuf {
        self.path("dataset")
    }

    pub(crate) fn snapshot(&self, more: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_geno-release"))
            .args([
                "dataset",
                "snapshot",
                "--now",
                "2026-01-02T03:04:05Z",
                "--spec-json",
            ])
            .arg(self.path("spec.json"))
            .arg("--input-dir")
            .arg(self.path("in"))
            .arg("--dataset-dir")
            .arg(self.package())
            .args(more)
            .output()
            .unwrap()
    }

    pub(crate) fn task(&self, task: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_geno-release"));
        command
            .args(["dataset", task, "--dataset-dir"])
            .arg(self.package());
        if task == "package" {
            command.args(["--now", "2026-01-02T03:04:05Z"]);
        }
        command.output().unwrap()
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.package().join(name)).unwrap()
    }

    /// Puts one text in the place of another, and the digests right again.
    pub(crate) fn change(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "{from:?} is not in `{name}`:\n{text}");
        fs::write(self.package().join(name), text.replacen(from, to, 1)).unwrap();
        self.sum_again();
    }

    /// What somebody would do who changes a package and its list of digests.
    pub(crate) fn sum_again(&self) {
        sum_again(&self.package());
    }
}

/// Puts the digests of a package right again.
pub(crate) fn sum_again(package: &Path) {
    let names = files(package);
    let listed = names.iter().filter(|name| *name != "SHA256SUMS");
    let sums = listed.map(|name| {
        let bytes = fs::read(package.join(name)).unwrap();
        format!("{}  {name}\n", geno_core::Digest::of(&bytes).to_hex())
    });
    fs::write(package.join("SHA256SUMS"), sums.collect::<String>()).unwrap();
}

pub(crate) fn told(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

/// Names of all files of a folder, sorted.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        match entry.file_type().unwrap().is_dir() {
            true => names.extend(
                files(&entry.path())
                    .iter()
                    .map(|inner| format!("{name}/{inner}")),
            ),
            false => names.push(name),
        }
    }
    names.sort();
    names
}
