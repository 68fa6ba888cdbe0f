//! What a finished run comes to.

use std::{collections::BTreeMap, io::Write, path::PathBuf};

use geno_provenance::{AtomicWriteError, write_atomic};
use serde::Serialize;

use super::history::TrainHistory;
use crate::{
    BestCheckpoint,
    validation::{Metric, Strata},
};

/// What a finished run comes to.
#[derive(Clone, Debug)]
pub struct TrainReport {
    /// The checkpoint with the best validation.
    pub best: BestCheckpoint,
    /// Its folder.
    pub checkpoint: PathBuf,
    /// Steps of the run.
    pub steps: u64,
    /// Predictions that steps learned from, also those of steps that were taken back.
    pub n_predictions: u64,
    /// How it went.
    pub history: TrainHistory,
    /// The best checkpoint on the examples that chose it, with intervals.
    pub validation: Strata,
    /// The same on examples that chose nothing.
    pub test: Option<Strata>,
}

#[derive(Serialize)]
struct Metrics<'a> {
    schema_version: &'static str,
    generated_by: &'static str,
    sample_count: u64,
    steps_completed: u64,
    best_step: u64,
    /// By name, as the package of a run wants them.
    metrics: BTreeMap<&'static str, f64>,
    evaluation: Evaluation,
    history: &'a TrainHistory,
}

#[derive(Serialize)]
struct Evaluation {
    metrics: Vec<Metric>,
}

impl TrainReport {
    /// All metrics, those of the test first.
    pub fn metrics(&self) -> Vec<Metric> {
        let test = self.test.iter().flat_map(|strata| strata.metrics("test"));
        test.chain(self.validation.metrics("validation")).collect()
    }

    /// Writes `metrics.json` and `loss.svg` into the folder of the run.
    ///
    /// # Errors
    ///
    /// [`AtomicWriteError`].
    pub fn write(&self, run_dir: &std::path::Path) -> Result<(), AtomicWriteError> {
        let last = self.history.training.last();
        let metrics = Metrics {
            schema_version: "1.0.0",
            generated_by: "geno-lewm train",
            sample_count: self.n_predictions,
            steps_completed: self.steps,
            best_step: self.best.step,
            metrics: last
                .map(|point| ("train_loss", point.loss))
                .into_iter()
                .collect(),
            evaluation: Evaluation {
                metrics: self.metrics(),
            },
            history: &self.history,
        };
        let metrics = serde_json::to_string_pretty(&metrics).expect("numbers and names");
        write_atomic(&run_dir.join("metrics.json"), |file| {
            writeln!(file, "{metrics}")
        })?;
        let plot = self.history.plot().to_svg();
        write_atomic(&run_dir.join("loss.svg"), |file| {
            file.write_all(plot.as_bytes())
        })
    }
}
