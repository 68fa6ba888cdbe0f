//! The folder of a release in the making: model, data, efficiency, benchmarks, and a made-up program.

use std::{
    fmt::Write,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use geno_core::Digest;
use geno_eval::{Benchmark, Registry};
use geno_provenance::{Json, Manifest, indented_json};
use tempfile::TempDir;

use crate::{
    data::{files, told},
    efficiency::fixtures,
    model::Measured,
};

/// Does what `benchmark run` and `eval-all` leave behind, and notes each call. It fails for the
/// benchmark, and leaves out the file, that lie beside it as `fail` and `leave_out`.
const PROGRAM: &str = r#"#!/bin/sh
here=$(dirname "$0")
echo "$*" >> "$here/calls"
fail=$(cat "$here/fail" 2>/dev/null || echo none)
leave_out=$(cat "$here/leave_out" 2>/dev/null || echo none)
put() { [ "$1" = "$leave_out" ] || echo "$2" > "$1"; }
if [ "$1" = eval-all ]; then
    put eval_report.md '# Evaluation Report'
    put eval_metrics.json.config.json '{}'
    [ "$leave_out" = eval_metrics.json ] || cp "$here/metrics.json" eval_metrics.json
    exit 0
fi
case "$3" in */"$fail") echo "cannot read \`$PWD/genome.fa\` nor \`/data/genome.fa\`" >&2; exit 3;; esac
out=none
while [ $# -gt 0 ]; do [ "$1" = --output ] && out=$2; shift; done
mkdir -p "$out"
case "$out" in
    *rollout*) put "$out/states.jsonl" '{}';;
    *) put "$out/scores.jsonl" '{"generated_by": "geno-lewm-score"}'; put "$out/carbon_zero_shot.jsonl" '{}';;
esac
for name in run.json metrics.json report.md; do put "$out/$name" "$(basename "$out")"; done
echo "metrics: $out/metrics.json"
"#;

pub(crate) struct Root {
    pub(crate) measured: Measured,
    pub(crate) folder: TempDir,
}

impl Root {
    pub(crate) fn new() -> Self {
        let measured = Measured::new();
        let folder = tempfile::tempdir().unwrap();
        let root = Self { measured, folder };
        copy(&fixtures().join("demo/model"), &root.path("model"));
        copy(&root.measured.data.package(), &root.path("dataset"));
        let report = root.measured.path("report.json");
        fs::copy(report, root.path("efficiency_report.json")).unwrap();
        fs::write(root.path("GRCh38.fa.gz"), "bases").unwrap();
        for benchmark in gated() {
            root.prepare(benchmark);
        }
        fs::write(root.program(), PROGRAM).unwrap();
        fs::set_permissions(root.program(), fs::Permissions::from_mode(0o755)).unwrap();
        root.beside("metrics.json", &root.metrics());
        root.write("suite.json", &root.manifest());
        root
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Puts one text in the place of another.
    pub(crate) fn change(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "{from:?} is not in `{name}`:\n{text}");
        self.write(name, &text.replacen(from, to, 1));
    }

    /// Writes a file beside the program.
    pub(crate) fn beside(&self, name: &str, text: &str) {
        fs::write(self.measured.path(name), text).unwrap();
    }

    fn program(&self) -> PathBuf {
        self.measured.path("geno-lewm")
    }

    /// What the program was called with, and forgets it.
    pub(crate) fn calls(&self) -> Vec<String> {
        let path = self.measured.path("calls");
        let calls = fs::read_to_string(&path).unwrap_or_default();
        drop(fs::remove_file(path));
        calls.lines().map(str::to_owned).collect()
    }

    fn prepare(&self, benchmark: &Benchmark) {
        let folder = self.path(&format!("benchmarks/{}", benchmark.id));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("variants.vcf"), "rows").unwrap();
        let variants = Json::object([
            ("path", Json::from("variants.vcf")),
            ("sha256", Digest::of(b"rows").into()),
            ("size_bytes", 4.into()),
        ]);
        let record = Json::object([
            ("generated_by", Json::from("geno-lewm-benchmark-prepare")),
            ("benchmark", benchmark.to_json()),
            (
                "fasta",
                Json::object([("sha256", Json::from(Digest::of(b"bases")))]),
            ),
            ("counts", Json::object([("written", Json::from(1))])),
            ("selection", Json::object([("max", Json::Null)])),
            ("outputs", Json::object([("variants", variants)])),
        ]);
        fs::write(folder.join("benchmark.json"), indented_json(&record)).unwrap();
    }

    /// The manifest of the suite, filled in.
    fn manifest(&self) -> String {
        let template = self.path("template.json");
        let output = release(["v02", "template", "--output"])
            .arg(&template)
            .output();
        let output = output.unwrap();
        assert!(output.status.success(), "{}", told(&output));
        let text = fs::read_to_string(template).unwrap();
        let manifest = fs::read(self.path("model/manifest.json")).unwrap();
        let manifest = Manifest::parse(&manifest).unwrap();
        [
            ("MODEL_ID", manifest.model_id().to_string()),
            ("MODEL_RELEASE", manifest.release_id.to_string()),
            ("DATASET_SNAPSHOT", "GRCh37.20".to_owned()),
            ("COMMIT", self.commit()),
            ("HARDWARE", "a machine".to_owned()),
        ]
        .iter()
        .fold(text, |text, (field, value)| {
            text.replace(&format!("REPLACE_WITH_{field}"), value)
        })
    }

    fn commit(&self) -> String {
        let report = self.read("efficiency_report.json");
        report.split("\"commit\": \"").nth(1).unwrap()[..40].to_owned()
    }

    /// Metrics of all benchmarks: better than Carbon in coding sequence, worse out of it.
    pub(crate) fn metrics(&self) -> String {
        let one = self.measured.metrics();
        let (head, rest) = one.split_once("\"metrics\": [").unwrap();
        let (_, tail) = rest.split_once("],").unwrap();
        let (mut metrics, mut comparisons) = (String::new(), String::new());
        for benchmark in gated() {
            let (split, gate) = (&benchmark.split, benchmark.gate("0.2").unwrap());
            for metric in &gate.metrics {
                let is_distance = metric == "l2_distance_mean";
                let baseline = gate.baseline.as_deref().unwrap_or("source_state");
                let value = if split == "clinvar_noncoding" {
                    0.25
                } else {
                    0.75
                };
                let digest = Digest::of(split.as_bytes());
                let interval = match gate.interval {
                    true => ", \"ci_low\": 0.125, \"ci_high\": 0.875",
                    false => "",
                };
                write!(
                    metrics,
                    r#"{{"name": "{metric}", "value": {value}, "split": "{split}", "unit": "fraction", "higher_is_better": {}, "n": 4, "baseline": "{baseline}", "baseline_value": 0.5, "delta_vs_baseline": {}, "evaluated_variant_keys_sha256": "{digest}", "baseline_evaluated_variant_keys_sha256": "{digest}"{interval}}},"#,
                    !is_distance,
                    value - 0.5
                )
                .unwrap();
                let (ends, verdict) = match split.as_str() {
                    "clinvar_coding" => ([0.125, 0.375], "improved"),
                    "clinvar_noncoding" => ([-0.375, -0.125], "worse"),
                    "brca2" => ([-0.125, 0.375], "inconclusive"),
                    _ => continue,
                };
                write!(
                    comparisons,
                    r#"{{"split": "{split}", "metric": "{metric}", "primary": {}, "baseline": "{baseline}", "value": {value}, "baseline_value": 0.5, "delta": {}, "n": 4, "delta_ci_low": {}, "delta_ci_high": {}, "verdict": "{verdict}"}},"#,
                    metric == "auroc", value - 0.5, ends[0], ends[1]
                )
                .unwrap();
            }
        }
        let trim = |text: String| text.trim_end_matches(',').to_owned();
        let (metrics, comparisons) = (trim(metrics), trim(comparisons));
        format!("{head}\"metrics\": [{metrics}], \"comparisons\": [{comparisons}],{tail}")
            .replace("\"scores.jsonl\"", "\"runs/clinvar_coding/scores.jsonl\"")
            .replace("geno-lewm-eval\"", "geno-lewm-eval-all\"")
    }

    /// Plans or runs the suite.
    pub(crate) fn suite(&self, more: &[&str]) -> Output {
        release([
            "v02",
            "suite",
            "--now",
            "2026-01-02T03:04:05Z",
            "--manifest",
        ])
        .arg(self.path("suite.json"))
        .arg("--output-report")
        .arg(self.path("suite_report.json"))
        .arg("--program")
        .arg(self.program())
        .args(more)
        .output()
        .unwrap()
    }

    /// Fails if a file of the release names a folder of this machine.
    pub(crate) fn check_no_paths(&self) {
        for name in files(self.folder.path()) {
            let text = String::from_utf8_lossy(&fs::read(self.path(&name)).unwrap()).into_owned();
            for folder in [self.folder.path(), self.measured.folder.path()] {
                assert!(!text.contains(folder.to_str().unwrap()), "{name}");
            }
        }
    }
}

/// The benchmarks that a release has to show.
pub(crate) fn gated() -> impl Iterator<Item = &'static Benchmark> {
    let benchmarks = Registry::built_in().benchmarks().iter();
    benchmarks.filter(|benchmark| benchmark.gate("0.2").is_some())
}

pub(crate) fn release<const N: usize>(words: [&str; N]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_geno-release"));
    command.args(words);
    command
}

fn copy(from: &Path, to: &Path) {
    for name in files(from) {
        let place = to.join(&name);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::copy(from.join(name), place).unwrap();
    }
}
