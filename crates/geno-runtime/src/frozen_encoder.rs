//! An encoder by itself, with how its states are made.

use std::path::Path;

use geno_core::{Digest, Dtype, Layout};
use geno_data::SiteWindows;
use geno_encoder::{SiteEncoder, StateSettings};

use crate::{
    backend::{Backend, BackendChoice},
    checkpoint::settings,
    components::{LoadModelError, LoadedEncoder, check_longest, load_mapped},
    config::EncoderSection,
    layout::windows_of,
    mapped_encoder::MappedEncoder,
    model_dir::ModelDir,
    runtime::RuntimeError,
};

/// An encoder whose states a predictor is to be trained on, so that there is none yet.
pub struct FrozenEncoder {
    encoder: Box<dyn SiteEncoder>,
    settings: StateSettings,
    layer: usize,
    dtype: Dtype,
    products: Dtype,
    backend: Backend,
    windows: SiteWindows,
    weights: Digest,
    configs: Option<[Digest; 2]>,
}

impl FrozenEncoder {
    /// Loads the encoder of a folder or a GGUF file, to be used as a configuration says; windows are
    /// laid otherwise if `layout` says so.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Backend`] and [`RuntimeError::Load`].
    pub fn open(
        place: &Path,
        section: &EncoderSection,
        backend: BackendChoice,
        layout: Option<Layout>,
    ) -> Result<Self, RuntimeError> {
        let mapped = MappedEncoder::open(place).map_err(LoadModelError::from)?;
        Self::load(&mapped, section, backend, layout)
    }

    /// Loads the encoder of a model, whose digest is checked.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Backend`] and [`RuntimeError::Load`].
    pub fn of_model(
        model: &ModelDir,
        backend: BackendChoice,
        layout: Option<Layout>,
    ) -> Result<Self, RuntimeError> {
        let mapped = model.read_encoder().map_err(LoadModelError::from)?;
        Self::load(&mapped, &model.config().encoder, backend, layout)
    }

    fn load(
        mapped: &MappedEncoder,
        section: &EncoderSection,
        backend: BackendChoice,
        layout: Option<Layout>,
    ) -> Result<Self, RuntimeError> {
        let (backend, device) = backend.select()?;
        let windows = windows_of(section, layout.unwrap_or(section.layout));
        let windows = windows.map_err(LoadModelError::from)?;
        let LoadedEncoder {
            encoder,
            config,
            products,
        } = load_mapped(mapped, section, backend, &device)?;
        check_longest(windows, &config)?;
        let settings = settings(section);
        let layer = settings.layer(config.n_layers);
        Ok(Self {
            encoder,
            settings,
            layer: layer.expect("a state layer that was loaded"),
            dtype: section.dtype,
            products,
            backend,
            windows,
            weights: mapped.digest(),
            configs: mapped.config_digests(),
        })
    }

    /// What makes states.
    pub fn encoder(&self) -> &dyn SiteEncoder {
        &*self.encoder
    }

    /// What turns hidden rows into a state.
    pub fn settings(&self) -> &StateSettings {
        &self.settings
    }

    /// The hidden state that is pooled, counted from 0.
    pub fn layer(&self) -> usize {
        self.layer
    }

    /// The number format that the configuration names.
    pub fn dtype(&self) -> Dtype {
        self.dtype
    }

    /// The number format in which matrices are multiplied.
    pub fn products(&self) -> Dtype {
        self.products
    }

    /// What computes.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// How windows are laid for scoring.
    pub fn windows(&self) -> SiteWindows {
        self.windows
    }

    /// The digest of the weights, as a manifest holds it.
    pub fn weights(&self) -> Digest {
        self.weights
    }

    /// The digests of `config.json` and `dna_config.json`, where the weights do not hold their own.
    pub fn configs(&self) -> Option<[Digest; 2]> {
        self.configs
    }
}
