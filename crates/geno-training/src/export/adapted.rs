//! Checkpoints whose predictor belongs to an encoder that was adapted with it.

use geno_core::Digest;
use geno_runtime::Lineage;

use super::ExportError;

/// The kind of such a checkpoint.
pub(crate) const KIND: &str = "adapted predictor";
/// Its file that holds the adapters.
pub(crate) const ADAPTERS: &str = "adapter_model.safetensors";

/// How the lineage of merged weights calls the step from their base, with the digest of the file of the
/// adapters.
pub(crate) fn merge_step(adapters: Digest) -> String {
    format!("merge adapters {adapters}")
}

/// Checks that an encoder, or what it was made from, has these adapters merged into it.
pub(super) fn check_merged(adapters: Digest, lineage: Option<&Lineage>) -> Result<(), ExportError> {
    let step = merge_step(adapters);
    let mut steps = lineage.into_iter().flat_map(|lineage| &lineage.steps);
    match steps.any(|known| known.did == step) {
        true => Ok(()),
        false => Err(ExportError::NotMerged),
    }
}
