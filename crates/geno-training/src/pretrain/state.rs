//! What a run goes on from.

use std::path::Path;

use geno_encoder::CarbonConfig;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    corpus::DnaCorpus,
    error::PretrainError,
    history::{Best, History},
    settings::PretrainSettings,
    trainer::{FILES, Trainer},
};
use crate::{BestCheckpoint, Checkpoint, Checkpoints, IdentityDifference};

/// What checkpoints of pretraining are called.
pub(super) const KIND: &str = "pretrain";

/// The state of a run, beside its weights and moments. Nothing else decides the next step: batches
/// follow from the seed and their numbers.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    /// All that the weights follow from.
    pub(super) config: Value,
    pub(super) history: History,
}

/// All that the weights of a run follow from.
pub(super) fn identity(
    training: &DnaCorpus,
    validation: &DnaCorpus,
    config: &CarbonConfig,
    settings: &PretrainSettings,
) -> Value {
    let corpus = |corpus: &DnaCorpus| json!({"bases": corpus.n_bases(), "digest": corpus.digest()});
    let parse = |text: &[u8]| serde_json::from_slice::<Value>(text).expect("our own JSON");
    // By way of text, where a number of 32 bits is its shortest name.
    let settings = serde_json::to_vec(settings).expect("numbers and names");
    json!({
        "corpus": {"training": corpus(training), "validation": corpus(validation)},
        "encoder": parse(&config.to_json()),
        "settings": parse(&settings),
    })
}

/// Reads the checkpoint of a run that is the same, down to the last setting.
pub(super) fn read(path: &Path, identity: &Value) -> Result<Checkpoint<State>, PretrainError> {
    let checkpoint = Checkpoint::<State>::read(path, KIND)?;
    match IdentityDifference::between(&checkpoint.state.config, identity) {
        None => Ok(checkpoint),
        Some(source) => Err(PretrainError::OtherRun {
            path: path.to_owned(),
            source,
        }),
    }
}

/// Writes a checkpoint; its size in bytes.
pub(super) fn write(
    checkpoints: &Checkpoints,
    step: u64,
    trainer: &Trainer,
    state: &State,
) -> Result<u64, PretrainError> {
    let [weights, optimizer] = trainer.files()?;
    let size = weights.len() + optimizer.len();
    checkpoints.write(step, state, &[(FILES[0], weights), (FILES[1], optimizer)])?;
    Ok(size as u64)
}

/// Says which checkpoint is the best so far.
pub(super) fn set_best(checkpoints: &Checkpoints, best: Best) -> Result<(), PretrainError> {
    Ok(checkpoints.set_best(BestCheckpoint {
        step: best.step,
        value: best.bits_per_base,
    })?)
}

/// Makes sure that the best checkpoint is among those of the run, where the run goes on from a
/// checkpoint that lies elsewhere.
pub(super) fn keep_best(
    checkpoints: &Checkpoints,
    resumed: &Path,
    best: Best,
    identity: &Value,
) -> Result<(), PretrainError> {
    set_best(checkpoints, best)?;
    let own = checkpoints.path(best.step);
    if own.exists() {
        return Ok(());
    }
    let beside = resumed.with_file_name(own.file_name().expect("a checkpoint has a name"));
    let mut checkpoint = read(&beside, identity)?;
    let files = [
        (FILES[0], checkpoint.take(FILES[0])?),
        (FILES[1], checkpoint.take(FILES[1])?),
    ];
    checkpoints.write(best.step, &checkpoint.state, &files)?;
    Ok(())
}
