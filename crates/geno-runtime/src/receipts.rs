//! Receipts of scores.

use std::collections::BTreeMap;

use geno_action::EditSpec;
use geno_core::{Coded, Digest, ErrorCode, NetworkGuard, Window};
use geno_provenance::{
    INPUT_COMMITMENT_SCHEMA, InputCommitmentError, Json, MasterSalt, NotFiniteError, Receipt,
    ReceiptDraft, ReceiptOutput, SALTED_INPUT_COMMITMENT_SCHEMA, SALTED_WINDOWS_COMMITMENT_SCHEMA,
    SealError, Timestamp, WINDOWS_COMMITMENT_SCHEMA, input_commitment, salted_input_commitment,
    windows_commitment,
};
use geno_surprise::SurpriseResult;

use crate::{
    backend::Backend,
    identity::{ModelIdentity, label},
    runtime::Arithmetic,
};

/// Writes the receipts of one model on one backend.
#[derive(Clone, Debug)]
pub(crate) struct ReceiptWriter {
    identity: ModelIdentity,
    backend: Backend,
    arithmetic: Arithmetic,
    timestamp: Timestamp,
    guard: Option<NetworkGuard>,
    salt: Option<MasterSalt>,
}

/// Why a score has no receipt.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptError {
    /// The model was put together from parts and has no manifest.
    #[error("receipts need a model that was loaded from its directory")]
    NoManifest,
    /// The window cannot be committed to.
    #[error("cannot commit to the input")]
    Input(#[from] InputCommitmentError),
    /// The score is not finite.
    #[error("cannot commit to the output")]
    Output(#[from] NotFiniteError),
    /// The receipt cannot be sealed.
    #[error("cannot seal the receipt")]
    Seal(#[from] SealError),
}

impl Coded for ReceiptError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NoManifest => ErrorCode::ResourceRuntimeSetup,
            Self::Input(source) => source.code(),
            Self::Output(source) => source.code(),
            Self::Seal(source) => source.code(),
        }
    }
}

/// Where a scored variant comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scope {
    /// It was asked for by itself.
    SingleVariant,
    /// It is the scored alternate of this number, from 1, of a VCF.
    VcfRow(u64),
}

impl ReceiptWriter {
    pub(crate) fn new(
        identity: &ModelIdentity,
        (backend, arithmetic): (Backend, Arithmetic),
        timestamp: Timestamp,
        guard: Option<NetworkGuard>,
        salt: Option<&MasterSalt>,
    ) -> Self {
        Self {
            identity: identity.clone(),
            backend,
            arithmetic,
            timestamp,
            guard,
            salt: salt.cloned(),
        }
    }

    /// Writes the receipt of one score, of these windows, at least one.
    pub(crate) fn write(
        &self,
        edit: &EditSpec,
        windows: &[&Window],
        score: &SurpriseResult,
        scope: Scope,
    ) -> Result<Receipt, ReceiptError> {
        let identity = &self.identity;
        let draft = ReceiptDraft {
            model_id: identity.model_id,
            input_commitment: self.commit(edit, windows, scope)?,
            output: ReceiptOutput::new(
                score.sigma_raw,
                score.sigma_calibrated,
                label(&score.bucket_id.to_string()),
                score.confidence,
                score.low_confidence,
            )?,
            calibration_hash: identity.calibration_hash,
            backend: label(self.backend.as_str()),
            device: label(&self.device()),
            carbon_revision: identity.encoder_revision.clone(),
            timestamp: self.timestamp,
            details: self.details(windows, scope),
        };
        Ok(draft.seal()?)
    }

    /// Commits to an input: of one window by the published rule, of several by one of their own.
    pub(crate) fn commit(
        &self,
        edit: &EditSpec,
        windows: &[&Window],
        scope: Scope,
    ) -> Result<Digest, InputCommitmentError> {
        let (pooling, dtypes) = (&self.identity.pooling, &self.identity.dtypes);
        let row = match scope {
            Scope::SingleVariant => 0,
            Scope::VcfRow(row) => row,
        };
        let salt = self.salt.as_ref().map(|salt| salt.row(row));
        let bases: Vec<_> = windows.iter().map(|window| window.bases()).collect();
        match (self.identity.windows.aggregate(), &salt) {
            (Some(aggregate), salt) => {
                let (aggregate, salt) = (aggregate.as_str(), salt.as_ref());
                windows_commitment(&bases, aggregate, edit, pooling, dtypes, salt)
            }
            (None, Some(salt)) => salted_input_commitment(bases[0], edit, pooling, dtypes, salt),
            (None, None) => input_commitment(bases[0], edit, pooling, dtypes),
        }
    }

    fn device(&self) -> String {
        match self.backend {
            Backend::Native | Backend::Cpu | Backend::Ndarray => {
                format!("cpu/{}", std::env::consts::ARCH)
            }
            gpu => gpu.to_string(),
        }
    }

    fn details(&self, windows: &[&Window], scope: Scope) -> BTreeMap<String, Json> {
        let identity = &self.identity;
        let schema = match (identity.windows.aggregate(), &self.salt) {
            (None, None) => INPUT_COMMITMENT_SCHEMA,
            (None, Some(_)) => SALTED_INPUT_COMMITMENT_SCHEMA,
            (Some(_), None) => WINDOWS_COMMITMENT_SCHEMA,
            (Some(_), Some(_)) => SALTED_WINDOWS_COMMITMENT_SCHEMA,
        };
        let mut details = BTreeMap::from([
            ("input_commitment_schema", Json::from(schema)),
            ("pooling_config", identity.pooling.to_json()),
            ("dtype_config", identity.dtypes.to_json()),
            ("window_start_bp", windows[0].start().into()),
            ("state_contract", identity.contract.as_str().into()),
            ("layout", identity.layout.as_str().into()),
            ("kernel", self.backend.kernel().into()),
            ("arithmetic", self.arithmetic.encoder.as_str().into()),
            (
                "predictor_arithmetic",
                self.arithmetic.predictor.as_str().into(),
            ),
            ("weights_id", identity.weights_id.into()),
            ("manifest_sha256", identity.manifest_digest.into()),
        ]);
        if let Some(aggregate) = identity.windows.aggregate() {
            let starts = windows.iter().map(|window| window.start().into());
            details.insert("window_starts_bp", Json::Array(starts.collect()));
            details.insert("windows_per_variant", (windows.len() as u64).into());
            details.insert("aggregate", aggregate.as_str().into());
        }
        if let Some(guard) = self.guard {
            details.insert("sandbox", guard.as_str().into());
        }
        match scope {
            Scope::SingleVariant => {
                details.insert("scope", "single_variant".into());
            }
            Scope::VcfRow(row) => {
                details.insert("scope", "vcf_row".into());
                details.insert("receipt_stream", "jsonl_per_scored_alternate_v1".into());
                details.insert("row_index", row.into());
            }
        }
        details
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect()
    }
}
