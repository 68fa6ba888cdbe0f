//! The commands of a suite, in their order.

use anyhow::Result;
use geno_eval::Track;
use geno_provenance::{Label, PublicPath, release::RecordedCommand};

use super::{
    manifest::{Entry, Manifest},
    step::{Kind, Step},
};
use crate::program::Program;

/// One run a benchmark, and one that puts the metrics together. They run in the manifest's folder.
pub(super) fn steps(manifest: &Manifest, program: &Program) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    for entry in &manifest.benchmarks {
        steps.push(run(manifest, entry, program)?);
    }
    steps.push(aggregate(manifest, program)?);
    Ok(steps)
}

fn run(manifest: &Manifest, entry: &Entry, program: &Program) -> Result<Step> {
    let in_output = |name: &str| PublicPath::new(format!("{}/{name}", entry.output));
    let file = |command: RecordedCommand, flag: &str, path: &PublicPath| {
        Ok::<_, anyhow::Error>(named(command.word(flag)?, path))
    };
    let mut command = program.command()?.word("benchmark")?.word("run")?;
    command = named(command, &entry.prepared);
    let files = [
        ("--fasta", &entry.fasta),
        ("--model-dir", &manifest.model_dir),
        ("--output", &entry.output),
    ];
    let given = [
        ("--annotation", &entry.annotation),
        ("--carbon-model", &entry.carbon_model),
    ];
    let given = given
        .into_iter()
        .filter_map(|(flag, path)| Some((flag, path.as_ref()?)));
    for (flag, path) in files.into_iter().chain(given) {
        command = file(command, flag, path)?;
    }
    let is_rollout = entry.benchmark.track == Track::LatentRolloutFidelity;
    let outputs = vec![in_output("metrics.json")?, in_output("report.md")?];
    let mut kept = vec![in_output("run.json")?];
    if is_rollout {
        kept.push(in_output("states.jsonl")?);
    } else {
        let seed = manifest.bootstrap_seed.to_string();
        let resamples = manifest.bootstrap_resamples.to_string();
        command = command.word("--bootstrap-resamples")?.word(resamples)?;
        command = command.word("--bootstrap-seed")?.word(seed)?;
        if let Some(threshold) = entry.baseline_threshold {
            let threshold = geno_provenance::float_repr(threshold);
            command = command.word("--baseline-threshold")?.word(threshold)?;
        }
        if let Some(recipe) = &entry.recipe {
            command = command.word("--recipe")?.word(recipe.as_str())?;
        }
        if let Some(window_bp) = entry.window_bp {
            command = command.word("--window-bp")?.word(window_bp.to_string())?;
        }
        let baseline = entry.benchmark.baseline.as_ref();
        let baseline = baseline.map(|baseline| format!("{}.jsonl", baseline.name));
        for name in baseline.iter().map(String::as_str).chain(["scores.jsonl"]) {
            kept.push(in_output(name)?);
        }
    }
    let stated = &manifest.identity;
    for (flag, text) in [
        ("--dataset-snapshot", &stated.dataset_snapshot),
        ("--commit", &stated.commit),
        ("--hardware", &stated.hardware),
    ] {
        command = command.word(flag)?.word(text.as_str())?;
    }
    command = command.word("--artifact-root")?.word(".")?;
    let dataset = PublicPath::new(format!("{}/dataset_manifest.json", manifest.dataset_dir))?;
    for (flag, path) in [
        ("--checkpoint", &manifest.checkpoint),
        ("--config-artifact", &manifest.config),
        ("--dataset-manifest", &dataset),
        ("--efficiency-report", &manifest.efficiency_report),
    ] {
        command = file(command, flag, path)?;
    }
    let inputs = [&entry.prepared, &entry.fasta, &manifest.model_dir].into_iter();
    let inputs = inputs.chain(&entry.annotation).chain(&entry.carbon_model);
    Ok(Step {
        id: Label::new(format!("{}.run", entry.benchmark.id))?,
        kind: Kind::BenchmarkRun,
        command,
        inputs: inputs.cloned().collect(),
        outputs,
        kept,
    })
}

fn aggregate(manifest: &Manifest, program: &Program) -> Result<Step> {
    let mut command = program.command()?.word("eval-all")?;
    let mut inputs = Vec::new();
    for entry in &manifest.benchmarks {
        let metrics = PublicPath::new(format!("{}/metrics.json", entry.output))?;
        command = named(command, &metrics);
        inputs.push(metrics);
    }
    command = named(command.word("--output-metrics")?, &manifest.metrics_json);
    command = named(command.word("--output-report")?, &manifest.report_md);
    for (is_asked, flag) in [
        (manifest.needs_vep, "--require-v02-vep-metrics"),
        (manifest.needs_rollout, "--require-v02-rollout-metrics"),
    ] {
        if is_asked {
            command = command.word(flag)?;
        }
    }
    let config = PublicPath::new(format!("{}.config.json", manifest.metrics_json))?;
    let outputs = vec![
        manifest.metrics_json.clone(),
        manifest.report_md.clone(),
        config,
    ];
    Ok(Step {
        id: Label::new("aggregate.eval_all")?,
        kind: Kind::EvalAll,
        command,
        inputs,
        outputs,
        kept: Vec::new(),
    })
}

/// With a file of the folder that the command runs in.
fn named(command: RecordedCommand, path: &PublicPath) -> RecordedCommand {
    command.file_known_as(path.as_str().as_ref(), path)
}
