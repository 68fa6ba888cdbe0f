//! The trained weights, checked against the configuration they were trained with.

use std::path::{Path, PathBuf};

use geno_core::Digest;
use geno_predictor::Architecture;
use geno_provenance::Label;
use geno_runtime::ModelConfig;
use geno_weights::WeightFile;

use super::{ExportError, adapted, fact, manifest::file, read};
use crate::Checkpoint;

/// The kind of checkpoint that holds a predictor and an action encoder.
const KIND: &str = "predictor";

/// The weights of both networks.
pub(super) struct TrainedWeights {
    pub(super) predictor: Weights,
    pub(super) action_encoder: Weights,
    /// Digest of the adapters that the encoder must have merged into it, if it was trained, too.
    pub(super) adapters: Option<Digest>,
    /// What a checkpoint says of its run, by key of the manifest.
    run: Vec<(&'static str, String)>,
}

/// A weight file.
pub(super) struct Weights {
    pub(super) bytes: Vec<u8>,
    tensors: Digest,
}

impl TrainedWeights {
    /// Reads both files of a checkpoint, or of a folder that holds these two alone.
    pub(super) fn read(folder: &Path, config: &ModelConfig) -> Result<Self, ExportError> {
        let [predictor, action_encoder] = [file::PREDICTOR, file::ACTION_ENCODER];
        let mut adapters = None;
        let (run, bytes) = if folder.join("checkpoint.json").is_file() {
            let kinds = [KIND, adapted::KIND];
            let (kind, mut checkpoint) =
                Checkpoint::<serde_json::Value>::read_one_of(folder, &kinds)?;
            if kind == adapted::KIND {
                adapters = Some(Digest::of(&checkpoint.take(adapted::ADAPTERS)?));
            }
            let bytes = [
                checkpoint.take(predictor)?,
                checkpoint.take(action_encoder)?,
            ];
            (of_run(&checkpoint), bytes)
        } else {
            let bytes = [predictor, action_encoder].map(|name| read(&folder.join(name)));
            let [predictor, action_encoder] = bytes;
            (Vec::new(), [predictor?, action_encoder?])
        };
        let [predictor_bytes, action_bytes] = bytes;
        let [predictor, action_encoder] = [predictor, action_encoder].map(|name| folder.join(name));
        Ok(Self {
            predictor: Weights::checked(
                predictor_bytes,
                predictor,
                &config.predictor_architecture(),
            )?,
            action_encoder: Weights::checked(
                action_bytes,
                action_encoder,
                &config.action_architecture(),
            )?,
            adapters,
            run,
        })
    }

    /// What the manifest says of them.
    pub(super) fn facts(&self) -> impl Iterator<Item = (Label, Label)> {
        let tensors = [
            ("predictor/tensors", self.predictor.tensors),
            ("action_encoder/tensors", self.action_encoder.tensors),
        ];
        let tensors = tensors.map(|(key, digest)| (key, digest.to_string()));
        tensors.into_iter().chain(self.run.clone()).map(fact)
    }
}

/// The steps of a run, its seed, and the digest of all that its weights depend on.
fn of_run(checkpoint: &Checkpoint<serde_json::Value>) -> Vec<(&'static str, String)> {
    let mut facts = vec![("training/step", checkpoint.step.to_string())];
    if let Some(identity) = checkpoint.state.get("identity") {
        let seed = identity.pointer("/settings/seed");
        facts.extend(seed.map(|seed| ("training/seed", seed.to_string())));
        let digest = Digest::of(identity.to_string().as_bytes());
        facts.push(("training/identity", digest.to_string()));
    }
    facts
}

impl Weights {
    fn checked(
        bytes: Vec<u8>,
        path: PathBuf,
        configured: &impl Architecture,
    ) -> Result<Self, ExportError> {
        let weights = match WeightFile::parse(&*bytes) {
            Ok(weights) => weights,
            Err(source) => return Err(ExportError::Weights { path, source }),
        };
        if let Err(source) = configured.check(&weights) {
            return Err(ExportError::Architecture { path, source });
        }
        if let Some((tensor, _)) = weights.non_finite().first() {
            let tensor = (*tensor).to_owned();
            return Err(ExportError::NotFinite { path, tensor });
        }
        Ok(Self {
            tensors: weights.tensor_digest(),
            bytes,
        })
    }
}
