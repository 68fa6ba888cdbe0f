//! The action encoder `base_v2` on the kernels for CPUs.

use burn::tensor::{Device, Tensor, TensorData};
use geno_core::Dtype;
use geno_kernels::{Affine, Kernel, LayerNorm, gelu};
use geno_weights::{WeightError, WeightFile};
use rayon::prelude::*;

use super::layers::Layers;
use crate::{
    EncodeEditsError,
    base_config::BaseActionConfig,
    base_encoder::build::{INNER, NORMS, OUTER, PADDING},
    base_features::{BaseFeatures, PlacedEdit},
    error::LoadError,
};

/// An action encoder over bases on this machine's processor.
///
/// Its definition is [`BaseActionEncoder`](crate::BaseActionEncoder): actions agree within 10⁻⁵, and
/// an action is the same to the last bit whatever other edits are encoded with it. Products are in
/// `f32`.
pub struct NativeBaseActionEncoder {
    kernel: Kernel,
    inner: [Affine; 2],
    norms: [LayerNorm; 2],
    outer: Affine,
    features: BaseFeatures,
    config: BaseActionConfig,
    device: Device,
}

impl NativeBaseActionEncoder {
    /// Loads the action encoder that a configuration describes. Actions come out as tensors on
    /// `device`.
    ///
    /// # Errors
    ///
    /// As of [`BaseActionEncoder::load`](crate::BaseActionEncoder::load).
    pub fn load(
        file: &mut WeightFile<'_>,
        config: &BaseActionConfig,
        kernel: Kernel,
        device: &Device,
    ) -> Result<Self, LoadError> {
        config.validate()?;
        // What stands for a missing edit is never looked at.
        file.skip(PADDING, &[config.d_action])?;
        let encoder = Self::build(&mut Layers::new(file, Dtype::F32), config, kernel, device)?;
        file.finish()?;
        Ok(encoder)
    }

    fn build(
        layers: &mut Layers<'_, '_>,
        config: &BaseActionConfig,
        kernel: Kernel,
        device: &Device,
    ) -> Result<Self, WeightError> {
        let d = config.d_hidden;
        Ok(Self {
            kernel,
            inner: [
                layers.affine(INNER[0], [config.d_features(), d])?,
                layers.affine(INNER[1], [d, d])?,
            ],
            norms: [layers.norm(NORMS[0], d)?, layers.norm(NORMS[1], d)?],
            outer: layers.affine(OUTER, [d, config.d_action])?,
            features: BaseFeatures::new(config),
            config: config.clone(),
            device: device.clone(),
        })
    }

    /// The configuration it was built from.
    pub fn config(&self) -> &BaseActionConfig {
        &self.config
    }

    /// Encodes edits one by one: `[n, d_action]`, row after row.
    ///
    /// # Errors
    ///
    /// [`EncodeEditsError::PositionTooLarge`] for the first edit at or beyond `max_window_bp`.
    pub fn encode(&self, edits: &[PlacedEdit<'_>]) -> Result<Vec<f32>, EncodeEditsError> {
        for placed in edits {
            EncodeEditsError::unless_within(placed.edit.rel_pos(), self.config.max_window_bp)?;
        }
        let features = edits.par_iter().map(|placed| {
            let mut features = Vec::with_capacity(self.config.d_features());
            self.features.extend(&mut features, placed);
            features
        });
        let mut x = features.collect::<Vec<_>>().concat();
        for (inner, norm) in self.inner.iter().zip(&self.norms) {
            let width = self.config.d_hidden;
            let mut hidden = vec![0.0; edits.len() * width];
            inner.forward(self.kernel, &x, &mut hidden);
            gelu(self.kernel, &mut hidden, width);
            x.resize(hidden.len(), 0.0);
            norm.forward(self.kernel, &hidden, &mut x);
        }
        let mut actions = vec![0.0; edits.len() * self.config.d_action];
        self.outer.forward(self.kernel, &x, &mut actions);
        Ok(actions)
    }

    /// Encodes edits one by one: `[n, d_action]`.
    ///
    /// # Errors
    ///
    /// As [`encode`](Self::encode).
    pub fn encode_each(&self, edits: &[PlacedEdit<'_>]) -> Result<Tensor<2>, EncodeEditsError> {
        let shape = [edits.len(), self.config.d_action];
        let actions = TensorData::new(self.encode(edits)?, shape);
        Ok(Tensor::from_data(actions, &self.device))
    }
}

impl std::fmt::Debug for NativeBaseActionEncoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NativeBaseActionEncoder")
            .field("config", &self.config)
            .field("kernel", &self.kernel)
            .finish_non_exhaustive()
    }
}
