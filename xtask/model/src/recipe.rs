//! How the model of the demo is made: the commands, in their order.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::{
    evaluate::{self, Labels},
    program::Program,
    sources::{CHROMOSOME_20, OTHER_SEQUENCE, PHASED},
    split::{CALIBRATE, HELD_OUT, Part, TEST, TRAIN, UNSEEN, VALIDATE},
    uniformity,
    variants::{bed_name, vcf_name},
};

/// Name of the model and of its encoder.
const NAME: &str = "chr20-demo";

/// Configuration of the model, relative to the workspace.
pub(crate) const CONFIG: &str = "configs/train-small.yaml";

/// Windows to the left of an edit and to both sides of it: a predictor learns from both.
const LAYOUTS: [&str; 2] = ["centered", "grid"];

/// Windows of a step of pretraining, of 528 tokens of 6 bases, and how fast it learns.
const PRETRAIN: &str = "--batch-size 8 --context-tokens 528 --learning-rate 0.003";

/// How long is trained.
pub(crate) struct Recipe {
    pretrain_steps: u64,
    warmup: u64,
    train_steps: u64,
}

/// The model of the demo.
pub(crate) const WHOLE: Recipe = Recipe {
    pretrain_steps: 3000,
    warmup: 200,
    train_steps: 8000,
};

/// A model that has learned nothing, to try the build.
pub(crate) const TRIAL: Recipe = Recipe {
    pretrain_steps: 30,
    warmup: 10,
    train_steps: 150,
};

/// What a window of each part gives, and how far windows are apart. Insertions and deletions are a fifth of
/// what is learned from: with few of them they are not learned.
const TRAIN_DRAW: &str = "--stride 512 --saturate 2 \
    --mix gnomad_common=1,phased=2,synthetic_snv=6,synthetic_indel=6,synthetic_mnv=2 --fallback none";
const HELD_OUT_DRAW: &str = "--stride 3072 --saturate 2 \
    --mix gnomad_common=2,phased=2,synthetic_indel=4,synthetic_mnv=2 --fallback none";

/// Half of the mean squared change of a substitution: edits that move a state less count less.
const SMALLEST_CHANGE: &str = "0.003";

/// Makes the model in the folder of a build, whose `data` is there, and holds it against labels if there
/// are any.
pub(crate) fn make(
    recipe: &Recipe,
    folder: &Path,
    program: &Program,
    labels: Option<&Labels>,
) -> Result<()> {
    pretrain(recipe, program)?;
    for part in [TRAIN, VALIDATE, TEST] {
        for layout in LAYOUTS {
            targets(program, part, layout)?;
        }
    }
    train(recipe, program)?;
    export(folder, program)?;
    calibrate(program)?;
    score(program)?;
    uniformity::report(folder)?;
    if let Some(labels) = labels {
        evaluate::report(folder, program, labels)?;
    }
    card(program, labels.is_some())
}

fn pretrain(recipe: &Recipe, program: &Program) -> Result<()> {
    let command = format!(
        "pretrain --run-dir pretrain --steps {} --warmup {} {PRETRAIN}",
        recipe.pretrain_steps, recipe.warmup,
    );
    let mut more = Vec::new();
    for name in [CHROMOSOME_20].iter().chain(OTHER_SEQUENCE) {
        more.extend(["--fasta".to_owned(), format!("data/{name}")]);
    }
    for region in UNSEEN {
        more.extend(["--exclude".to_owned(), (*region).to_owned()]);
    }
    more.extend(["--validate".to_owned(), HELD_OUT.to_owned()]);
    program.stage("pretrain", &command, &more)
}

fn targets(program: &Program, part: Part, layout: &str) -> Result<()> {
    let draw = match part.name == TRAIN.name {
        true => TRAIN_DRAW,
        false => HELD_OUT_DRAW,
    };
    let command = format!(
        "targets --encoder-dir pretrain/encoder --model-config model.yaml --layout {layout} \
         --fasta data/{CHROMOSOME_20} --regions data/{} --window-bp 3072 {draw} \
         --gnomad data/{} --phased data/{PHASED} --output targets/{}-{layout} --resume",
        bed_name(part),
        vcf_name(part),
        part.name,
    );
    program.stage(&format!("targets-{}-{layout}", part.name), &command, &[])
}

fn train(recipe: &Recipe, program: &Program) -> Result<()> {
    let mut more = Vec::new();
    for (flag, part) in [
        ("--targets", TRAIN),
        ("--validate", VALIDATE),
        ("--test", TEST),
    ] {
        for layout in LAYOUTS {
            more.extend([flag.to_owned(), format!("targets/{}-{layout}", part.name)]);
        }
    }
    let command = format!(
        "train --config model.yaml --run-dir train --steps {} --validate-every 500 \
         --smallest-change {SMALLEST_CHANGE}",
        recipe.train_steps,
    );
    program.stage("train", &command, &more)
}

/// The checkpoint that the validation likes best.
#[derive(Deserialize)]
struct Best {
    step: u64,
}

fn export(folder: &Path, program: &Program) -> Result<()> {
    let path = folder.join("train/checkpoints/best.json");
    let best = fs::read(&path).with_context(|| format!("no `{}`", path.display()))?;
    let Best { step } = serde_json::from_slice(&best)?;
    let command = format!(
        "export train/checkpoints/step-{step:08} --encoder-dir pretrain/encoder --output model \
         --encoder-id {NAME}-encoder --model-name {NAME} --model-version {version} \
         --release-id geno-lewm-v{version}-{NAME}-r1 --dataset-snapshot GRCh37.20 \
         --allow-missing-evidence",
        version = env!("CARGO_PKG_VERSION"),
    );
    program.stage("export", &command, &[])
}

fn calibrate(program: &Program) -> Result<()> {
    let command = format!(
        "calibrate --model-dir model --vcf data/{} --fasta data/{CHROMOSOME_20} \
         --disjoint-from data/{} --into-model --summary-json calibration.json",
        vcf_name(CALIBRATE),
        vcf_name(TEST),
    );
    program.stage("calibrate", &command, &[])
}

/// Scores the common variants that the calibration has not seen.
fn score(program: &Program) -> Result<()> {
    let command = format!(
        "score --model-dir model --vcf data/{} --fasta data/{CHROMOSOME_20} \
         --output {} --restart",
        vcf_name(TEST),
        uniformity::SCORES,
    );
    program.stage("score", &command, &[])
}

fn card(program: &Program, is_labelled: bool) -> Result<()> {
    let command = format!(
        "model-card model --report pretrain/metrics.json --report train/metrics.json \
         --report calibration.json --report {} --into-model",
        uniformity::REPORT,
    );
    let labels = is_labelled.then(|| format!("--report={}", evaluate::REPORT));
    program.stage("card", &command, &Vec::from_iter(labels))
}
