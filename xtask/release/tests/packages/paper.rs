//! The paper of a release: of its packages alone, whatever they say.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use crate::{
    data::told,
    model::Measured,
    root::{Root, release},
};

/// Packages of a model and its data, and a paper of them.
struct Paper {
    root: Root,
    more: Vec<String>,
}

impl Paper {
    /// Of a suite that ran, with or without its readiness.
    fn new(is_serious: bool) -> Self {
        let root = Root::ran();
        root.speed(4.5);
        root.scope("Steps are small.");
        let output = root.readiness(&["efficiency", "speed", "scope", "suite"], &[]);
        assert!(output.status.success(), "{}", told(&output));
        let paper = Self {
            more: match is_serious {
                true => vec!["--readiness".to_owned(), text(&root.path("readiness.json"))],
                false => Vec::new(),
            },
            root,
        };
        let output = paper.package("eval_metrics.json");
        assert!(output.status.success(), "{}", told(&output));
        paper
    }

    fn measured(&self) -> &Measured {
        &self.root.measured
    }

    /// Puts the model and these metrics into a package.
    fn package(&self, metrics: &str) -> Output {
        let metrics = self.root.path(metrics);
        drop(fs::remove_dir_all(self.measured().path("model")));
        let mut command = release(["model", "package", "--now", "2026-01-02T03:04:05Z"]);
        command.arg("--model-dir").arg(self.root.path("model"));
        command.arg("--eval-metrics").arg(metrics);
        for (flag, name) in [
            ("--metadata-json", "metadata.json"),
            ("--efficiency-report", "report.json"),
            ("--package-dir", "model"),
        ] {
            command.arg(flag).arg(self.measured().path(name));
        }
        let dataset = self.measured().data.package();
        command.arg("--dataset-dir").arg(dataset).output().unwrap()
    }

    fn task(&self, task: &str, more: &[&str]) -> Output {
        let mut command = release(["paper", task]);
        command
            .arg("--model-dir")
            .arg(self.measured().path("model"));
        command
            .arg("--dataset-dir")
            .arg(self.measured().data.package());
        command.args(&self.more).args(more);
        command.arg(if task == "draft" {
            "--output"
        } else {
            "--paper"
        });
        command.arg(self.path()).output().unwrap()
    }

    fn draft(&self, more: &[&str]) -> Output {
        let mut all = vec!["--now", "2026-01-02T03:04:05Z"];
        all.extend(more);
        self.task("draft", &all)
    }

    fn path(&self) -> PathBuf {
        self.measured().path("paper.md")
    }

    fn read(&self) -> String {
        fs::read_to_string(self.path()).unwrap()
    }
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

const SECTIONS: [&str; 10] = [
    "## Abstract",
    "## Citation metadata",
    "## Experiment",
    "## Methods",
    "## Results",
    "## Conclusions",
    "## Negative findings",
    "## Limitations",
    "## Artifact availability",
    "## Reproducibility",
];

#[test]
fn a_paper_holds_what_the_packages_hold() {
    let paper = Paper::new(false);
    let output = paper.draft(&[]);
    assert!(output.status.success(), "{}", told(&output));
    let whole = paper.read();
    let sections = whole.lines().filter(|line| line.starts_with("## "));
    assert_eq!(sections.collect::<Vec<_>>(), SECTIONS);
    for line in [
        "# chr20-demo: what was measured of geno-lewm-v0.3.0-chr20-demo-r1",
        // The commit of the training, not that of the measurement.
        "| Training commit | 6698d0525aa82b26e5ff923d5a3653b8f2245efc |",
        "| train | train | 3 | Learned from. |",
        "| clinvar_noncoding | auroc | 0.2500 | 0.1250 to 0.8750 | carbon_zero_shot 0.5000 | -0.2500 | 4 |",
        "| clinvar_coding | auroc | carbon_zero_shot 0.5000 | 0.2500 | 0.1250 to 0.3750 | improved | 4 |",
        // The distance is larger than that of the source.
        "| rollout_phased_haplotypes | l2_distance_mean | 0.7500 |  | source_state 0.5000 | -0.2500 | 4 |",
        "## Conclusions\n\n- auroc on made-up is 0.25.\n\n## Negative findings\n\n- Scores point the other way.\n\n## Limitations\n\n- Four labels.\n\n## Artifact",
        "Of 9 comparisons with a baseline 4 are better, 4 worse, 1 undecided and 0 without an interval.",
        "| `model/eval/runs/clinvar_coding/scores.jsonl` |",
        "| `dataset/SHA256SUMS` |",
        "injected_runtime, made_up_data",
    ] {
        assert!(whole.contains(line), "{line:?} is not in\n{whole}");
    }
    for folder in [
        &paper.root.folder,
        &paper.measured().folder,
        &paper.measured().data.folder,
    ] {
        assert!(!whole.contains(folder.path().to_str().unwrap()));
    }
    let output = paper.task("verify", &[]);
    assert!(output.status.success(), "{}", told(&output));

    // Title, time and further names are its own.
    let output = paper.draft(&["--title", "Another", "--also", "demo/transcript.md"]);
    assert!(output.status.success(), "{}", told(&output));
    assert!(paper.read().contains("- `demo/transcript.md`"));
    assert!(
        paper
            .task("verify", &["--also", "demo/transcript.md"])
            .status
            .success()
    );
    let missing = paper.task("verify", &[]);
    assert!(told(&missing).contains("paper.stale"), "{}", told(&missing));
    for title in ["Results: TBD", ""] {
        assert!(
            !paper.draft(&["--title", title]).status.success(),
            "{title:?}"
        );
    }
    assert!(
        !paper
            .draft(&["--also", "/tmp/transcript.md"])
            .status
            .success()
    );
}

#[test]
fn a_paper_is_as_good_whatever_was_found() {
    let paper = Paper::new(true);
    assert!(paper.draft(&[]).status.success());
    let whole = paper.read();
    for line in [
        "| ar_rollout_speed | rollout_performance | covered | rescoped | na |  |",
        "| clinvar_noncoding | variant_effect_prediction | covered | none | regressed |  |",
        "it was decided to go on with another target.",
        "| `release/readiness.json` |",
        "| `release/scope.json` |",
        "--readiness release/readiness.json",
    ] {
        assert!(whole.contains(line), "{line:?} is not in\n{whole}");
    }
    assert_eq!(whole.matches("Scores point the other way.").count(), 1);
    assert!(paper.task("verify", &[]).status.success());

    // Better everywhere, and fast enough.
    let better = paper.root.metrics();
    let better = better
        .replace("\"value\": 0.25,", "\"value\": 0.75,")
        .replace("\"delta\": -0.25", "\"delta\": 0.25")
        .replace("-0.25,", "0.25,")
        .replace(
            "\"delta_ci_low\": -0.375, \"delta_ci_high\": -0.125",
            "\"delta_ci_low\": 0.125, \"delta_ci_high\": 0.375",
        )
        .replace("\"worse\"", "\"improved\"");
    paper.root.beside("metrics.json", &better);
    assert!(paper.root.suite(&["--execute"]).status.success());
    paper.root.speed(6.0);
    let output = paper
        .root
        .readiness(&["efficiency", "speed", "suite"], &["--require-ok"]);
    assert!(output.status.success(), "{}", told(&output));
    // The model's package still holds the metrics of before.
    let output = paper.draft(&[]);
    assert!(
        told(&output).contains("paper.readiness.identity"),
        "{}",
        told(&output)
    );
    assert!(paper.package("eval_metrics.json").status.success());
    let output = paper.draft(&[]);
    assert!(output.status.success(), "{}", told(&output));
    let whole = paper.read();
    assert!(
        whole.contains("Of 9 comparisons with a baseline 8 are better, 0 worse"),
        "{whole}"
    );
    assert!(whole.contains("| ar_rollout_speed | rollout_performance | covered | met | na |  |"));
    assert!(paper.task("verify", &[]).status.success());
}

#[test]
fn the_first_line_that_differs_is_named() {
    let paper = Paper::new(true);
    assert!(paper.draft(&[]).status.success());
    let whole = paper.read();
    for (from, to, code) in [
        (
            "Scores point the other way.",
            "Scores point the right way.",
            "paper.stale",
        ),
        (
            "0.2500 | 0.1250 to 0.8750",
            "0.7500 | 0.1250 to 0.8750",
            "paper.stale",
        ),
        ("6698d0525aa8", "6698d0525aa9", "paper.stale"),
        ("| regressed |", "| improved |", "paper.stale"),
        ("- Four labels.\n", "", "paper.stale"),
        ("# chr20-demo", "chr20-demo", "paper.unreadable"),
        (
            "Generated at 2026",
            "Generated at noon 2026",
            "paper.unreadable",
        ),
    ] {
        assert!(whole.contains(from), "{from}");
        fs::write(paper.path(), whole.replacen(from, to, 1)).unwrap();
        let output = paper.task("verify", &[]);
        let told = told(&output);
        assert_eq!(output.status.code(), Some(2), "{from}: {told}");
        assert!(
            told.contains(code) && told.contains("paper.md"),
            "{from}: {told}"
        );
        if code == "paper.stale" {
            let line = whole.split(from).next().unwrap().matches('\n').count() + 1;
            assert!(
                told.contains(&format!("from line {line} on")),
                "{from}: {told}"
            );
        }
    }
    fs::write(paper.path(), &whole).unwrap();

    // So is a package that no longer holds, and no paper is written of it.
    for (place, from, to, expected) in [
        (
            paper.measured().path("model/model_card.md"),
            "other way",
            "right way",
            "model.card.stale",
        ),
        (
            paper.measured().data.package().join("data_card.md"),
            "Measured on.",
            "Weighed on.",
            "dataset.card.stale",
        ),
        (
            paper.root.path("readiness.md"),
            "| regressed |",
            "| improved |",
            "v02.table.stale",
        ),
        (
            paper.root.path("speed.json"),
            "\"target_met\": false",
            "\"target_met\": true",
            "speed.json",
        ),
    ] {
        let before = fs::read_to_string(&place).unwrap();
        assert!(before.contains(from), "{from}");
        fs::write(&place, before.replacen(from, to, 1)).unwrap();
        for output in [paper.task("verify", &[]), paper.draft(&[])] {
            assert!(!output.status.success());
            assert!(
                told(&output).contains(expected),
                "{from}: {}",
                told(&output)
            );
        }
        fs::write(&place, before).unwrap();
    }
    assert_eq!(paper.read(), whole);
    assert!(
        paper.task("verify", &[]).status.success(),
        "all of it was put back"
    );
}
