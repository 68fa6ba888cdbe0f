//! The states of a benchmark of rollouts, and their metrics.

use geno_app::Sandbox;
use geno_data::{Fasta, HaplotypeOptions};
use geno_eval::{MetricsReport, ReportIdentity, Rule, RunRecord, StepInputs};
use geno_provenance::{Json, Label};
use geno_runtime::RollOptions;

use super::run::{METRICS, NO_CALIBRATION, Run, write};
use crate::{
    clock,
    commands::rollout::rows::{RowFiles, RowOutputs},
    failure::Failure,
    interrupt, model_args,
    progress::Bar,
    report_args::ReportArgs,
};

/// The rows of states.
const STATES: &str = "states.jsonl";

/// Haplotypes computed together; never changes a result.
const BATCH: usize = 64;

/// How haplotypes are read and ranked.
struct Ranked {
    max_edits: u32,
    max_gap: u64,
    candidates: u32,
    recall_k: u32,
}

/// Rolls and adds up, unless that was done.
pub(super) fn step(
    run: &Run<'_>,
    names: &ReportArgs,
    record: &mut RunRecord,
) -> Result<bool, Failure> {
    const STEP: &str = "rollout";
    let benchmark = &run.prepared.benchmark;
    let ranked = match &benchmark.rule {
        Rule::PhasedHaplotypes(rule) => Ranked {
            max_edits: rule.max_edits,
            max_gap: rule.max_gap,
            candidates: rule.candidates,
            recall_k: rule.recall_k,
        },
        Rule::EditChains(rule) => Ranked {
            max_edits: rule.edits,
            max_gap: rule.span,
            candidates: rule.candidates,
            recall_k: rule.recall_k,
        },
        _ => unreachable!("only rollouts come here"),
    };
    let identity = names.identity(ReportIdentity {
        model_id: Some(run.model.manifest().model_id()),
        model_release: Some(run.model.manifest().release_id.clone()),
        ..ReportIdentity::default()
    })?;
    let own = ("identity", Json::from(format!("{identity:?}")));
    let inputs = StepInputs::new(run.inputs().into_iter().chain([own]));
    if record.is_done(STEP, &inputs)? {
        return Ok(false);
    }
    let (metrics, states) = (run.output.join(METRICS), run.output.join(STATES));
    let files = ["rollout_states", "baseline_rollout_states"];
    let files = files.map(|name| (name.to_owned(), states.as_path()));
    let artifacts = names.artifacts(&metrics, files)?;
    let (_, runtime) = model_args::load(run.settings, NO_CALIBRATION)?;
    let runtime = runtime.with_network_guard(Sandbox::current().guard());
    let fasta = Fasta::open(run.fasta)?;
    let mut outputs = RowOutputs::create(RowFiles {
        split: Label::new(&*benchmark.split)?,
        candidates: ranked.candidates,
        recall_k: u64::from(ranked.recall_k),
        states: Some(&states),
        rejected: run.output.join("states.jsonl.rejected.jsonl"),
    })?;
    let haplotypes = HaplotypeOptions {
        max_edits: ranked.max_edits as usize,
        max_gap: ranked.max_gap,
        samples: None,
        region: None,
    };
    let options = RollOptions {
        batch_size: BATCH,
        encodes: true,
        max_haplotypes: None,
    };
    let bar = Bar::new(run.settings.observability.quiet);
    let completion = runtime.roll_phased(
        (&run.prepared.variants(), &fasta),
        &haplotypes,
        options,
        |row| outputs.take(row),
        |progress| bar.show_rolled(progress, "haplotypes"),
        interrupt::catch(),
    )?;
    bar.finish();
    interrupt::finished(completion)?;
    let (splits, _) = outputs.finish()?;
    let report = MetricsReport {
        generated_at: clock::now()?,
        identity: &identity,
        artifacts: &artifacts,
        splits: &splits,
        recall_k: u64::from(ranked.recall_k),
        n_candidates: Some(ranked.candidates as usize),
    };
    write(run, METRICS, &report.to_json())?;
    record.finish(STEP, &inputs, &[STATES, METRICS])?;
    Ok(true)
}
