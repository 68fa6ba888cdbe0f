//! Whether states are those of a configuration.

use geno_core::{Coded, ErrorCode};
use geno_runtime::ModelConfig;

use crate::targets::StatesIdentity;

/// Stored states that are not those the configuration describes.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{key}` is {configured}, where the stored states have {stored}")]
pub struct OtherStates {
    /// The key of the configuration.
    pub key: &'static str,
    /// What the configuration says.
    pub configured: String,
    /// What the states were made with.
    pub stored: String,
}

impl Coded for OtherStates {
    fn code(&self) -> ErrorCode {
        ErrorCode::ConfigGeneric
    }
}

impl StatesIdentity {
    /// Compares what made these states with what a model's configuration says of its encoder.
    ///
    /// A state layer that is counted from the last cannot be compared, since the identity does not hold
    /// how many there are; the encoder's digest tells encoders apart.
    ///
    /// # Errors
    ///
    /// [`OtherStates`] for the first key that differs.
    pub fn check(&self, config: &ModelConfig) -> Result<(), OtherStates> {
        let encoder = &config.encoder;
        let layer = usize::try_from(encoder.state_layer).unwrap_or(self.state_layer);
        let pairs = [
            (
                "encoder.state_layer",
                layer.to_string(),
                self.state_layer.to_string(),
            ),
            (
                "encoder.pool_type",
                text(encoder.pool_type),
                text(self.pool_type),
            ),
            (
                "encoder.pool_radius",
                encoder.pool_radius.to_string(),
                self.pool_radius.to_string(),
            ),
            (
                "encoder.state_contract",
                text(encoder.state_contract),
                text(self.state_contract),
            ),
            ("encoder.dtype", text(encoder.dtype), text(self.dtype)),
            (
                "predictor.d_state",
                config.predictor.d_state.to_string(),
                self.d_state.to_string(),
            ),
        ];
        let differing = pairs
            .into_iter()
            .find(|(_, configured, stored)| configured != stored);
        match differing {
            None => Ok(()),
            Some((key, configured, stored)) => Err(OtherStates {
                key,
                configured,
                stored,
            }),
        }
    }
}

fn text(value: impl std::fmt::Display) -> String {
    value.to_string()
}
