//! The stages of a release: what each is made of, what it makes, and how.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::ValueEnum;

use super::config::Config;
use crate::dataset;

/// The stages, in their order.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, ValueEnum)]
pub(super) enum StageName {
    /// The package of the data
    Dataset,
    /// Scores of labelled variants, and metrics
    Evaluation,
    /// How fast the program scores
    Efficiency,
    /// The package of the model
    Model,
    /// The packaged model scores a file
    Demo,
    /// The text about it
    Paper,
    /// The lock of the whole
    Verify,
    /// What is published where
    Plan,
    /// Publication
    Publish,
    /// What is served, compared with the plan
    Candidate,
    /// The release fetched into an empty folder, and scored anew
    Replay,
    /// Every link of the chain
    Evidence,
    /// The evidence, published beside the release
    Assets,
}

/// One of the two programs, with arguments.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Step {
    /// `geno-lewm`.
    Program(Vec<String>),
    /// This program.
    Xtask(Vec<String>),
}

/// A stage of a release.
pub(super) struct Stage {
    pub(super) name: StageName,
    /// Files and folders that it is made of.
    pub(super) inputs: Vec<PathBuf>,
    /// Files and folders that it makes. They are removed before it runs.
    pub(super) outputs: Vec<PathBuf>,
    pub(super) steps: Vec<Step>,
}

impl StageName {
    pub(super) fn text(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Whether it speaks with the hosts.
    pub(super) fn is_public(self) -> bool {
        matches!(
            self,
            Self::Publish | Self::Candidate | Self::Replay | Self::Assets
        )
    }
}

/// What a run may be asked for beside its configuration.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options<'a> {
    /// The code that measures.
    pub(super) commit: &'a str,
    /// The machine in words.
    pub(super) hardware: &'a str,
    /// Accept what is no evidence.
    pub(super) allow_fixture: bool,
}

/// All stages of a release.
pub(super) fn stages(config: &Config, options: Options<'_>) -> Result<Vec<Stage>> {
    StageName::value_variants()
        .iter()
        .map(|&name| stage(name, config, options))
        .collect()
}

fn stage(name: StageName, config: &Config, options: Options<'_>) -> Result<Stage> {
    let root = &config.folder;
    let at = |part: &str| root.join(part);
    let allow = || options.allow_fixture.then_some("--allow-fixture");
    let release = |task: &str| words(["release", task]).path("--release-dir", root);
    let chain = |names: &[&str]| names.iter().map(|name| root.join(name)).collect::<Vec<_>>();
    let packages = [at("dataset"), at("model"), at("demo")];
    let one = |step: Words| vec![Step::Xtask(step.0)];

    let (inputs, outputs, steps) = match name {
        StageName::Dataset => {
            let section = &config.dataset;
            let mut inputs = vec![section.spec.clone()];
            inputs.extend(dataset::inputs(&section.spec, &section.inputs)?);
            let step = words(["dataset", "snapshot", "--overwrite"])
                .path("--spec-json", &section.spec)
                .path("--input-dir", &section.inputs)
                .path("--dataset-dir", &at("dataset"));
            (inputs, vec![at("dataset")], one(step))
        }
        StageName::Evaluation => evaluation(config, options)?,
        StageName::Efficiency => {
            let step = words(["efficiency", "measure"])
                .path("--model-dir", &config.model.folder)
                .path("--vcf", &config.demo.vcf)
                .path("--fasta", &config.demo.fasta)
                .path("--dataset-dir", &at("dataset"))
                .path("--output-json", &at("efficiency_report.json"))
                .word("--hardware", options.hardware)
                .word("--samples", &config.efficiency.samples.to_string())
                .word("--warmup", &config.efficiency.warmup.to_string());
            let inputs = [&config.model.folder, &config.demo.vcf, &config.demo.fasta];
            let mut inputs: Vec<_> = inputs.into_iter().cloned().collect();
            inputs.push(at("dataset/dataset_manifest.json"));
            (inputs, vec![at("efficiency_report.json")], one(step))
        }
        StageName::Model => {
            let section = &config.model;
            let step = words(["model", "package"])
                .path("--model-dir", &section.folder)
                .path("--metadata-json", &section.metadata)
                .optional("--training-run-dir", section.training_run.as_deref())
                .path("--eval-metrics", &at("eval/eval_metrics.json"))
                .path("--efficiency-report", &at("efficiency_report.json"))
                .path("--dataset-dir", &at("dataset"))
                .path("--package-dir", &at("model"));
            let mut inputs = vec![
                section.folder.clone(),
                section.metadata.clone(),
                at("eval"),
                at("efficiency_report.json"),
                at("dataset"),
            ];
            inputs.extend(section.training_run.clone());
            (inputs, vec![at("model")], one(step))
        }
        StageName::Demo => {
            let step = words(["demo", "run"])
                .path("--model-dir", &at("model"))
                .optional("--encoder-dir", config.model.encoder.as_deref())
                .path("--vcf", &config.demo.vcf)
                .path("--fasta", &config.demo.fasta)
                .path("--demo-dir", &at("demo"));
            let inputs = vec![
                at("model"),
                config.demo.vcf.clone(),
                config.demo.fasta.clone(),
            ];
            (inputs, vec![at("demo")], one(step))
        }
        StageName::Paper => {
            let step = words(["paper", "draft"])
                .path("--model-dir", &at("model"))
                .path("--dataset-dir", &at("dataset"))
                .path("--demo-dir", &at("demo"))
                .path("--output", &at("paper/PAPER.md"));
            (packages.into(), vec![at("paper")], one(step))
        }
        StageName::Verify => {
            let mut inputs = Vec::from(packages);
            inputs.push(at("paper"));
            let step = release("verify").flag(allow());
            (inputs, chain(&["release.lock.json"]), one(step))
        }
        StageName::Plan => {
            let section = &config.publish;
            let step = release("plan")
                .word("--repo-id", &section.repo_id)
                .word("--dataset-url", &section.dataset_url)
                .word("--demo-url", &section.demo_url)
                .flag(allow());
            let outputs = chain(&["hub_release_plan.json"]);
            (chain(&["release.lock.json"]), outputs, one(step))
        }
        StageName::Publish => {
            let outputs = chain(&["hub_publish_report.json"]);
            let inputs = chain(&["hub_release_plan.json"]);
            (inputs, outputs, one(release("publish")))
        }
        StageName::Candidate => {
            let mut inputs = chain(&["hub_release_plan.json", "hub_publish_report.json"]);
            inputs.extend(packages);
            inputs.push(at("paper"));
            let outputs = chain(&["release_candidate_report.json"]);
            (inputs, outputs, one(release("candidate")))
        }
        StageName::Replay => {
            let step = release("replay")
                .path("--output-dir", &at("replayed"))
                .optional("--encoder-dir", config.model.encoder.as_deref());
            let outputs = chain(&["replayed", "clean_machine_demo_report.json"]);
            let inputs = chain(&["release_candidate_report.json"]);
            (inputs, outputs, one(step))
        }
        StageName::Evidence => {
            let inputs = chain(&[
                "release.lock.json",
                "hub_release_plan.json",
                "hub_publish_report.json",
                "release_candidate_report.json",
                "clean_machine_demo_report.json",
            ]);
            let outputs = chain(&["publication_evidence_report.json"]);
            (inputs, outputs, one(release("evidence")))
        }
        StageName::Assets => {
            let inputs = chain(&["publication_evidence_report.json"]);
            let outputs = chain(&[
                "publication_evidence_assets.json",
                "publication-evidence-target.env",
            ]);
            let step = release("assets").flag(Some("--publish"));
            (inputs, outputs, one(step))
        }
    };
    Ok(Stage {
        name,
        inputs,
        outputs,
        steps,
    })
}

/// Scores of labelled variants, and what they are worth.
fn evaluation(
    config: &Config,
    options: Options<'_>,
) -> Result<(Vec<PathBuf>, Vec<PathBuf>, Vec<Step>)> {
    let (root, section) = (&config.folder, &config.evaluation);
    let data = |path: &Path| root.join("dataset").join(path);
    let scores = root.join("eval/scores.jsonl");
    let model = |command: &str| {
        words([command])
            .path("--model-dir", &config.model.folder)
            .path("--fasta", &data(&section.fasta))
    };
    let score = model("score")
        .optional("--encoder-dir", config.model.encoder.as_deref())
        .path("--vcf", &data(&section.vcf))
        .path("--output", &scores);
    let background = section.background.as_deref().map(data);
    let eval = model("eval")
        .path("--scores", &scores)
        .path("--labels", &data(&section.labels))
        .optional("--background", background.as_deref())
        .word("--split", &section.split)
        .word(
            "--dataset-snapshot",
            &dataset::snapshot_id(&config.dataset.spec)?,
        )
        .word("--commit", options.commit)
        .word("--hardware", options.hardware)
        .path("--output", &root.join("eval/eval_metrics.json"));
    let inputs = vec![config.model.folder.clone(), root.join("dataset")];
    let steps = [score, eval].map(|step| Step::Program(step.0));
    Ok((inputs, vec![root.join("eval")], steps.into()))
}

/// Arguments in the making.
struct Words(Vec<String>);

fn words<const N: usize>(words: [&str; N]) -> Words {
    Words(words.map(str::to_owned).into())
}

impl Words {
    fn word(mut self, flag: &str, value: &str) -> Self {
        self.0.extend([flag.to_owned(), value.to_owned()]);
        self
    }

    fn path(self, flag: &str, path: &Path) -> Self {
        self.word(flag, &path.to_string_lossy())
    }

    fn optional(self, flag: &str, path: Option<&Path>) -> Self {
        match path {
            Some(path) => self.path(flag, path),
            None => self,
        }
    }

    fn flag(mut self, flag: Option<&str>) -> Self {
        self.0.extend(flag.map(str::to_owned));
        self
    }
}
