//! Loading a runtime from a model directory.

use std::time::Instant;

use geno_core::{Event, Layout};

use super::{Arithmetic, Parts, Runtime, RuntimeError};
use crate::{
    backend::BackendChoice,
    calibration_table::{self, CalibrationSource},
    components::{
        LoadModelError, LoadedEncoder, check_longest, load_action_encoder, load_encoder,
        load_predictor,
    },
    identity::ModelIdentity,
    layout::{LayoutError, windows_of},
    model_dir::ModelDir,
    model_files::ModelFiles,
    run_log::milliseconds_since,
    windows_per_variant::WindowsPerVariant,
};

/// What differs from how a model directory says it is used.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct LoadOptions<'a> {
    /// How windows are laid, if not as the model's configuration says.
    pub layout: Option<Layout>,
    /// In how many windows variants are scored.
    pub windows: WindowsPerVariant,
    /// Where the calibration table comes from.
    pub calibration: CalibrationSource<'a>,
}

impl Runtime {
    /// Loads a whole model.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Backend`] and [`RuntimeError::Load`].
    pub fn load(model: &ModelDir, backend: BackendChoice) -> Result<Self, RuntimeError> {
        Self::load_with(model, backend, LoadOptions::default())
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
        let options = LoadOptions {
            calibration: CalibrationSource::Nothing,
            ..LoadOptions::default()
        };
        Self::load_with(model, backend, options)
    }

    /// Loads a model, its windows laid or its surprise calibrated in another way than its directory
    /// says, or variants scored in several windows.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Backend`] and [`RuntimeError::Load`], the latter also for a layout that the
    /// model does not allow and for a table that belongs to another layout, number of windows or
    /// model.
    pub fn load_with(
        model: &ModelDir,
        backend: BackendChoice,
        options: LoadOptions<'_>,
    ) -> Result<Self, RuntimeError> {
        let started = Instant::now();
        let layout = options.layout.unwrap_or(model.config().encoder.layout);
        let windows = options.windows;
        let calibration = calibration_table::load(model, options.calibration, layout, windows)
            .map_err(LoadModelError::from)?;
        let mut runtime = Self::load_parts(model, backend, layout, windows)?;
        runtime.files = ModelFiles::of(model)?;
        if let Some(used) = calibration {
            runtime.files.artifacts.extend(used.file);
            if let Some(identity) = &mut runtime.identity {
                identity.calibration_hash = used.hash;
            }
            runtime.parts.calibration = Some(used.table);
        }
        runtime.tell_loaded(model, started);
        Ok(runtime)
    }

    /// Everything but the calibration table.
    fn load_parts(
        model: &ModelDir,
        backend: BackendChoice,
        layout: Layout,
        per_variant: WindowsPerVariant,
    ) -> Result<Self, RuntimeError> {
        let (backend, device) = backend.select()?;
        let section = &model.config().encoder;
        let windows = windows_of(section, layout).map_err(LoadModelError::from)?;
        let shifted = per_variant.shifted(windows).map_err(LayoutError::from);
        let shifted = shifted.map_err(LoadModelError::from)?;
        // One thread hashes the encoder's weights, which takes as long as the rest.
        let (encoder, others) = rayon::join(
            || load_encoder(model, backend, &device),
            || {
                let predictor = load_predictor(model, backend, &device);
                predictor.and_then(|p| Ok((p, load_action_encoder(model, backend, &device)?)))
            },
        );
        let LoadedEncoder {
            encoder,
            config,
            products,
        } = encoder?;
        let (predictor, action_encoder) = others?;
        let (found, expected) = (encoder.d_state(), predictor.predictor.d_state());
        if found != expected {
            let mismatch = LoadModelError::StateWidth {
                encoder: found,
                predictor: expected,
            };
            return Err(mismatch.into());
        }
        check_longest(windows, &config)?;
        Ok(Self {
            identity: Some(ModelIdentity::of(
                model,
                config.n_layers,
                layout,
                per_variant,
            )),
            arithmetic: Arithmetic {
                encoder: products,
                predictor: predictor.products,
            },
            windows,
            per_variant,
            shifted,
            pool_type: section.pool_type,
            pool_radius: section.pool_radius,
            parts: Parts {
                encoder: Some(encoder),
                action_encoder: Some(action_encoder),
                predictor: Some(predictor.predictor),
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
            state_contract: self.contract().as_str(),
            layout: self.layout().as_str(),
            window_bp: self.window_bp(),
            duration_ms: milliseconds_since(started),
        }
        .emit();
    }
}
