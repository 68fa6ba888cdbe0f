//! What all networks here have in common.

use burn::{module::ParamId, tensor::Device};
use geno_core::RandomStream;
use geno_weights::{NewTensor, WeightFile};

use crate::{
    error::{ConfigError, LoadError},
    source::{Sink, Source},
};

/// A network that is drawn or loaded, and saved.
///
/// Only the networks of this crate are.
pub trait Network: Sized {
    /// Widths and layer counts.
    type Config;

    /// Loads the network that a configuration describes.
    ///
    /// # Errors
    ///
    /// [`LoadError`] if the configuration describes none, or names a tensor that is missing, has
    /// another shape, or is left over.
    fn load(
        file: &mut WeightFile<'_>,
        config: &Self::Config,
        device: &Device,
    ) -> Result<Self, LoadError> {
        Self::validate(config)?;
        let network = Self::build(file, config, device)?;
        file.finish()?;
        Ok(network)
    }

    /// Draws an untrained network. The numbers depend on the stream and the configuration alone.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the configuration describes no network.
    fn init(
        config: &Self::Config,
        stream: &mut RandomStream,
        device: &Device,
    ) -> Result<Self, ConfigError> {
        Self::validate(config)?;
        let Ok(network) = Self::build(stream, config, device);
        Ok(network)
    }

    /// The tensors, as f32, under the names that [`load`](Self::load) reads.
    fn to_weights(&self) -> Vec<NewTensor> {
        let mut tensors = Vec::new();
        self.save(&mut Sink::Values(&mut tensors));
        tensors
    }

    /// The name that each parameter has in files, in the order of files.
    fn parameters(&self) -> Vec<(String, ParamId)> {
        let mut ids = Vec::new();
        self.save(&mut Sink::Ids(&mut ids));
        ids
    }

    #[doc(hidden)]
    fn validate(config: &Self::Config) -> Result<(), ConfigError>;

    #[doc(hidden)]
    fn build<S: Source>(
        source: &mut S,
        config: &Self::Config,
        device: &Device,
    ) -> Result<Self, S::Error>;

    #[doc(hidden)]
    fn save(&self, sink: &mut Sink<'_>);
}
