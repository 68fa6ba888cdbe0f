//! The trained model that predicts a state after edits.
//!
//! [`ActionEncoder`] turns edits into vectors (`kmer_v1`) and [`Predictor`] predicts the state of
//! the edited window from the state of the reference window and those vectors
//! (`cross_attention_v1`). Both are the networks of geno-lewm 0.2.1, tensor for tensor, so its
//! checkpoints load here and give the same numbers.
//!
//! A row's result is the same to the last bit whatever stands in the rows beside it, how many
//! there are, and how many threads compute them.
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use geno_action::RelEdit;
//! use geno_core::RandomStream;
//! use geno_predictor::{ActionEncoder, ActionEncoderConfig, Network, Predictor, PredictorConfig};
//!
//! let device = Device::flex();
//! let mut stream = RandomStream::new(7, "predictor");
//! let config = PredictorConfig { d_hidden: 16, n_heads: 2, ffn_dim: 16, ..PredictorConfig::new(3, 4) };
//! let predictor = Predictor::init(&config, &mut stream, &device)?;
//! let encoder = ActionEncoder::init(&ActionEncoderConfig::new(4), &mut stream, &device)?;
//!
//! let action = encoder.encode_each([&RelEdit::new(6_144, "A", "C")?])?;
//! let state = Tensor::<2>::from_floats([[0., 3., 4.]], &device);
//! let predicted = predictor.predict_single(state, action).into_data();
//! // Untrained, it predicts no change: the state, at length 1.
//! assert_eq!(predicted.as_slice::<f32>()?, [0., 0.6, 0.8]);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod action_config;
mod action_encoder;
mod architecture;
mod base_config;
mod base_encoder;
mod base_features;
mod block;
mod causal;
mod causal_config;
mod config;
mod cross_block;
mod error;
mod kmer;
mod layer;
mod loss;
mod mask;
mod native;
mod network;
mod predictor;
mod read_out;
mod residual;
mod rollout;
mod seam;
mod sequence_encoder;
mod sinusoid;
mod source;
mod tokens;

pub use self::{
    action_config::ActionEncoderConfig,
    action_encoder::{ActionEncoder, EncodeEditsError, EncodedEdits},
    architecture::{ActionArchitecture, Architecture, PredictorArchitecture},
    base_config::BaseActionConfig,
    base_encoder::BaseActionEncoder,
    base_features::PlacedEdit,
    causal::{CausalPredictor, Rollout},
    causal_config::{CausalConfig, StepPositions},
    config::PredictorConfig,
    error::{ArchitectureError, ConfigError, LoadError},
    loss::{
        PredictionWeights, gaussian_divergence, prediction_loss, random_directions, residual_loss,
        sliced_gaussian,
    },
    native::{
        NativeActionEncoder, NativeBaseActionEncoder, NativeCausalPredictor, NativePredictor,
        NativeRollout,
    },
    network::Network,
    predictor::Predictor,
    seam::{EditEncoder, StatePredictor},
};
