//! What comes out of a run.

use std::{io::Write, ops::ControlFlow, path::PathBuf};

use geno_core::{Digest, Dtype, Event};
use geno_provenance::write_atomic;
use geno_weights::WeightDtype;
use serde::Serialize;
use serde_json::json;

use super::{
    corpus::DnaCorpus,
    error::PretrainError,
    export::write_encoder,
    held_out::{HeldOut, HeldOutModel},
    history::{Best, History},
    markov::MarkovModels,
    report::HeldOutReport,
    run::{Pretrain, PretrainProgress},
    state::{self, State},
    trainer::{FILES, Trainer},
};
use crate::{Checkpoints, EventLog};

/// Windows that are encoded between two looks at whether to go on.
const WINDOWS_AT_ONCE: usize = 64;

/// What a run gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Pretrained {
    /// Folder of the encoder.
    pub encoder: PathBuf,
    /// Which step it is of, and how it was chosen.
    pub best: Best,
    /// How it compares with other models on all held-out windows.
    pub held_out: HeldOutReport,
    /// What it was trained on.
    pub corpus: Digest,
}

/// `metrics.json`.
#[derive(Serialize)]
struct Metrics<'a> {
    schema_version: &'static str,
    steps: u64,
    tokens: u64,
    parameters: usize,
    history: &'a History,
    held_out: &'a HeldOutReport,
}

/// Ends a run whose steps are done.
pub(super) struct Finish<'a> {
    pub(super) run: &'a Pretrain<'a>,
    pub(super) training: &'a DnaCorpus,
    pub(super) held_out: &'a HeldOut<'a>,
    pub(super) checkpoints: &'a Checkpoints,
    pub(super) log: &'a mut EventLog,
}

impl Finish<'_> {
    /// Writes the best model as an encoder, compares it and writes what was found.
    pub(super) fn run(
        self,
        state: &State,
        show: &mut impl FnMut(PretrainProgress) -> ControlFlow<()>,
    ) -> Result<Option<Pretrained>, PretrainError> {
        let (run, history) = (self.run, &state.history);
        let best = history.best.expect("the last step is validated");
        let mut checkpoint = state::read(&self.checkpoints.path(best.step), &state.config)?;
        let files = [checkpoint.take(FILES[0])?, checkpoint.take(FILES[1])?];
        let trainer = Trainer::load(run.config, run.settings, files, run.device)?;
        let files = trainer.encoder(run.dtype)?;
        let encoder = run.path("encoder");
        write_encoder(&encoder, &files)?;

        let model = HeldOutModel::load(files, dtype(run.dtype))?;
        let n_windows = self.held_out.n_windows();
        let mut bits = Vec::with_capacity(n_windows);
        while bits.len() < n_windows {
            let windows = bits.len();
            if show(PretrainProgress::Comparing { windows, n_windows }).is_break() {
                return Ok(None);
            }
            let end = n_windows.min(windows + WINDOWS_AT_ONCE);
            bits.extend(model.bits(&self.held_out.sites(windows..end))?);
        }
        let max_order = run.markov_orders.iter().copied().max().unwrap_or(0);
        let markov = MarkovModels::count(self.training, max_order, run.settings.both_strands);
        let held_out = HeldOutReport::new(
            self.held_out,
            run.settings.batch().window_bp(),
            &bits,
            &markov,
            run.markov_orders,
            run.settings.seed,
        );

        let metrics = Metrics {
            schema_version: "1.0.0",
            steps: run.settings.n_steps,
            tokens: run.settings.n_steps * run.settings.tokens_a_step(),
            parameters: trainer.n_parameters(),
            history,
            held_out: &held_out,
        };
        let metrics = serde_json::to_string_pretty(&metrics).expect("numbers and names");
        self.write("loss.svg", &history.plot().to_svg())?;
        self.write("metrics.json", &format!("{metrics}\n"))?;
        self.log.write("train.end", &json!({"best": best}))?;
        Event::TrainingRunEnd {
            reason: "done",
            best_step: best.step,
            best_loss: best.bits_per_base,
        }
        .emit();
        Ok(Some(Pretrained {
            encoder,
            best,
            held_out,
            corpus: self.training.digest(),
        }))
    }

    fn write(&self, name: &str, text: &str) -> Result<(), PretrainError> {
        Ok(write_atomic(&self.run.path(name), |file| {
            file.write_all(text.as_bytes())
        })?)
    }
}

/// What a model says of weights stored so.
fn dtype(stored: WeightDtype) -> Dtype {
    match stored {
        WeightDtype::F32 => Dtype::F32,
        WeightDtype::F16 => Dtype::F16,
        WeightDtype::Bf16 => Dtype::Bf16,
    }
}
