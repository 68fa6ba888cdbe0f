//! The paper of a release.

use std::{fs, path::Path};

use geno_eval::{EvaluationReport, MetricsDocument};
use geno_provenance::{Json, Manifest, Timestamp, release::placeholder};

use super::{
    dataset::Dataset,
    demo::Demo,
    evaluation,
    markdown::{head, row, section, text as markdown},
    model::Model,
    release::{Release, shown, text},
    vcf,
};

/// The tool that writes it.
const PRODUCER: &str = "tools.release.paper_draft";
/// Sections that are copied from the report of the evaluation.
const COPIED: [&str; 4] = ["Results", "Conclusions", "Negative Findings", "Limitations"];

/// Writes the paper again, under its own title and of its own time, and compares.
pub(super) fn check(
    release: &mut Release,
    path: &Path,
    dataset: Option<&Dataset>,
    model: &Model,
    demo: Option<&Demo>,
) {
    let name = path
        .file_name()
        .map_or(String::new(), |name| name.to_string_lossy().into_owned());
    let there = match fs::read(path).map(String::from_utf8) {
        Ok(Ok(there)) => there,
        Ok(Err(error)) => return release.error("file.unreadable", &name, error),
        Err(error) => return release.error("file.unreadable", &name, error),
    };
    if let Some(words) = placeholder(&there) {
        release.error(
            "placeholder",
            &name,
            format!("holds the placeholder `{words}`"),
        );
    }
    let line = |start| {
        there
            .lines()
            .find_map(|line| line.strip_prefix(start))
            .map(str::trim)
    };
    let (Some(title), Some(time)) = (line("# "), line("Generated: ")) else {
        return release.error("title", &name, "has no title or no time");
    };
    let is_time = time.parse::<Timestamp>().is_ok();
    release.expect(is_time, "title", &name, "is of no time");
    let (Some(dataset), Some(manifest), Some(evaluation), Some(run), Some(demo)) = (
        dataset,
        &model.manifest,
        &model.evaluation,
        &model.run,
        demo,
    ) else {
        let message = "cannot be compared: what it is written from does not hold";
        return release.error("underivable", &name, message);
    };
    let parts = Parts {
        title,
        time,
        manifest,
        dataset,
        evaluation,
        demo,
        run: &run.0,
    };
    match parts.render() {
        Some(rendered) => release.compare_text(&name, "stale", &rendered, &there),
        None => release.error("underivable", &name, "the evaluation has no configuration"),
    }
    if text(&run.0, "commit_sha").is_some() && there.contains("- Training commit: not recorded\n") {
        let message =
            "says that the commit of the training is not recorded; the manifest of the run has it";
        release.note("commit_not_recorded", &name, message);
    }
}

/// What a paper is written from.
struct Parts<'a> {
    title: &'a str,
    time: &'a str,
    manifest: &'a Manifest,
    dataset: &'a Dataset,
    evaluation: &'a MetricsDocument,
    demo: &'a Demo,
    run: &'a Json,
}

impl Parts<'_> {
    fn render(&self) -> Option<String> {
        let config = evaluation::config(self.evaluation)?;
        let report = EvaluationReport(self.evaluation).to_string();
        let mut lines = head(self.title, PRODUCER, self.time);
        section(&mut lines, "Abstract");
        lines.push(ABSTRACT.to_owned());
        self.citation(&mut lines, &config);
        self.experiment(&mut lines);
        self.methods(&mut lines, &config);
        for title in COPIED {
            section(&mut lines, title);
            lines.push(copied(&report, title)?.to_owned());
        }
        self.availability(&mut lines, &config);
        section(&mut lines, "Reproducibility");
        lines.extend(["```console", COMMAND, "```"].map(str::to_owned));
        Some(markdown(&lines))
    }

    fn citation(&self, lines: &mut Vec<String>, config: &str) {
        let (manifest, title, time) = (self.manifest, self.title, self.time);
        section(lines, "Citation Metadata");
        lines.extend([
            format!("- Title: {title}"),
            format!("- Report generator: `{PRODUCER}`"),
            format!("- Generated at: {time}"),
            format!("- Model release: {}", manifest.release_id),
            format!("- Model version: {}", manifest.model_version),
            format!("- Model id: `{}`", manifest.model_id()),
            format!("- Dataset snapshot: `{}`", self.dataset.snapshot_id),
            "- Source metrics: `eval_metrics.json`".to_owned(),
            format!("- Eval config: `{config}`"),
            format!("- Evaluation report: `{}`", manifest.eval.file),
            "- Efficiency report: `efficiency_report.json`".to_owned(),
            "- Terminal demo manifest: `terminal_demo_manifest.json`".to_owned(),
        ]);
    }

    fn experiment(&self, lines: &mut Vec<String>) {
        let manifest = self.manifest;
        // The tool looks for the commit where no manifest of a run has it.
        let said = |field| text(self.run, field).unwrap_or("not recorded");
        section(lines, "Experiment");
        lines.extend([
            format!("- Model release: {}", manifest.release_id),
            format!("- Model version: {}", manifest.model_version),
            format!("- Model id: {}", manifest.model_id()),
            format!("- Dataset snapshot: {}", self.dataset.snapshot_id),
            format!("- Encoder: {}", manifest.encoder.id),
            format!("- Encoder revision: {}", manifest.encoder.revision),
            format!("- Training commit: {}", said("commit")),
            format!("- Training command: `{}`", said("command")),
        ]);
    }

    fn methods(&self, lines: &mut Vec<String>, config: &str) {
        section(lines, "Methods");
        lines.extend(["### Model", "", MODEL, "", "### Data", ""].map(str::to_owned));
        lines.push(format!(
            "The dataset package is `{}` {DATA}",
            self.dataset.snapshot_id
        ));
        lines.push(String::new());
        lines.extend([
            row(["Split", "Records", "Description"]),
            row(["---", "---:", "---"]),
        ]);
        if let Some(Json::Object(splits)) = self.dataset.manifest.get("splits") {
            for (name, split) in splits {
                let said = |field| shown(split.get(field));
                lines.push(row([name.clone(), said("records"), said("description")]));
            }
        }
        lines.extend(["", "### Evaluation", ""].map(str::to_owned));
        let summary = &self.demo.vcf_summary;
        let said = |field| shown(summary.get(field));
        lines.extend([
            "The source metrics artifact is `eval_metrics.json`.".to_owned(),
            format!("The effective evaluation config is `{config}`."),
            format!(
                "The generated evaluation report is `{}`.",
                self.manifest.eval.file
            ),
            "The generated efficiency report is `efficiency_report.json`.".to_owned(),
            "The Results, Conclusions, and Limitations sections below are copied from that report."
                .to_owned(),
        ]);
        lines.extend(["", "### Demo Evidence", ""].map(str::to_owned));
        lines.extend([
            "The terminal transcript is `terminal-demo-transcript.md`.".to_owned(),
            "The terminal demo manifest is `terminal_demo_manifest.json`.".to_owned(),
            "The runtime preflight report is `runtime_preflight_report.json`.".to_owned(),
            "The batch receipt report is `batch_receipt_report.json`.".to_owned(),
            format!(
                "The packaged demo VCF contains {} variant record(s), {} alternate allele(s), and contig(s) {}.",
                said("variant_records"),
                said("alternate_alleles"),
                vcf::contigs(summary)
            ),
            format!("First demo variant(s): {}.", vcf::first_variants(summary)),
            format!("The demo batch contains {} scored JSONL row(s).", self.demo.records),
            "The transcript status is passed.".to_owned(),
        ]);
    }

    fn availability(&self, lines: &mut Vec<String>, config: &str) {
        section(lines, "Artifact Availability");
        let id = self.manifest.model_id();
        for (what, name) in [
            ("Model package root: model release package", ""),
            ("Model manifest", "manifest.json"),
            ("Model package metadata", "model_package.json"),
            ("Model card", "model_card.md"),
            ("Model id", &id.to_string()),
            ("Dataset package root: dataset release package", ""),
            ("Dataset package metadata", "dataset_package.json"),
            ("Dataset manifest", "dataset_manifest.json"),
            (
                "Dataset input-check report",
                "dataset_input_check_report.json",
            ),
            ("Dataset snapshot report", "dataset_snapshot_report.json"),
            ("Dataset snapshot id", &self.dataset.snapshot_id),
            ("Dataset integrity report", "split_integrity.json"),
            ("Source metrics", "eval_metrics.json"),
            ("Eval config", config),
            ("Evaluation report", self.manifest.eval.file.as_str()),
            ("Efficiency report", "efficiency_report.json"),
            ("Demo package root: terminal demo package", ""),
            ("Terminal transcript", "terminal-demo-transcript.md"),
            ("Terminal demo manifest", "terminal_demo_manifest.json"),
            ("Runtime preflight report", "runtime_preflight_report.json"),
            ("Batch receipt report", "batch_receipt_report.json"),
        ] {
            lines.push(match name {
                "" => format!("- {what}"),
                _ => format!("- {what}: `{name}`"),
            });
        }
    }
}

/// A section of the report of the evaluation.
fn copied<'a>(report: &'a str, title: &str) -> Option<&'a str> {
    let (_, rest) = report.split_once(&format!("\n## {title}\n"))?;
    let section = rest.split("\n## ").next()?.trim();
    Some(section).filter(|section| !section.is_empty())
}

const ABSTRACT: &str = "This draft is generated from the GenoLeWM release artifact set. Its results and conclusions \
                        are sourced from the generated evaluation report; the draft does not add claims beyond those \
                        measured artifacts.";
const MODEL: &str = "The checkpoint package is defined by `manifest.json`, `model_package.json`, `model_card.md`, \
                     `training_run_manifest.json`, and `SHA256SUMS`.";
const DATA: &str = "and is defined by `dataset_package.json`, `dataset_manifest.json`, \
                    `dataset_input_check_report.json`, `dataset_snapshot_report.json`, `data_card.md`, and \
                    `split_integrity.json`.";
const COMMAND: &str = "$ python -m tools.release.paper_package --model-dir MODEL_DIR --dataset-dir DATASET_DIR \
                       --demo-dir DEMO_DIR --paper-path PAPER.md";
