//! The manifest of a model on an encoder that was made from its own.

use geno_core::{Coded, Digest, Dtype, ErrorCode};
use geno_provenance::{Label, Manifest};

use super::DerivedEncoder;
use crate::{
    config::{ModelConfig, ModelConfigError},
    model_dir::ENCODER_CONFIG_KEYS,
};

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

/// Why a manifest cannot be that of a model with another encoder.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// The encoder was not made from the model's.
    #[error(transparent)]
    OtherEncoder(#[from] OtherEncoderError),
    /// The new configuration cannot be used.
    #[error("cannot use the new configuration")]
    Config(#[from] ModelConfigError),
    /// A model names its dtype, and an int8 checkpoint is for int8 models alone.
    #[error(
        "an int8 checkpoint belongs to a model whose configuration says `dtype: int8`: write that \
         configuration and name it with `--model-config`"
    )]
    NoInt8Config,
}

impl Coded for BindError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::OtherEncoder(source) => source.code(),
            Self::Config(source) => source.code(),
            Self::NoInt8Config => ErrorCode::ConfigGeneric,
        }
    }
}

impl DerivedEncoder {
    /// The manifest of a model with this encoder in place of the one that it was made from, and
    /// with the configuration `config`, if one is given, in place of its own.
    ///
    /// It is the manifest of another model: its digest, and with it the `model_id`, is another one.
    /// Digests of the encoder's configurations, where the manifest holds them, become those of the
    /// new files.
    ///
    /// # Errors
    ///
    /// [`BindError`].
    pub fn bind(&self, manifest: &Manifest, config: Option<&[u8]>) -> Result<Manifest, BindError> {
        let expected = manifest.encoder.hash;
        if self.lineage.since(expected).is_none() {
            return Err(OtherEncoderError { expected }.into());
        }
        let mut manifest = manifest.clone();
        let dtype = match config {
            None => None,
            Some(bytes) => {
                manifest.training.hash = Digest::of(bytes);
                Some(ModelConfig::from_yaml(bytes)?.encoder.dtype)
            }
        };
        if self.is_int8() && dtype != Some(Dtype::Int8) {
            return Err(BindError::NoInt8Config);
        }
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

    fn is_int8(&self) -> bool {
        let measured = self.measured.as_ref();
        measured.is_some_and(|measured| measured.dtype == Dtype::Int8)
    }
}
