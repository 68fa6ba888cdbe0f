//! `plan.json`.

use std::{collections::BTreeMap, path::Path};

use geno_planning::{Plan, SearchConfig};
use geno_runtime::{PlanEvaluator, PlanPrediction, Runtime, RuntimeError};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Args,
    start::{Inputs, Start},
};
use crate::{clock, failure::Failure};

const CLAIM_BOUNDARY: &str = "The plan is what a model proposes: edits after which the state that it \
    predicts is near the target. It says nothing about what the edits do in an organism.";

/// A finished search, for its file.
pub(super) struct PlanRecord<'a> {
    pub(super) runtime: &'a Runtime,
    /// The backend that was asked for.
    pub(super) backend: &'a str,
    pub(super) inputs: Inputs,
    pub(super) model_dir: Option<&'a Path>,
    pub(super) start: &'a Start,
    pub(super) config: &'a SearchConfig,
    pub(super) args: &'a Args,
    pub(super) targets: &'a [Vec<f32>],
    pub(super) found: &'a Plan,
    pub(super) prediction: PlanPrediction,
    pub(super) elapsed_seconds: f64,
    pub(super) verification: Option<Verification>,
}

/// How far the planned sequence really is.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Verification {
    /// Of the predicted state.
    predicted_distance: f64,
    /// Of the state that the encoder gives the planned sequence.
    true_distance: f64,
    /// True less predicted.
    difference: f64,
    /// Of the state that plans begin at.
    source_distance: f64,
}

impl Verification {
    pub(super) fn of(
        found: &Plan,
        evaluator: &PlanEvaluator<'_>,
        state: &[f32],
        source: &[f32],
    ) -> Result<Self, RuntimeError> {
        let true_distance = evaluator.distance(state)?;
        Ok(Self {
            predicted_distance: found.best_distance,
            true_distance,
            difference: true_distance - found.best_distance,
            source_distance: evaluator.distance(source)?,
        })
    }
}

impl PlanRecord<'_> {
    /// The file, indented and with sorted keys.
    pub(super) fn to_json(&self) -> Result<Vec<u8>, Failure> {
        let now = clock::now()?;
        let mut result = value(self.found);
        result["elapsed_seconds"] = self.elapsed_seconds.into();
        result["n_predictor_calls"] = self.found.n_evaluations.into();
        let arithmetic = self.runtime.arithmetic();
        let used = self.runtime.backend();
        let mut document = json!({
            "generated_by": "geno-lewm-plan",
            "schema_version": "0.1",
            "generated_at": now.to_string(),
            "evaluation_mode": "manifest_runtime",
            "claim_boundary": CLAIM_BOUNDARY,
            "negative_findings": self.negative_findings(),
            "inputs": self.inputs(),
            "runtime": {
                "backend": self.backend,
                "backend_used": used.as_str(),
                "kernel": used.kernel(),
                "encoder_dtype": arithmetic.encoder.as_str(),
                "predictor_dtype": arithmetic.predictor.as_str(),
                "prediction": self.prediction.as_str(),
                "state_contract": self.runtime.contract().as_str(),
                "model_id": self.runtime.identity().map(|identity| identity.model_id.to_string()),
            },
            "config": self.config(),
            "target_state_summary": self.target_summary(),
            "result": result,
        });
        if let Some(verification) = &self.verification {
            document["verification"] = value(verification);
        }
        let mut text = format!("{document:#}").into_bytes();
        text.push(b'\n');
        Ok(text)
    }

    /// What standard output shows.
    pub(super) fn summary(&self) -> String {
        let mut summary = json!({
            "best_distance": self.found.best_distance,
            "evaluation_mode": "manifest_runtime",
            "n_edits": self.found.best.edits().len(),
            "n_evaluations": self.found.n_evaluations,
            "output_path": self.args.output.display().to_string(),
            "stopped_reason": self.found.stopped_reason,
        });
        if let Some(verification) = &self.verification {
            summary["true_distance"] = verification.true_distance.into();
        }
        summary.to_string()
    }

    fn negative_findings(&self) -> Vec<&'static str> {
        let mut findings = Vec::new();
        if self.found.best.edits().is_empty() {
            findings.push("no plan that was evaluated is better than no edit");
        }
        if self.found.best_distance >= self.config.stopping_eps {
            findings.push("the predicted state of the best plan is not within stopping_eps");
        }
        match &self.verification {
            None => findings.push("the planned sequence was not encoded"),
            Some(v) if v.true_distance >= v.source_distance && v.source_distance > 0.0 => {
                findings
                    .push("the true state of the planned sequence is no nearer than the source");
            }
            Some(_) => {}
        }
        findings
    }

    fn inputs(&self) -> Value {
        let file = |(path, record): &(std::path::PathBuf, geno_provenance::FileRecord)| {
            json!({
                "path": path.display().to_string(),
                "sha256": record.digest.to_hex(),
                "size": record.size,
            })
        };
        let inputs = self.inputs.0.iter();
        let mut inputs: BTreeMap<&str, Value> = inputs
            .map(|(name, input)| (name.as_str(), file(input)))
            .collect();
        let model_dir = self.model_dir.map(|path| path.display().to_string());
        inputs.insert("model_dir", json!({ "path": model_dir }));
        value(&inputs)
    }

    fn config(&self) -> Value {
        let (search, target) = (&self.args.search, &self.args.target);
        let mut config = value(self.config);
        let types = search.edit_types.iter().map(|t| t.as_str());
        config["distance"] = target.distance.distance().as_str().into();
        config["edit_types"] = types.collect();
        config["edge_margin"] = search.edge_margin.into();
        config["position_bin_bp"] = search.position_bin_bp.into();
        config["window"] = json!({
            "contig": self.start.contig,
            "start_bp": self.start.window.start(),
            "length": self.start.window.len(),
            "locus": self.start.locus,
        });
        if !search.pam.is_empty() {
            config["pam"] = search.pam.as_slice().into();
            config["strand"] = search.strand.as_str().into();
            config["reach"] = search.reach.into();
        }
        config
    }

    fn target_summary(&self) -> Value {
        let norm = |state: &Vec<f32>| {
            let squares = state.iter().map(|x| f64::from(*x) * f64::from(*x));
            squares.sum::<f64>().sqrt()
        };
        json!({
            "length": self.targets[0].len(),
            "l2_norm": norm(&self.targets[0]),
            "n_states": self.targets.len(),
        })
    }
}

fn value(of: &impl Serialize) -> Value {
    serde_json::to_value(of).expect("finite numbers under names")
}
