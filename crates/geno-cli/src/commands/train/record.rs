//! What is kept of a finished run beside its checkpoints.

use std::{io::Write, path::Path};

use geno_app::{Machine, config::Settings};
use geno_core::Digest;
use geno_provenance::{
    EnvelopeDraft, InputIdentity, Label, PublicPath,
    training_run::{Monitoring, RUN_RECORD, Resumed, RunMetadata, RunStatus},
    write_atomic,
};
use geno_runtime::registered_pipeline;
use geno_training::{TargetSet, TrainReport, TrainSettings};
use serde_json::json;

use super::origin;
use crate::{failure::Failure, run_state::run_state};

/// A finished run.
pub(super) struct Recorded<'a> {
    pub(super) run_dir: &'a Path,
    pub(super) run_id: &'a str,
    pub(super) settings: &'a TrainSettings,
    pub(super) report: &'a TrainReport,
    /// Weights that stand beside the checkpoints.
    pub(super) beside: &'static [&'static str],
    /// To train, to validate and to test on.
    pub(super) sets: [Option<&'a TargetSet>; 3],
    pub(super) backend: &'static str,
    pub(super) resumed_from: u64,
}

const DATASET: &str = "dataset_manifest.json";

/// Writes `dataset_manifest.json`, `training_run.json` and `envelope.json`.
pub(super) fn write(run: &Recorded<'_>, settings: &Settings) -> Result<(), Failure> {
    let dataset = dataset(run);
    write_atomic(&run.run_dir.join(DATASET), |file| file.write_all(&dataset))?;
    let metadata = metadata(run, Digest::of(&dataset))?;
    write_atomic(&run.run_dir.join(RUN_RECORD), |file| {
        file.write_all(metadata.to_text().as_bytes())
    })?;
    if settings.provenance.envelope {
        envelope(run, Digest::of(&dataset), settings)?;
    }
    Ok(())
}

/// What the examples were drawn from, set by set.
fn dataset(run: &Recorded<'_>) -> Vec<u8> {
    let names = ["train", "validation", "test"];
    let splits = names.iter().zip(run.sets).filter_map(|(name, set)| {
        let folders = set?.folders().iter();
        let folders =
            folders.map(|folder| json!({"identity": folder.identity(), "counts": folder.counts()}));
        Some(((*name).to_owned(), folders.collect()))
    });
    let splits: serde_json::Map<String, serde_json::Value> = splits.collect();
    let text = json!({"schema_version": "1.0.0", "splits": splits});
    format!("{text:#}\n").into_bytes()
}

fn metadata(run: &Recorded<'_>, dataset: Digest) -> Result<RunMetadata, Failure> {
    let Recorded {
        settings, report, ..
    } = run;
    let machine = Machine::current();
    let best = report.best.step;
    let checkpoints = ["predictor.safetensors", "action_encoder.safetensors"];
    let checkpoints =
        checkpoints.map(|file| PublicPath::new(format!("checkpoints/step-{best:08}/{file}")));
    let beside = run.beside.iter().map(|file| PublicPath::new(*file));
    let all = &report.test.as_ref().unwrap_or(&report.validation).all;
    // A run whose predictions are no better than those it is compared with speaks against the model.
    let is_better = all.skill > 0.0 && all.skill > all.mean_change_skill;
    let threads = rayon::current_num_threads();
    Ok(RunMetadata {
        run_id: Label::new(run.run_id)?,
        origin: origin()?,
        dataset_snapshot_id: Label::new(format!("targets-{}", &dataset.to_hex()[..16]))?,
        dataset_manifest: PublicPath::new(DATASET)?,
        training_config: PublicPath::new("config.resolved.yaml")?,
        metrics: PublicPath::new("metrics.json")?,
        preflight_report: None,
        logs: vec![PublicPath::new("train.log.jsonl")?],
        checkpoint_files: checkpoints
            .into_iter()
            .chain(beside)
            .collect::<Result<_, _>>()?,
        status: match is_better {
            true => RunStatus::Completed,
            false => RunStatus::CompletedNegative,
        },
        hardware: vec![Label::new(format!(
            "{}, {threads} threads",
            machine.system
        ))?],
        runtime: vec![Label::new(format!("backend {}", run.backend))?],
        seeds: [(Label::new("base")?, settings.seed)].into(),
        determinism: Label::new("bit for bit on one machine and backend, also when resumed")?,
        monitoring: Monitoring {
            collapse_log_every_steps: Some(settings.collapse_every),
        },
        resumed: Some(Resumed {
            from_step: run.resumed_from,
            checkpoint: None,
        }),
        result_summary: Label::new(format!(
            "skill {:.4}, of the mean change {:.4}, on {} held-out edits",
            all.skill, all.mean_change_skill, all.n
        ))?,
        limitations: vec![Label::new(
            "skill says how well changes of the encoder's state are predicted, and nothing of the \
             effect of a variant",
        )?],
    })
}

fn envelope(run: &Recorded<'_>, dataset: Digest, settings: &Settings) -> Result<(), Failure> {
    let state = run_state(settings)?;
    let draft = EnvelopeDraft {
        code: state.code,
        input: InputIdentity {
            kind: Label::new("targets")?,
            digest: dataset,
            layout: None,
        },
        artifacts: Vec::new(),
        configs: state.configs,
        pipeline: registered_pipeline(),
        started: state.started,
    };
    Ok(draft.freeze()?.write(&run.run_dir.join("envelope.json"))?)
}
