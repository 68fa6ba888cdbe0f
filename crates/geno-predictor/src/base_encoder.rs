//! The action encoder `base_v2`.

pub(crate) mod build;

use burn::{
    module::{Module, Param},
    tensor::{Tensor, TensorData},
};

use crate::{
    action_encoder::{EncodeEditsError, EncodedEdits, fill_up},
    base_config::BaseActionConfig,
    base_features::{BaseFeatures, PlacedEdit},
    layer::{LayerNorm, Linear, gelu},
};

/// Turns edits, with the bases around them, into vectors.
///
/// ```text
/// h = LN(GELU(W₁·features)),  h ← LN(GELU(W₂·h)),  a = W₃·h
/// ```
///
/// The features spell out both alleles base by base with their lengths, the reference bases of the
/// 6-mer in which the edit begins and its place there, its type, and its position in the window and
/// from the pooled centre. So A, AA and AAA differ, and so does one edit in two places.
///
/// # Initial weights
///
/// Weights and biases are uniform within `±1/√fan_in`, norms one, padding zero.
///
/// # Examples
///
/// ```
/// use burn::tensor::Device;
/// use geno_action::RelEdit;
/// use geno_core::RandomStream;
/// use geno_predictor::{BaseActionConfig, BaseActionEncoder, Network, PlacedEdit};
///
/// let config = BaseActionConfig::new(8);
/// let stream = &mut RandomStream::new(7, "doc");
/// let encoder = BaseActionEncoder::init(&config, stream, &Device::flex())?;
/// let edit = RelEdit::new(6, "A", "C")?;
/// let actions = encoder.encode_each([PlacedEdit::centered(&edit, b"CCCCCCAGG")])?;
/// assert_eq!(actions.dims(), [1, 8]);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Module, Debug)]
pub struct BaseActionEncoder {
    /// `[d_action]`, what stands for a missing edit.
    padding: Param<Tensor<1>>,
    inner: [Linear; 2],
    norms: [LayerNorm; 2],
    outer: Linear,
    #[module(skip)]
    features: BaseFeatures,
    #[module(skip)]
    config: BaseActionConfig,
}

impl BaseActionEncoder {
    /// The configuration it was built from.
    pub fn config(&self) -> &BaseActionConfig {
        &self.config
    }

    /// Encodes edits one by one: `[n, d_action]`.
    ///
    /// # Errors
    ///
    /// [`EncodeEditsError::PositionTooLarge`] for the first edit at or beyond `max_window_bp`.
    pub fn encode_each<'a>(
        &self,
        edits: impl IntoIterator<Item = PlacedEdit<'a>>,
    ) -> Result<Tensor<2>, EncodeEditsError> {
        let device = self.padding.val().device();
        let max_window_bp = self.config.max_window_bp;
        let mut features = Vec::new();
        for placed in edits {
            let rel_pos = placed.edit.rel_pos();
            EncodeEditsError::unless_within(rel_pos, max_window_bp)?;
            self.features.extend(&mut features, &placed);
        }
        let width = self.config.d_features();
        let n = features.len() / width;
        if n == 0 {
            return Ok(Tensor::zeros([0, self.config.d_action], &device));
        }
        let features = Tensor::<2>::from_data(TensorData::new(features, [n, width]), &device);
        let hidden = self
            .inner
            .iter()
            .zip(&self.norms)
            .fold(features, |x, (inner, norm)| {
                norm.forward(gelu(inner.forward(x)))
            });
        Ok(self.outer.forward(hidden))
    }

    /// Encodes one edit list a row, filled up to the longest with the learned padding.
    ///
    /// # Errors
    ///
    /// As [`encode_each`](Self::encode_each).
    pub fn forward(&self, batch: &[&[PlacedEdit<'_>]]) -> Result<EncodedEdits, EncodeEditsError> {
        let encoded = self.encode_each(batch.iter().copied().flatten().copied())?;
        let lengths: Vec<usize> = batch.iter().map(|row| row.len()).collect();
        Ok(fill_up(encoded, self.padding.val(), &lengths))
    }
}
