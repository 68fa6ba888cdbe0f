//! The library's front door: a model, ready to score.

mod error;
mod haplotypes;
mod load;
mod parts;
mod planner;
mod predict;
mod surprise;
mod variant;

use burn::tensor::{Device, Tensor};
use geno_action::Site;
use geno_core::{Dtype, Layout, NetworkGuard, PoolType, StateContract, Window};
use geno_data::SiteWindows;
use geno_encoder::SiteEncoder;
use geno_predictor::{EditEncoder, StatePredictor};
use geno_provenance::{FileRecord, MasterSalt, PublicPath, Timestamp};
use geno_surprise::CalibrationTable;

pub(crate) use self::surprise::{EditSurprise, SiteSurprise, VariantSurprise};
pub(crate) use self::variant::{RatedVariant, VariantPlace};
pub use self::{
    error::RuntimeError,
    load::LoadOptions,
    parts::{Part, Parts},
    planner::{PlanEvaluator, PlanPrediction, UnusableState},
    predict::Unedited,
    variant::Scored,
};
use crate::{
    backend::{Backend, BackendChoice},
    config::EncoderSection,
    found::SiteBatch,
    identity::ModelIdentity,
    memory_budget::{MemoryBudget, VariantShape},
    model_files::ModelFiles,
    receipts::{ReceiptError, ReceiptWriter},
    signal::Signals,
    windows_per_variant::WindowsPerVariant,
};

/// A model and where it computes.
///
/// Loaded from a directory with [`Runtime::load`], or put together from parts with
/// [`Runtime::from_parts`]; a call that needs a part that is not there fails with
/// [`RuntimeError::Missing`].
pub struct Runtime {
    parts: Parts,
    windows: SiteWindows,
    per_variant: WindowsPerVariant,
    /// The windows of a variant behind its first.
    shifted: Vec<SiteWindows>,
    pool_type: PoolType,
    pool_radius: usize,
    identity: Option<ModelIdentity>,
    files: ModelFiles,
    backend: Backend,
    device: Device,
    arithmetic: Arithmetic,
    guard: Option<NetworkGuard>,
}

/// The dtypes in which matrices are multiplied. Everything else is computed in `f32`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Arithmetic {
    /// Of the encoder.
    pub encoder: Dtype,
    /// Of the predictor.
    pub predictor: Dtype,
}

impl Runtime {
    /// Puts a runtime together from parts made elsewhere. Its scores have no receipts, its layout is
    /// `centered`, and variants have one window.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Backend`].
    pub fn from_parts(
        parts: Parts,
        contract: StateContract,
        window_bp: u64,
        backend: BackendChoice,
    ) -> Result<Self, RuntimeError> {
        let (backend, device) = backend.select()?;
        let defaults = EncoderSection::default();
        Ok(Self {
            parts,
            windows: SiteWindows::centered(window_bp, contract),
            per_variant: WindowsPerVariant::ONE,
            shifted: Vec::new(),
            pool_type: defaults.pool_type,
            pool_radius: defaults.pool_radius,
            identity: None,
            files: ModelFiles::default(),
            backend,
            device,
            arithmetic: Arithmetic {
                encoder: Dtype::F32,
                predictor: Dtype::F32,
            },
            guard: None,
        })
    }

    /// Has receipts say what keeps this process off the network.
    ///
    /// A library neither sandboxes its process nor knows whether somebody did, so without this call
    /// receipts leave it out.
    pub fn with_network_guard(self, guard: NetworkGuard) -> Self {
        Self {
            guard: Some(guard),
            ..self
        }
    }

    /// What receipts say keeps this process off the network.
    pub(crate) fn guard(&self) -> Option<NetworkGuard> {
        self.guard
    }

    /// How states are made.
    pub fn contract(&self) -> StateContract {
        self.windows.contract()
    }

    /// Bases of a window.
    pub fn window_bp(&self) -> u64 {
        self.windows.window_bp()
    }

    /// The name of the layout.
    pub fn layout(&self) -> Layout {
        self.windows.layout()
    }

    /// How windows are laid over the variants of a file: of several of a variant, the first.
    pub fn windows(&self) -> SiteWindows {
        self.windows
    }

    /// How the further windows of a variant are laid.
    pub fn shifted_windows(&self) -> &[SiteWindows] {
        &self.shifted
    }

    /// In how many windows variants are scored.
    pub fn windows_per_variant(&self) -> WindowsPerVariant {
        self.per_variant
    }

    /// Variants that are held at a time within a budget.
    pub fn variants_within(&self, budget: MemoryBudget) -> usize {
        let d_hidden = self.parts.encoder.as_ref();
        budget.variants(VariantShape {
            d_hidden: d_hidden.map_or(1, |encoder| encoder.d_state()),
            pool_type: self.pool_type,
            pool_radius: self.pool_radius,
            windows: self.windows,
            n_windows: self.per_variant.get(),
        })
    }

    /// Where tensors are computed.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// The dtypes in which matrices are multiplied.
    pub fn arithmetic(&self) -> Arithmetic {
        self.arithmetic
    }

    /// What receipts say about the model, if it was loaded from a directory.
    pub fn identity(&self) -> Option<&ModelIdentity> {
        self.identity.as_ref()
    }

    /// The files that the parts were made from; none for a runtime put together from parts.
    pub fn files(&self) -> &ModelFiles {
        &self.files
    }

    /// Counts a file among those that the parts were made from.
    pub(crate) fn add_file(&mut self, name: PublicPath, record: FileRecord) {
        self.files.artifacts.insert(name, record);
    }

    /// Encodes a window, pooled around the 0-based `locus` or over the whole window without one.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Missing`] and [`RuntimeError::Encode`].
    pub fn encode_window(
        &self,
        window: &Window,
        locus: Option<usize>,
    ) -> Result<Vec<f32>, RuntimeError> {
        let states = self.encoder()?.encode_windows(&[(window, locus)])?;
        Ok(values(states))
    }

    /// As [`Runtime::encode_window`], of many windows, in order.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Missing`] and [`RuntimeError::Encode`].
    pub fn encode_windows(
        &self,
        windows: &[(&Window, Option<usize>)],
    ) -> Result<Vec<Vec<f32>>, RuntimeError> {
        let states = self.encoder()?.encode_windows(windows)?;
        let [_, d_state] = states.dims();
        Ok(values(states)
            .chunks(d_state)
            .map(<[f32]>::to_vec)
            .collect())
    }

    /// Raw surprise of every edit of every site, whatever else its variant is scored in: the distance between the predicted and the
    /// encoded state after it.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Missing`], [`RuntimeError::Encode`] and [`RuntimeError::EncodeEdits`].
    pub fn raw_surprise(&self, sites: &[Site]) -> Result<Vec<Vec<f64>>, RuntimeError> {
        let is_first = vec![true; sites.len()];
        let batch = SiteBatch {
            sites,
            is_first: &is_first,
        };
        let sites = self.surprise(batch, Signals::default())?.into_iter();
        let sigmas = |site: SiteSurprise| site.edits.iter().map(|edit| edit.sigma).collect();
        Ok(sites.map(sigmas).collect())
    }

    pub(crate) fn receipt_writer(
        &self,
        timestamp: Timestamp,
        salt: Option<&MasterSalt>,
    ) -> Result<ReceiptWriter, ReceiptError> {
        let identity = self.identity.as_ref().ok_or(ReceiptError::NoManifest)?;
        Ok(ReceiptWriter::new(
            identity,
            (self.backend, self.arithmetic),
            timestamp,
            self.guard,
            salt,
        ))
    }

    /// The calibration table, if there is one.
    pub fn calibration(&self) -> Option<&CalibrationTable> {
        self.parts.calibration.as_ref()
    }

    fn encoder(&self) -> Result<&dyn SiteEncoder, RuntimeError> {
        self.parts
            .encoder
            .as_deref()
            .ok_or(RuntimeError::Missing(Part::Encoder))
    }

    fn action_encoder(&self) -> Result<&dyn EditEncoder, RuntimeError> {
        self.parts
            .action_encoder
            .as_deref()
            .ok_or(RuntimeError::Missing(Part::ActionEncoder))
    }

    fn predictor(&self) -> Result<&dyn StatePredictor, RuntimeError> {
        self.parts
            .predictor
            .as_deref()
            .ok_or(RuntimeError::Missing(Part::Predictor))
    }
}

fn values(states: Tensor<2>) -> Vec<f32> {
    states.into_data().iter::<f32>().collect()
}
