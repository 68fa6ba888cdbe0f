//! The manifest of a model on an encoder that was made from its own.

use geno_core::{Coded, Digest, ErrorCode};
use geno_provenance::{Label, Manifest};

use super::DerivedEncoder;
use crate::model_dir::ENCODER_CONFIG_KEYS;

/// An encoder that was not made from the model's.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the model's manifest names the encoder {expected}, and this one was not made from it")]
pub struct OtherEncoderError {
    /// What the manifest names.
    pub expected: Digest,
}

impl Coded for OtherEncoderError {
    fn code(&self) -> ErrorCode {
        ErrorCode::ProvenanceManifestHashMismatch
    }
}

impl DerivedEncoder {
    /// The manifest of a model with this encoder in place of the one that it was made from.
    ///
    /// It is the manifest of another model: its digest, and with it the `model_id`, is another one.
    /// Digests of the encoder's configurations, where the manifest holds them, become those of the
    /// new files.
    ///
    /// # Errors
    ///
    /// [`OtherEncoderError`].
    pub fn bind(&self, manifest: &Manifest) -> Result<Manifest, OtherEncoderError> {
        let expected = manifest.encoder.hash;
        if self.lineage.since(expected).is_none() {
            return Err(OtherEncoderError { expected });
        }
        let mut manifest = manifest.clone();
        manifest.encoder.hash = self.digest;
        let snapshot = &mut manifest.training.data_snapshot;
        for (key, digest) in ENCODER_CONFIG_KEYS.into_iter().zip(self.configs) {
            let label = |text: &str| Label::new(text).expect("a key and a digest are labels");
            if let Some(value) = snapshot.get_mut(&label(key)) {
                *value = label(&digest.to_string());
            }
        }
        Ok(manifest)
    }
}
