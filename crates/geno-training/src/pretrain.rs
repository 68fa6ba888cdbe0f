//! Pretraining of a small language model of DNA in Carbon's layout.
//!
//! ```text
//! RUN/config.resolved.yaml   what the run was set to
//!     train.log.jsonl        a line for some steps, each validation and each checkpoint
//!     checkpoints/           the last few, and the best
//!     encoder/               the best, as a checkpoint that encoders are loaded from
//!     metrics.json           losses, validations and the held-out report
//!     loss.svg               the same losses to look at
//! ```

mod batches;
mod corpus;
mod error;
mod estimate;
mod export;
mod held_out;
mod history;
mod markov;
mod outcome;
mod packed_bases;
mod phase;
mod report;
mod run;
mod settings;
mod state;
mod steps;
mod trainer;

pub use self::{
    batches::{BatchShape, TokenBatches},
    corpus::{DnaCorpus, DnaCorpusError},
    error::PretrainError,
    estimate::Estimate,
    held_out::{BitsPerBase, HeldOut},
    history::{Best, History, TrainingPoint, ValidationPoint},
    markov::MarkovModels,
    outcome::Pretrained,
    phase::Phase,
    report::{HeldOutReport, ModelBits},
    run::{Pretrain, PretrainProgress},
    settings::{PretrainSettings, PretrainSettingsError},
};
