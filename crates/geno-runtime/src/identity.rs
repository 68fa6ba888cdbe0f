//! What receipts say about the model that made a score.

use geno_core::{Digest, Layout, PoolType, StateContract};
use geno_provenance::{DtypeConfig, Label, PoolingConfig};

use crate::{model_dir::ModelDir, windows_per_variant::WindowsPerVariant};

/// The identity of a loaded model.
#[derive(Clone, Debug)]
pub struct ModelIdentity {
    /// Digest of the manifest's contents.
    pub model_id: Digest,
    /// Digest of what decides a raw score, see [`Manifest::weights_id`](geno_provenance::Manifest::weights_id).
    pub weights_id: Digest,
    /// Digest of the manifest file's bytes.
    pub manifest_digest: Digest,
    /// Digest of the calibration table.
    pub calibration_hash: Digest,
    /// Revision of the encoder.
    pub encoder_revision: Label,
    /// How states are pooled, as commitments state it.
    pub pooling: PoolingConfig,
    /// Number formats, as commitments state them.
    pub dtypes: DtypeConfig,
    /// How states are made.
    pub contract: StateContract,
    /// How windows are laid.
    pub layout: Layout,
    /// In how many windows variants are scored.
    pub windows: WindowsPerVariant,
}

/// A text known to be a label: the name of an enumeration's value or of a bucket.
pub(crate) fn label(text: &str) -> Label {
    Label::new(text).expect("names are not empty")
}

impl ModelIdentity {
    /// The identity of a model whose encoder has this many layers, with its own calibration table
    /// and windows laid this way.
    pub(crate) fn of(
        model: &ModelDir,
        n_layers: usize,
        layout: Layout,
        windows: WindowsPerVariant,
    ) -> Self {
        let (manifest, encoder) = (model.manifest(), &model.config().encoder);
        let normalize = match encoder.state_contract {
            StateContract::L2NormalizedV2 => true,
            StateContract::LegacyRawV1 => encoder.normalize,
        };
        let predictor_dtype = match &manifest.predictor.dtype {
            Some(dtype) => dtype.clone(),
            None => label(model.config().predictor.dtype.as_str()),
        };
        Self {
            model_id: manifest.model_id(),
            weights_id: manifest.weights_id(),
            manifest_digest: model.manifest_digest(),
            calibration_hash: manifest.calibration.hash,
            encoder_revision: manifest.encoder.revision.clone(),
            pooling: PoolingConfig {
                state_layer: u64::try_from(encoder.state_layer).unwrap_or(n_layers as u64),
                pool_type: label(encoder.pool_type.as_str()),
                pool_radius: match encoder.pool_type {
                    PoolType::GlobalMean => 0,
                    _ => encoder.pool_radius as u64,
                },
                normalize,
            },
            dtypes: DtypeConfig {
                encoder_dtype: label(encoder.dtype.as_str()),
                predictor_dtype,
            },
            contract: encoder.state_contract,
            layout,
            windows,
        }
    }
}
