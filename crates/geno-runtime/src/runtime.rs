//! The library's front door: a model, ready to score.

mod error;
mod load;
mod parts;

use std::time::Instant;

use burn::tensor::{Device, Tensor, TensorData};
use geno_action::{EditSpec, RelEdit, Site};
use geno_core::{Digest, Dtype, Event, NetworkGuard, StateContract, Window};
use geno_data::CenteredWindows;
use geno_encoder::{PrefixReuse, SiteEncoder};
use geno_predictor::{ActionEncoder, EncodedEdits, Predictor};
use geno_provenance::{MasterSalt, Receipt, Timestamp};
use geno_surprise::SurpriseResult;

pub use self::{
    error::RuntimeError,
    parts::{Part, Parts},
};
use crate::{
    annotations::Annotations,
    backend::{Backend, BackendChoice},
    identity::ModelIdentity,
    model_files::ModelFiles,
    receipts::{ReceiptError, ReceiptWriter, Scope},
    run_log::milliseconds_since,
};

/// A model and where it computes.
///
/// Loaded from a directory with [`Runtime::load`], or put together from parts with
/// [`Runtime::from_parts`]; a call that needs a part that is not there fails with
/// [`RuntimeError::Missing`].
pub struct Runtime {
    parts: Parts,
    contract: StateContract,
    window_bp: u64,
    identity: Option<ModelIdentity>,
    files: ModelFiles,
    backend: Backend,
    device: Device,
    arithmetic: Dtype,
    guard: Option<NetworkGuard>,
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
}

impl Runtime {
    /// Puts a runtime together from parts made elsewhere. Its scores have no receipts.
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
        Ok(Self {
            parts,
            contract,
            window_bp,
            identity: None,
            files: ModelFiles::default(),
            backend,
            device,
            arithmetic: Dtype::F32,
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
        self.contract
    }

    /// Bases of a window.
    pub fn window_bp(&self) -> u64 {
        self.window_bp
    }

    /// How windows are laid over the variants of a file.
    pub fn windows(&self) -> CenteredWindows {
        CenteredWindows::new(self.window_bp, self.contract)
    }

    /// Where tensors are computed.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// The dtype in which the encoder multiplies matrices; everything else is computed in f32.
    pub fn arithmetic(&self) -> Dtype {
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

    /// Predicts the state after the edits of one haplotype, all given at once. Without edits the
    /// state comes back as it is.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Missing`], [`RuntimeError::StateWidth`], [`RuntimeError::TooManyEdits`] and
    /// [`RuntimeError::EncodeEdits`].
    pub fn predict(&self, state: &[f32], edits: &[RelEdit]) -> Result<Vec<f32>, RuntimeError> {
        let predictor = self.predictor()?;
        let (found, expected) = (state.len(), predictor.config().d_state);
        if found != expected {
            return Err(RuntimeError::StateWidth { found, expected });
        }
        if edits.is_empty() {
            return Ok(state.to_vec());
        }
        let (edits_given, limit) = (edits.len(), predictor.config().max_actions);
        if edits_given > limit {
            return Err(RuntimeError::TooManyEdits {
                found: edits_given,
                limit,
            });
        }
        let state = Tensor::from_data(TensorData::new(state.to_vec(), [1, found]), &self.device);
        let EncodedEdits { actions, mask } = self.action_encoder()?.forward(&[edits])?;
        let predicted = predictor.forward(state, actions, mask);
        let last = edits.len() - 1;
        Ok(values(predicted.narrow(1, last, 1).squeeze_dim::<2>(1)))
    }

    /// Raw surprise of every edit of every site: the distance between the predicted and the
    /// encoded state after it.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Missing`], [`RuntimeError::Encode`] and [`RuntimeError::EncodeEdits`].
    pub fn raw_surprise(&self, sites: &[Site]) -> Result<Vec<Vec<f64>>, RuntimeError> {
        Ok(self.surprise(sites)?.0)
    }

    /// Raw surprise, and how many of the edits could share their site's reference pass.
    pub(crate) fn surprise(
        &self,
        sites: &[Site],
    ) -> Result<(Vec<Vec<f64>>, PrefixReuse), RuntimeError> {
        let (encoder, predictor) = (self.encoder()?, self.predictor()?);
        let edits = sites.iter().flat_map(Site::edits);
        if edits.clone().next().is_none() {
            return Ok((vec![Vec::new(); sites.len()], PrefixReuse::default()));
        }
        let actions = self.action_encoder()?.encode_each(edits)?;

        let (mut reference, mut edited) = (Vec::new(), Vec::new());
        let mut reuse = PrefixReuse::default();
        for states in encoder.encode_sites(sites)? {
            reference.push(states.reference);
            edited.push(states.edited);
            reuse.reused += states.reuse.reused;
            reuse.full += states.reuse.full;
        }
        let predicted = predictor.predict_single(Tensor::cat(reference, 0), actions);
        let surprise = geno_surprise::raw_surprise(predicted, Tensor::cat(edited, 0));

        let mut rest = surprise.as_slice();
        let by_site = sites.iter().map(|site| {
            let (own, others) = rest.split_at(site.edits().len());
            rest = others;
            own.to_vec()
        });
        Ok((by_site.collect(), reuse))
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
        let started = Instant::now();
        Event::InferenceScoreStart {
            model_id: self.identity.as_ref().map(|identity| identity.model_id),
        }
        .emit();
        let relative = edit.relative_to(window.start())?;
        let site = Site::new(window.into(), vec![relative])?;
        let sigma = self.raw_surprise(std::slice::from_ref(&site))?[0][0];
        let score = self.calibrated(sigma, site.window(), annotations)?;
        let duration_ms = milliseconds_since(started);
        Event::InferenceScoreEnd { duration_ms }.emit();
        Ok(Scored {
            edit: edit.clone(),
            window: Window::clone(site.window()),
            score,
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
        window: &Window,
        annotations: Annotations<'_>,
    ) -> Result<SurpriseResult, RuntimeError> {
        let table = self.parts.calibration.as_ref();
        let table = table.ok_or(RuntimeError::Missing(Part::Calibration))?;
        let context = annotations.context(window.bases())?;
        Ok(geno_surprise::score(sigma_raw, context, table)?)
    }

    fn encoder(&self) -> Result<&dyn SiteEncoder, RuntimeError> {
        self.parts
            .encoder
            .as_deref()
            .ok_or(RuntimeError::Missing(Part::Encoder))
    }

    fn action_encoder(&self) -> Result<&ActionEncoder, RuntimeError> {
        self.parts
            .action_encoder
            .as_ref()
            .ok_or(RuntimeError::Missing(Part::ActionEncoder))
    }

    fn predictor(&self) -> Result<&Predictor, RuntimeError> {
        self.parts
            .predictor
            .as_ref()
            .ok_or(RuntimeError::Missing(Part::Predictor))
    }
}

fn values(states: Tensor<2>) -> Vec<f32> {
    states.into_data().iter::<f32>().collect()
}
