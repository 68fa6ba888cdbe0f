//! Writing a receipt of our own.

use std::collections::BTreeMap;

use geno_core::{Coded, Digest, ErrorCode};

use super::{DIGEST_KEY, Receipt, RuntimeEntry};
use crate::{Edition, Json, Label, ReceiptOutput, Timestamp};

/// What a receipt is to say. The rest follows from it.
///
/// ```
/// use geno_core::Digest;
/// use geno_provenance::{Label, Receipt, ReceiptDraft, ReceiptOutput, Timestamp};
///
/// let draft = ReceiptDraft {
///     model_id: Digest::of(b"manifest"),
///     input_commitment: Digest::of(b"input"),
///     output: ReceiptOutput::new(0.5, 0.25, Label::new("*")?, 1.0, false)?,
///     calibration_hash: Digest::of(b"calibration"),
///     backend: Label::new("cpu")?,
///     device: Label::new("cpu/x86_64")?,
///     carbon_revision: Label::new("r1")?,
///     timestamp: Timestamp::from_unix_seconds(0)?,
///     details: [("row_index".to_owned(), 1u32.into())].into(),
/// };
/// let receipt = draft.seal()?;
/// assert_eq!(Receipt::parse(&receipt.to_line())?, receipt);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ReceiptDraft {
    /// Identity of the model.
    pub model_id: Digest,
    /// Commitment to the input.
    pub input_commitment: Digest,
    /// The score.
    pub output: ReceiptOutput,
    /// Digest of the calibration table.
    pub calibration_hash: Digest,
    /// Name of the backend.
    pub backend: Label,
    /// Name of the device.
    pub device: Label,
    /// Revision of the encoder checkpoint.
    pub carbon_revision: Label,
    /// When the score was computed.
    pub timestamp: Timestamp,
    /// Free facts.
    pub details: BTreeMap<String, Json>,
}

/// Why a receipt cannot be sealed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SealError {
    /// The details hold the key that the digest needs.
    #[error("details hold the reserved key `{DIGEST_KEY}`")]
    ReservedKey,
}

impl Coded for SealError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InternalInvariantViolation
    }
}

impl ReceiptDraft {
    /// Adds the version of this program, the output commitment and the digest over all of it.
    ///
    /// # Errors
    ///
    /// [`SealError`] if the details hold the key `receipt_digest`.
    pub fn seal(self) -> Result<Receipt, SealError> {
        if self.details.contains_key(DIGEST_KEY) {
            return Err(SealError::ReservedKey);
        }
        let label = |text: &str| Label::new(text).expect("versions and times are plain text");
        let mut receipt = Receipt {
            edition: Edition::default(),
            model_id: self.model_id,
            input_commitment: self.input_commitment,
            output_commitment: self.output.commitment(),
            output: self.output,
            calibration_hash: self.calibration_hash,
            runtime: RuntimeEntry {
                backend: self.backend,
                device: self.device,
                geno_lewm_version: label(env!("CARGO_PKG_VERSION")),
                carbon_revision: self.carbon_revision,
            },
            timestamp: label(&self.timestamp.to_string()),
            details: Some(self.details),
            digest: None,
        };
        receipt.digest = Some(receipt.unsealed_digest());
        Ok(receipt)
    }
}
