//! Loading a runtime from a model directory.

use std::time::Instant;

use geno_core::Event;

use super::{Parts, Runtime, RuntimeError};
use crate::{
    backend::BackendChoice,
    components::{
        LoadModelError, LoadedEncoder, load_action_encoder, load_calibration, load_encoder,
        load_predictor,
    },
    identity::ModelIdentity,
    model_dir::ModelDir,
    model_files::ModelFiles,
    run_log::milliseconds_since,
};

impl Runtime {
    /// Loads a whole model.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Backend`] and [`RuntimeError::Load`].
    pub fn load(model: &ModelDir, backend: BackendChoice) -> Result<Self, RuntimeError> {
        let started = Instant::now();
        let mut runtime = Self::load_parts(model, backend)?;
        runtime.parts.calibration = Some(load_calibration(model)?);
        runtime.files = ModelFiles::of(model)?;
        runtime.tell_loaded(model, started);
        Ok(runtime)
    }

    /// Loads a model without its calibration table, to build one.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Backend`] and [`RuntimeError::Load`].
    pub fn load_uncalibrated(
        model: &ModelDir,
        backend: BackendChoice,
    ) -> Result<Self, RuntimeError> {
        let started = Instant::now();
        let mut runtime = Self::load_parts(model, backend)?;
        runtime.files = ModelFiles::of(model)?;
        runtime.tell_loaded(model, started);
        Ok(runtime)
    }

    /// Everything but the calibration table.
    fn load_parts(model: &ModelDir, backend: BackendChoice) -> Result<Self, RuntimeError> {
        let (backend, device) = backend.select()?;
        let LoadedEncoder {
            encoder,
            config,
            products,
        } = load_encoder(model, backend, &device)?;
        let predictor = load_predictor(model, &device)?;
        let action_encoder = load_action_encoder(model, &device)?;
        let (found, expected) = (encoder.d_state(), model.config().predictor.d_state);
        if found != expected {
            let mismatch = LoadModelError::StateWidth {
                encoder: found,
                predictor: expected,
            };
            return Err(mismatch.into());
        }
        let section = &model.config().encoder;
        let (window_bp, limit) = (section.window_bp, config.max_window_bp());
        if window_bp > limit as u64 {
            return Err(LoadModelError::Window { window_bp, limit }.into());
        }
        Ok(Self {
            identity: Some(ModelIdentity::of(model, config.n_layers)),
            contract: section.state_contract,
            arithmetic: products,
            window_bp: section.window_bp,
            parts: Parts {
                encoder: Some(encoder),
                action_encoder: Some(action_encoder),
                predictor: Some(predictor),
                calibration: None,
            },
            files: ModelFiles::default(),
            backend,
            device,
            guard: None,
        })
    }

    fn tell_loaded(&self, model: &ModelDir, started: Instant) {
        let section = &model.config().encoder;
        Event::InferenceModelLoad {
            model_id: model.manifest().model_id(),
            backend: self.backend.as_str(),
            kernel: self.backend.kernel(),
            dtype: section.dtype.as_str(),
            state_contract: self.contract.as_str(),
            layout: section.layout.as_str(),
            window_bp: self.window_bp,
            duration_ms: milliseconds_since(started),
        }
        .emit();
    }
}
