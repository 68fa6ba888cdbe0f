//! The reports of a release in the making: suite, speed, decision and readiness.

use std::process::Output;

use crate::{
    data::told,
    root::{Root, release},
};

/// Timings of rollouts: of 5 edits as fast as has to be, and of 20 so many times.
fn bench(of_20: f64) -> String {
    let line = |edits: u64, times: f64| {
        format!(
            r#"{{"name": "rollout", "items": 1, "edits": {edits}, "backend": "native", "shape": "nano", "samples": [0.5, 0.25, 0.75], "growing_forwards_samples": [{}]}}"#,
            0.5 * times
        ) + "\n"
    };
    line(5, 2.0) + &line(20, of_20)
}

impl Root {
    /// One whose suite has run.
    pub(crate) fn ran() -> Self {
        let root = Self::new();
        let output = root.suite(&["--execute"]);
        assert!(output.status.success(), "{}", told(&output));
        root
    }

    pub(crate) fn speed(&self, of_20: f64) -> Output {
        self.beside("bench.jsonl", &bench(of_20));
        release([
            "v02",
            "speed",
            "--now",
            "2026-01-02T03:04:05Z",
            "--hardware",
            "a machine",
        ])
        .arg("--bench-jsonl")
        .arg(self.measured.path("bench.jsonl"))
        .arg("--model-dir")
        .arg(self.path("model"))
        .arg("--output-json")
        .arg(self.path("speed.json"))
        .output()
        .unwrap()
    }

    pub(crate) fn scope(&self, rationale: &str) -> Output {
        release(["v02", "speed-scope", "--now", "2026-01-02T03:04:05Z"])
            .arg("--rollout-speed-report")
            .arg(self.path("speed.json"))
            .args(["--accepted-by", "A. Maintainer"])
            .args(["--accepted-at", "2026-01-01T00:00:00Z"])
            .args(["--decision-url", "https://example.org/decisions/1"])
            .args(["--rationale", rationale])
            .args(["--replacement-target", "Four times as fast at 20 edits."])
            .arg("--output-json")
            .arg(self.path("scope.json"))
            .output()
            .unwrap()
    }

    pub(crate) fn readiness(&self, reports: &[&str], more: &[&str]) -> Output {
        let mut command = release(["v02", "readiness", "--now", "2026-01-02T03:04:05Z"]);
        command.arg("--model-dir").arg(self.path("model"));
        command
            .arg("--metrics-json")
            .arg(self.path("eval_metrics.json"));
        for report in reports {
            let (flag, name) = match *report {
                "efficiency" => ("--efficiency-report", "efficiency_report.json"),
                "speed" => ("--rollout-speed-report", "speed.json"),
                "scope" => ("--rollout-speed-scope-report", "scope.json"),
                _ => ("--suite-report", "suite_report.json"),
            };
            command.arg(flag).arg(self.path(name));
        }
        let output = self.path("readiness.json");
        command.arg("--output-json").arg(output).args(more);
        command.output().unwrap()
    }

    pub(crate) fn verify_readiness(&self) -> Output {
        let mut command = release(["v02", "verify", "--readiness"]);
        command.arg(self.path("readiness.json")).output().unwrap()
    }

    /// `coverage`, `target` and `outcome` of a benchmark, by the table for people.
    pub(crate) fn row(&self, id: &str) -> Vec<String> {
        let table = self.read("readiness.md");
        let line = table
            .lines()
            .find(|line| line.starts_with(&format!("| {id} ")));
        let cells = line.unwrap().split('|').map(|cell| cell.trim().to_owned());
        cells.skip(3).take(3).collect()
    }
}
