//! The parts that turn a site into scores, loaded from a model directory.

use burn::tensor::{DType, Device};
use geno_core::{Coded, Dtype, ErrorCode};
use geno_data::SiteWindows;
use geno_encoder::{CarbonConfig, CarbonEncoder, NativeEncoder, SiteEncoder};
use geno_kernels::Kernel;
use geno_predictor::{EditEncoder, StatePredictor};
use geno_weights::{WeightError, WeightFile};

use crate::{
    backend::Backend,
    calibration_table::CalibrationTableUseError,
    checkpoint::{Int8Refusal, settings},
    config::EncoderSection,
    layout::LayoutError,
    mapped_encoder::MappedEncoder,
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

/// Loads the encoder of a model.
pub(crate) fn load_encoder(
    model: &ModelDir,
    backend: Backend,
    device: &Device,
) -> Result<LoadedEncoder, LoadModelError> {
    let section = &model.config().encoder;
    load_mapped(&model.read_encoder()?, section, backend, device)
}

/// Loads an encoder. The native one multiplies in the model's dtype, a GPU where it can, and all
/// others in `f32`.
pub(crate) fn load_mapped(
    mapped: &MappedEncoder,
    section: &EncoderSection,
    backend: Backend,
    device: &Device,
) -> Result<LoadedEncoder, LoadModelError> {
    let settings = settings(section);
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

/// Fails if windows are longer than the encoder takes. Of the layout grid they are longer than a
/// configuration says.
pub(crate) fn check_longest(
    windows: SiteWindows,
    config: &CarbonConfig,
) -> Result<(), LoadModelError> {
    let (window_bp, limit) = (windows.longest(), config.max_window_bp());
    match window_bp > limit as u64 {
        true => Err(LoadModelError::Window { window_bp, limit }),
        false => Ok(()),
    }
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
    let architecture = model.config().predictor_architecture();
    let mut file = parse(part, model.read_predictor()?)?;
    let failed = |source| LoadModelError::Part { part, source };
    let products = match backend {
        Backend::Native => model.config().predictor.compute_dtype,
        _ => Dtype::F32,
    };
    let loaded = match backend {
        Backend::Native => architecture.load_native(&mut file, products, Kernel::detect()),
        _ => architecture.load(&mut file, device),
    };
    Ok(LoadedPredictor {
        predictor: loaded.map_err(failed)?,
        products,
    })
}

pub(crate) fn load_action_encoder(
    model: &ModelDir,
    backend: Backend,
    device: &Device,
) -> Result<Box<dyn EditEncoder>, LoadModelError> {
    let part = "action encoder";
    let architecture = model.config().action_architecture();
    let mut file = parse(part, model.read_action_encoder()?)?;
    let failed = |source| LoadModelError::Part { part, source };
    let loaded = match backend {
        Backend::Native => architecture.load_native(&mut file, Kernel::detect(), device),
        _ => architecture.load(&mut file, device),
    };
    loaded.map_err(failed)
}

fn parse(part: &'static str, bytes: Vec<u8>) -> Result<WeightFile<'static>, LoadModelError> {
    WeightFile::parse(bytes).map_err(|source| LoadModelError::Weights { part, source })
}
