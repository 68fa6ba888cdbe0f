//! Measuring what a dtype does to states and scores.

mod deviation;
mod sites;

use std::path::Path;

use burn::tensor::{Device, Tensor};
use geno_action::Site;
use geno_core::{Dtype, StateContract};
use geno_data::{OpenFastaError, TupleError};
use geno_encoder::{EncoderFiles, NativeEncoder, SiteEncoder};
use geno_kernels::Kernel;

pub use self::deviation::{ScoreError, StateError};
use self::sites::{ChosenSites, choose};
use super::{
    CheckpointError,
    measured::{MeasuredError, MeasuredSettings, settings},
};
use crate::{
    backend::{Backend, BackendChoice},
    components::{load_action_encoder, load_predictor},
    config::EncoderSection,
    lineage::Lineage,
    model_dir::ModelDir,
    runtime::{Parts, Runtime},
};

/// The bound on the error of a state, relative to its length, that is asked for by default.
///
/// Rounding a row of normally distributed values to 127 steps a sign moves it by 0.7 to 0.9 % of its
/// length, so a product of rounded weights and activations by a little more than 1 %. A state is a
/// sum of such products, each with an error of its own: 2 to 4 % in networks of random weights.
/// Above 5 % something else is at work, such as a few large activations that leave the others no
/// steps. A unit state that moves by 5 % moves a raw surprise by at most `0.05` of its range of 2,
/// beside what the predictor makes of it.
pub const MAX_STATE_ERROR: f64 = 0.05;

/// Windows that are measured by default.
pub const MEASURED_WINDOWS: usize = 16;

/// What the error of a dtype is measured on.
#[derive(Clone, Copy, Debug)]
pub struct MeasureError<'a> {
    /// The reference that windows are cut from.
    pub fasta: &'a Path,
    /// How many.
    pub n_windows: usize,
    /// What chooses them, and the edits in them.
    pub seed: u64,
    /// The largest error of a state, relative to its length.
    pub max_state_error: f64,
    /// The dtype that the source is computed in: by default that of the model, or else the one it
    /// is stored in.
    pub against: Option<Dtype>,
    /// How states are made.
    pub section: &'a EncoderSection,
    /// The model whose scores are compared.
    pub model: Option<&'a ModelDir>,
}

/// Why an error was not measured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MeasureFault {
    /// The reference cannot be used.
    #[error(transparent)]
    Fasta(#[from] OpenFastaError),
    /// The reference cannot be read.
    #[error("cannot cut windows")]
    Windows(#[from] TupleError),
    /// The reference holds no window of known bases.
    #[error("the reference has no window of {window_bp} known bases")]
    NoWindow {
        /// Bases of a window.
        window_bp: u64,
    },
    /// A state or a score is not finite.
    #[error("a state or a score is not finite")]
    NotFinite,
    /// No error is below a bound that is no positive number.
    #[error("the bound {0} is no number above 0")]
    Bound(f64),
}

/// One checkpoint in one dtype.
pub(super) struct Side<'a> {
    pub(super) files: EncoderFiles<'a>,
    pub(super) dtype: Dtype,
}

/// What one side gives for the chosen sites.
struct Outputs {
    /// Rows of references and edits.
    states: Vec<Vec<f32>>,
    scores: Option<Vec<f64>>,
}

impl MeasureError<'_> {
    /// Measures a checkpoint in a dtype against the one that it was made from. One encoder is in
    /// memory at a time.
    pub(super) fn run(
        &self,
        source: Side<'_>,
        made: Side<'_>,
        lineage: &Lineage,
    ) -> Result<MeasuredError, CheckpointError> {
        let bound = self.max_state_error;
        if !(bound.is_finite() && bound > 0.0) {
            return Err(MeasureFault::Bound(bound).into());
        }
        let step = lineage.steps.last().expect("a step that was made");
        let (dtype, against) = (made.dtype, source.dtype);
        let chosen = choose(self)?;
        let (expected, measured) = self.outputs(source, &chosen.sites)?;
        let (found, _) = self.outputs(made, &chosen.sites)?;
        let scores = match (&expected.scores, &found.scores) {
            (Some(expected), Some(found)) => Some(ScoreError::of(expected, found)?),
            _ => None,
        };
        let ChosenSites {
            digest, n_windows, ..
        } = chosen;
        Ok(MeasuredError {
            source: step.from,
            dtype,
            against,
            settings: measured,
            sites: digest,
            n_windows,
            seed: self.seed,
            states: StateError::of(&expected.states, &found.states)?,
            scores,
            max_state_error: bound,
            kernel: Kernel::detect().as_str().to_owned(),
            by: step.by.clone(),
        })
    }

    fn outputs(
        &self,
        side: Side<'_>,
        sites: &[Site],
    ) -> Result<(Outputs, MeasuredSettings), CheckpointError> {
        let native = BackendChoice::Only(Backend::Native);
        let (_, device) = native.select()?;
        let settings = settings(self.section);
        let Side { files, dtype } = side;
        let encoder = NativeEncoder::load(files, settings, dtype, Kernel::detect(), &device)?;
        let measured = MeasuredSettings::of(self.section, encoder.config());
        let measured = measured.expect("a state layer that was loaded");
        let mut states = Vec::new();
        for site in encoder.encode_sites(sites)? {
            states.extend(rows(site.reference));
            states.extend(rows(site.edited));
        }
        let scores = self.scores(Box::new(encoder), sites, &device)?;
        Ok((Outputs { states, scores }, measured))
    }

    fn scores(
        &self,
        encoder: Box<dyn SiteEncoder>,
        sites: &[Site],
        device: &Device,
    ) -> Result<Option<Vec<f64>>, CheckpointError> {
        let Some(model) = self.model else {
            return Ok(None);
        };
        let parts = Parts {
            encoder: Some(encoder),
            action_encoder: Some(load_action_encoder(model, Backend::Native, device)?),
            predictor: Some(load_predictor(model, Backend::Native, device)?.predictor),
            calibration: None,
        };
        let (contract, window_bp) = (self.contract(), self.section.window_bp);
        let native = BackendChoice::Only(Backend::Native);
        let runtime = Runtime::from_parts(parts, contract, window_bp, native)?;
        let scores = runtime.raw_surprise(sites)?;
        Ok(Some(scores.into_iter().flatten().collect()))
    }

    fn contract(&self) -> StateContract {
        self.section.state_contract
    }
}

fn rows(states: Tensor<2>) -> Vec<Vec<f32>> {
    let [_, width] = states.dims();
    let values: Vec<f32> = states.into_data().iter::<f32>().collect();
    values.chunks(width).map(<[f32]>::to_vec).collect()
}

impl geno_core::Coded for MeasureFault {
    fn code(&self) -> geno_core::ErrorCode {
        use geno_core::ErrorCode;
        match self {
            Self::Fasta(source) => source.code(),
            Self::Windows(source) => source.code(),
            Self::NoWindow { .. } => ErrorCode::InputFasta,
            Self::NotFinite => ErrorCode::ResourceWeights,
            Self::Bound(_) => ErrorCode::InputGeneric,
        }
    }
}
