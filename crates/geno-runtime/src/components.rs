//! The parts that turn a site into scores, loaded from a model directory.

use burn::tensor::{DType, Device};
use geno_core::{Coded, Dtype, ErrorCode};
use geno_encoder::{CarbonConfig, CarbonEncoder, NativeEncoder, SiteEncoder};
use geno_kernels::Kernel;
use geno_predictor::{
    ActionEncoder, ActionEncoderConfig, EditEncoder, NativeActionEncoder, NativePredictor, Network,
    Predictor, PredictorConfig, StatePredictor,
};
use geno_weights::{WeightError, WeightFile};

use crate::{
    backend::Backend,
    calibration_table::CalibrationTableUseError,
    checkpoint::{Int8Refusal, settings},
    config::ModelConfig,
    layout::LayoutError,
    model_dir::{ModelDir, ModelDirError},
};

/// Why the parts of a model could not be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadModelError {
    /// A file is missing or another one.
    #[error(transparent)]
    ModelDir(#[from] ModelDirError),
    /// The encoder does not load.
    #[error("cannot load the encoder")]
    Encoder(#[source] geno_encoder::LoadError),
    /// The encoder's error in int8 is not known, above its bound, or that of other states.
    #[error("cannot use the encoder in int8")]
    Int8(#[from] Int8Refusal),
    /// A weight file is malformed.
    #[error("cannot load the {part}")]
    Weights {
        /// `predictor` or `action encoder`.
        part: &'static str,
        /// What is wrong.
        source: WeightError,
    },
    /// The predictor or the action encoder does not fit its configuration.
    #[error("cannot load the {part}")]
    Part {
        /// `predictor` or `action encoder`.
        part: &'static str,
        /// What is wrong.
        source: geno_predictor::LoadError,
    },
    /// The calibration table is malformed or belongs to another layout or model.
    #[error(transparent)]
    Calibration(#[from] CalibrationTableUseError),
    /// The model cannot be used with the layout asked for.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// Encoder and predictor disagree about the width of a state.
    #[error("the encoder gives states of width {encoder}, but the predictor takes {predictor}")]
    StateWidth {
        /// Width of the encoder's states.
        encoder: usize,
        /// Width the predictor was made for.
        predictor: usize,
    },
    /// Windows are longer than the encoder reads.
    #[error(
        "windows have up to {window_bp} bases, but the encoder takes windows of up to {limit} bases"
    )]
    Window {
        /// Bases of the longest window of the layout.
        window_bp: u64,
        /// The most that the encoder has positions for.
        limit: usize,
    },
}

impl Coded for LoadModelError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::ModelDir(source) => source.code(),
            Self::Encoder(source) => source.code(),
            Self::Int8(source) => source.code(),
            Self::Weights { source, .. } => source.code(),
            Self::Part { source, .. } => source.code(),
            Self::Calibration(source) => source.code(),
            Self::Layout(source) => source.code(),
            Self::StateWidth { .. } | Self::Window { .. } => ErrorCode::ConfigGeneric,
        }
    }
}

/// An encoder, whatever it runs on.
pub(crate) struct LoadedEncoder {
    pub(crate) encoder: Box<dyn SiteEncoder>,
    pub(crate) config: CarbonConfig,
    /// The dtype in which it multiplies.
    pub(crate) products: Dtype,
}

/// Loads the encoder. The native one multiplies in the model's dtype, a GPU where it can, and all
/// others in `f32`.
pub(crate) fn load_encoder(
    model: &ModelDir,
    backend: Backend,
    device: &Device,
) -> Result<LoadedEncoder, LoadModelError> {
    let section = &model.config().encoder;
    let settings = settings(section);
    let mapped = model.read_encoder()?;
    let files = mapped.files().map_err(LoadModelError::Encoder)?;
    let loaded = if backend == Backend::Native {
        let kernel = Kernel::detect();
        let encoder = NativeEncoder::load(files, settings, section.dtype, kernel, device);
        let encoder = encoder.map_err(LoadModelError::Encoder)?;
        LoadedEncoder {
            config: encoder.config().clone(),
            products: encoder.products(),
            encoder: Box::new(encoder),
        }
    } else {
        let encoder = CarbonEncoder::load(files, settings, section.dtype, device);
        let mut encoder = encoder.map_err(LoadModelError::Encoder)?;
        if matches!(backend, Backend::Wgpu | Backend::Cuda) {
            encoder = encoder.on_accelerator(products(section.dtype, device));
        }
        LoadedEncoder {
            config: encoder.config().clone(),
            products: encoder.products(),
            encoder: Box::new(encoder),
        }
    };
    if section.dtype == Dtype::Int8 {
        let measured = mapped.measured().unwrap_or(Err(Int8Refusal::Unmeasured))?;
        measured.admit(section, &loaded.config, mapped.lineage().as_ref())?;
    }
    mapped.check_unchanged()?;
    Ok(loaded)
}

/// The dtype in which an accelerator multiplies for a model of this dtype.
fn products(dtype: Dtype, device: &Device) -> Dtype {
    let is_fast = match dtype {
        Dtype::F32 => true,
        Dtype::Bf16 => device.supports_dtype(DType::BF16),
        Dtype::F16 => device.supports_dtype(DType::F16),
        // Burn's encoder refuses it before it comes here.
        Dtype::Int8 => false,
    };
    if is_fast { dtype } else { Dtype::F32 }
}

/// A predictor, whatever it runs on.
pub(crate) struct LoadedPredictor {
    pub(crate) predictor: Box<dyn StatePredictor>,
    /// The dtype in which it multiplies.
    pub(crate) products: Dtype,
}

/// Loads the predictor. The native one multiplies in the dtype that the model's configuration names
/// for computing, all others in `f32`.
pub(crate) fn load_predictor(
    model: &ModelDir,
    backend: Backend,
    device: &Device,
) -> Result<LoadedPredictor, LoadModelError> {
    let part = "predictor";
    let config = predictor_config(model.config());
    let mut file = parse(part, model.read_predictor()?)?;
    let failed = |source| LoadModelError::Part { part, source };
    if backend == Backend::Native {
        let products = model.config().predictor.compute_dtype;
        let loaded = NativePredictor::load(&mut file, &config, products, Kernel::detect());
        return Ok(LoadedPredictor {
            predictor: Box::new(loaded.map_err(failed)?),
            products,
        });
    }
    let loaded = Predictor::load(&mut file, &config, device);
    Ok(LoadedPredictor {
        predictor: Box::new(loaded.map_err(failed)?),
        products: Dtype::F32,
    })
}

pub(crate) fn load_action_encoder(
    model: &ModelDir,
    backend: Backend,
    device: &Device,
) -> Result<Box<dyn EditEncoder>, LoadModelError> {
    let part = "action encoder";
    let config = action_config(model.config());
    let mut file = parse(part, model.read_action_encoder()?)?;
    let failed = |source| LoadModelError::Part { part, source };
    if backend == Backend::Native {
        let loaded = NativeActionEncoder::load(&mut file, &config, Kernel::detect(), device);
        return Ok(Box::new(loaded.map_err(failed)?));
    }
    let loaded = ActionEncoder::load(&mut file, &config, device);
    Ok(Box::new(loaded.map_err(failed)?))
}

fn parse(part: &'static str, bytes: Vec<u8>) -> Result<WeightFile<'static>, LoadModelError> {
    WeightFile::parse(bytes).map_err(|source| LoadModelError::Weights { part, source })
}

/// Sizes of the predictor that a configuration describes.
pub fn predictor_config(config: &ModelConfig) -> PredictorConfig {
    let section = &config.predictor;
    PredictorConfig {
        d_state: section.d_state,
        d_action: config.action.d_action,
        d_hidden: section.d_hidden,
        n_heads: section.n_heads,
        n_cross_layers: section.n_layers,
        n_self_layers: section.n_self_layers,
        ffn_dim: section.ffn_dim,
        max_actions: config.action.max_len,
    }
}

/// Sizes of the action encoder that a configuration describes.
pub fn action_config(config: &ModelConfig) -> ActionEncoderConfig {
    let section = &config.action;
    ActionEncoderConfig {
        d_pos: section.d_pos,
        d_type: section.d_type,
        d_seq: section.d_seq,
        d_hidden: section.d_hidden,
        max_window_bp: usize::try_from(config.encoder.window_bp).unwrap_or(usize::MAX),
        ..ActionEncoderConfig::new(section.d_action)
    }
}
