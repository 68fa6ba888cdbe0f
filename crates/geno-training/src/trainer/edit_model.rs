//! The two networks that are trained together.

use burn::{
    module::{Module, ParamId},
    tensor::{Bool, Device, Tensor},
};
use geno_core::RandomStream;
use geno_predictor::{
    ActionArchitecture, ActionEncoder, Architecture, BaseActionEncoder, CausalPredictor,
    ConfigError, EncodeEditsError, EncodedEdits, LoadError, Network, PlacedEdit, Predictor,
    PredictorArchitecture,
};
use geno_weights::{NewTensor, WeightFile, WriteWeightsError};

/// A predictor of any kind.
#[derive(Module, Debug)]
enum AnyPredictor {
    CrossAttentionV1(Predictor),
    CausalV2(CausalPredictor),
}

/// An action encoder of any kind.
#[derive(Module, Debug)]
enum AnyActionEncoder {
    KmerV1(ActionEncoder),
    BaseV2(BaseActionEncoder),
}

/// The action encoder and the predictor, which are trained together.
///
/// # Examples
///
/// ```
/// use burn::tensor::Device;
/// use geno_core::RandomStream;
/// use geno_predictor::{ActionArchitecture, BaseActionConfig, CausalConfig, PredictorArchitecture};
/// use geno_training::EditModel;
///
/// let config = CausalConfig { d_hidden: 16, n_heads: 2, ffn_dim: 16, ..CausalConfig::new(3, 4) };
/// let predictor = PredictorArchitecture::CausalV2(config);
/// let action = ActionArchitecture::BaseV2(BaseActionConfig::new(4));
/// let model = EditModel::draw(&predictor, &action, 7, &Device::flex())?;
/// assert!(model.parameters().iter().any(|(name, _)| name.starts_with("action_encoder.")));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Module, Debug)]
pub struct EditModel {
    action: AnyActionEncoder,
    predictor: AnyPredictor,
}

impl EditModel {
    /// Draws untrained networks from the streams `predictor` and `action_encoder` of a seed.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if an architecture describes no network.
    pub fn draw(
        predictor: &PredictorArchitecture,
        action: &ActionArchitecture,
        seed: u64,
        device: &Device,
    ) -> Result<Self, ConfigError> {
        let stream = &mut RandomStream::new(seed, "predictor");
        let predictor = match predictor {
            PredictorArchitecture::CrossAttentionV1(config) => {
                AnyPredictor::CrossAttentionV1(Predictor::init(config, stream, device)?)
            }
            PredictorArchitecture::CausalV2(config) => {
                AnyPredictor::CausalV2(CausalPredictor::init(config, stream, device)?)
            }
        };
        let stream = &mut RandomStream::new(seed, "action_encoder");
        let action = match action {
            ActionArchitecture::KmerV1(config) => {
                AnyActionEncoder::KmerV1(ActionEncoder::init(config, stream, device)?)
            }
            ActionArchitecture::BaseV2(config) => {
                AnyActionEncoder::BaseV2(BaseActionEncoder::init(config, stream, device)?)
            }
        };
        Ok(Self { action, predictor })
    }

    /// Loads both networks.
    ///
    /// # Errors
    ///
    /// [`LoadError`].
    pub fn load(
        (predictor, predictor_file): (&PredictorArchitecture, &mut WeightFile<'_>),
        (action, action_file): (&ActionArchitecture, &mut WeightFile<'_>),
        device: &Device,
    ) -> Result<Self, LoadError> {
        let predictor = match predictor {
            PredictorArchitecture::CrossAttentionV1(config) => {
                AnyPredictor::CrossAttentionV1(Predictor::load(predictor_file, config, device)?)
            }
            PredictorArchitecture::CausalV2(config) => {
                AnyPredictor::CausalV2(CausalPredictor::load(predictor_file, config, device)?)
            }
        };
        let action = match action {
            ActionArchitecture::KmerV1(config) => {
                AnyActionEncoder::KmerV1(ActionEncoder::load(action_file, config, device)?)
            }
            ActionArchitecture::BaseV2(config) => {
                AnyActionEncoder::BaseV2(BaseActionEncoder::load(action_file, config, device)?)
            }
        };
        Ok(Self { action, predictor })
    }

    /// What the networks are.
    pub fn architectures(&self) -> (PredictorArchitecture, ActionArchitecture) {
        let predictor = match &self.predictor {
            AnyPredictor::CrossAttentionV1(network) => {
                PredictorArchitecture::CrossAttentionV1(network.config().clone())
            }
            AnyPredictor::CausalV2(network) => {
                PredictorArchitecture::CausalV2(network.config().clone())
            }
        };
        let action = match &self.action {
            AnyActionEncoder::KmerV1(network) => {
                ActionArchitecture::KmerV1(network.config().clone())
            }
            AnyActionEncoder::BaseV2(network) => {
                ActionArchitecture::BaseV2(network.config().clone())
            }
        };
        (predictor, action)
    }

    /// The name of each parameter: `predictor.` or `action_encoder.`, then the name in its file.
    pub fn parameters(&self) -> Vec<(String, ParamId)> {
        let predictor = match &self.predictor {
            AnyPredictor::CrossAttentionV1(network) => network.parameters(),
            AnyPredictor::CausalV2(network) => network.parameters(),
        };
        let action = match &self.action {
            AnyActionEncoder::KmerV1(network) => network.parameters(),
            AnyActionEncoder::BaseV2(network) => network.parameters(),
        };
        let named = |part: &'static str, ids: Vec<(String, ParamId)>| {
            ids.into_iter()
                .map(move |(name, id)| (format!("{part}.{name}"), id))
        };
        let predictor = named("predictor", predictor);
        predictor.chain(named("action_encoder", action)).collect()
    }

    /// The weight files `predictor.safetensors` and `action_encoder.safetensors`.
    ///
    /// # Errors
    ///
    /// [`WriteWeightsError`].
    pub fn write(&self) -> Result<[Vec<u8>; 2], WriteWeightsError> {
        let (predictor, action) = self.architectures();
        let weights: [Vec<NewTensor>; 2] = [
            match &self.predictor {
                AnyPredictor::CrossAttentionV1(network) => network.to_weights(),
                AnyPredictor::CausalV2(network) => network.to_weights(),
            },
            match &self.action {
                AnyActionEncoder::KmerV1(network) => network.to_weights(),
                AnyActionEncoder::BaseV2(network) => network.to_weights(),
            },
        ];
        Ok([predictor.write(&weights[0])?, action.write(&weights[1])?])
    }

    /// Encodes edit lists, filled up to the longest with the learned padding.
    ///
    /// # Errors
    ///
    /// [`EncodeEditsError`].
    pub(super) fn encode(
        &self,
        edits: &[Vec<PlacedEdit<'_>>],
    ) -> Result<EncodedEdits, EncodeEditsError> {
        match &self.action {
            AnyActionEncoder::KmerV1(network) => {
                let lists = edits.iter().map(|list| {
                    let edits = list.iter().map(|placed| placed.edit.clone());
                    edits.collect::<Vec<_>>()
                });
                let lists: Vec<_> = lists.collect();
                network.forward(&lists.iter().map(Vec::as_slice).collect::<Vec<_>>())
            }
            AnyActionEncoder::BaseV2(network) => {
                network.forward(&edits.iter().map(Vec::as_slice).collect::<Vec<_>>())
            }
        }
    }

    /// Predicts the state after each edit of each list, `[batch, n_edits, d_state]`.
    pub(super) fn predict(
        &self,
        state: Tensor<2>,
        actions: Tensor<3>,
        mask: Tensor<2, Bool>,
    ) -> Tensor<3> {
        match &self.predictor {
            AnyPredictor::CrossAttentionV1(network) => network.forward(state, actions, mask),
            AnyPredictor::CausalV2(network) => network.forward(state, actions, mask),
        }
    }

    /// Most edits of a list, if there is a limit.
    pub(crate) fn max_edits(&self) -> Option<usize> {
        use geno_predictor::StatePredictor;
        match &self.predictor {
            AnyPredictor::CrossAttentionV1(network) => network.max_edits(),
            AnyPredictor::CausalV2(network) => network.max_edits(),
        }
    }
}
