//! The library's front door: a model, ready to score.

mod error;
mod haplotypes;
mod load;
mod parts;
mod planner;
mod predict;
mod surprise;

use std::time::Instant;

use burn::tensor::{Device, Tensor};
use geno_action::{EditSpec, Site};
use geno_core::{Digest, Dtype, Event, Layout, NetworkGuard, PoolType, StateContract, Window};
use geno_data::{SiteWindows, StatedContext};
use geno_encoder::SiteEncoder;
use geno_predictor::{EditEncoder, StatePredictor};
use geno_provenance::{MasterSalt, Receipt, Timestamp};
use geno_surprise::{CalibrationTable, EditFactors, SurpriseResult};

pub(crate) use self::surprise::{EditSurprise, SiteSurprise};
pub use self::{
    error::RuntimeError,
    load::LoadOptions,
    parts::{Part, Parts},
    planner::{PlanEvaluator, PlanPrediction, UnusableState},
    predict::Unedited,
};
use crate::{
    annotations::Annotations,
    backend::{Backend, BackendChoice},
    config::EncoderSection,
    identity::ModelIdentity,
    memory_budget::{MemoryBudget, VariantShape},
    model_files::ModelFiles,
    receipts::{ReceiptError, ReceiptWriter, Scope},
    run_log::milliseconds_since,
    signal::{SignalValue, Signals},
};

/// A model and where it computes.
///
/// Loaded from a directory with [`Runtime::load`], or put together from parts with
/// [`Runtime::from_parts`]; a call that needs a part that is not there fails with
/// [`RuntimeError::Missing`].
pub struct Runtime {
    parts: Parts,
    windows: SiteWindows,
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

/// A scored variant, with what its receipt needs.
#[derive(Clone, Debug)]
pub struct Scored {
    /// The edit.
    pub edit: EditSpec,
    /// The reference window it was scored in.
    pub window: Window,
    /// The score.
    pub score: SurpriseResult,
    /// The signals that were asked for.
    pub signals: Vec<SignalValue>,
}

impl Runtime {
    /// Puts a runtime together from parts made elsewhere. Its scores have no receipts, and its
    /// layout is `centered`.
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

    /// How windows are laid over the variants of a file.
    pub fn windows(&self) -> SiteWindows {
        self.windows
    }

    /// Variants that are held at a time within a budget.
    pub fn variants_within(&self, budget: MemoryBudget) -> usize {
        let d_hidden = self.parts.encoder.as_ref();
        budget.variants(VariantShape {
            d_hidden: d_hidden.map_or(1, |encoder| encoder.d_state()),
            pool_type: self.pool_type,
            pool_radius: self.pool_radius,
            windows: self.windows,
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

    /// Raw surprise of every edit of every site: the distance between the predicted and the
    /// encoded state after it.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Missing`], [`RuntimeError::Encode`] and [`RuntimeError::EncodeEdits`].
    pub fn raw_surprise(&self, sites: &[Site]) -> Result<Vec<Vec<f64>>, RuntimeError> {
        let sites = self.surprise(sites, Signals::default())?.into_iter();
        let sigmas = |site: SiteSurprise| site.edits.iter().map(|edit| edit.sigma).collect();
        Ok(sites.map(sigmas).collect())
    }

    /// Scores one variant in a window that holds it.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] for an edit that does not fit, annotations without meaning, and a part
    /// that is missing.
    pub fn score_variant(
        &self,
        edit: &EditSpec,
        window: Window,
        annotations: Annotations<'_>,
    ) -> Result<Scored, RuntimeError> {
        self.score_with_signals(edit, window, annotations, Signals::default())
    }

    /// As [`Runtime::score_variant`], and takes these signals of the variant.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn score_with_signals(
        &self,
        edit: &EditSpec,
        window: Window,
        annotations: Annotations<'_>,
        signals: Signals<'_>,
    ) -> Result<Scored, RuntimeError> {
        let started = Instant::now();
        Event::InferenceScoreStart {
            model_id: self.identity.as_ref().map(|identity| identity.model_id),
        }
        .emit();
        let relative = edit.relative_to(window.start())?;
        let site = Site::new(window.into(), vec![relative])?;
        let mut sites = self.surprise(std::slice::from_ref(&site), signals)?;
        let EditSurprise { sigma, signals } = sites[0].edits.remove(0);
        let stated = StatedContext::default();
        let score = self.calibrated(sigma, edit, stated, site.window(), annotations)?;
        let duration_ms = milliseconds_since(started);
        Event::InferenceScoreEnd { duration_ms }.emit();
        Ok(Scored {
            edit: edit.clone(),
            window: Window::clone(site.window()),
            score,
            signals,
        })
    }

    /// Writes the receipt of a variant that was scored by itself.
    ///
    /// # Errors
    ///
    /// [`ReceiptError::NoManifest`] for a runtime put together from parts.
    pub fn receipt(
        &self,
        scored: &Scored,
        timestamp: Timestamp,
        salt: Option<&MasterSalt>,
    ) -> Result<Receipt, RuntimeError> {
        let writer = self.receipt_writer(timestamp, salt)?;
        let Scored {
            edit,
            window,
            score,
            ..
        } = scored;
        Ok(writer.write(edit, window, score, Scope::SingleVariant)?)
    }

    /// What the receipt of a variant that was scored by itself commits to.
    pub(crate) fn commitment(
        &self,
        scored: &Scored,
        salt: Option<&MasterSalt>,
    ) -> Result<Digest, ReceiptError> {
        // No commitment holds a time.
        let epoch = Timestamp::from_unix_seconds(0).expect("the epoch is a time");
        let writer = self.receipt_writer(epoch, salt)?;
        Ok(writer.commit(&scored.edit, &scored.window, Scope::SingleVariant)?)
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

    /// The percentile of a raw surprise among common variants of the same context.
    pub(crate) fn calibrated(
        &self,
        sigma_raw: f64,
        edit: &EditSpec,
        stated: StatedContext,
        window: &Window,
        annotations: Annotations<'_>,
    ) -> Result<SurpriseResult, RuntimeError> {
        let table = self.calibration();
        let table = table.ok_or(RuntimeError::Missing(Part::Calibration))?;
        let found = annotations.surroundings(edit, stated, window)?;
        // A table that tells edits apart by less backs off to what it has.
        let bucket = found.bucket(table.gc_cutoffs(), EditFactors::TypeAndOffset);
        Ok(geno_surprise::score(sigma_raw, bucket, table)?)
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
