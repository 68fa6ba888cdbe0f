//! Whether receipts hold for a model, one by one and as a stream.

mod canonical;
mod chunk;
mod stream;

use geno_core::{Coded, Digest, ErrorCode};

use self::canonical::SealedForm;
pub use self::stream::{CheckLineError, StreamCheck};
use crate::{Manifest, ReadManifestError, Receipt, Verifier, VerifyError, summary_json};

/// Checks receipts against one manifest.
///
/// Beside what [`Verifier`] checks, it compares what receipts of ours say in their details:
/// `manifest_sha256`, the digest of the manifest's bytes, and `weights_id`.
///
/// ```
/// use geno_provenance::ReceiptCheck;
///
/// # let manifest = include_bytes!("../../../fixtures/parity/model/manifest.json");
/// # let receipts = &include_bytes!("../../../fixtures/parity/receipts.jsonl")[..];
/// let check = ReceiptCheck::new(manifest)?;
/// let summary = check.check_stream(receipts, |line, error| panic!("line {line}: {error}"));
/// assert_eq!((summary.n_receipts, summary.n_failed), (40, 0));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ReceiptCheck {
    verifier: Verifier,
    model_id: Digest,
    calibration_hash: Digest,
    details: [(&'static str, Digest); 2],
    sealed: SealedForm,
}

/// Why a receipt does not hold.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptCheckError {
    /// It contradicts the manifest or itself.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// A fact beside the schema's own contradicts the manifest.
    #[error("receipt says `{key}` is {found}, but the manifest gives {expected}")]
    Detail {
        /// The fact.
        key: &'static str,
        /// What the receipt says, as JSON.
        found: String,
        /// What the manifest gives.
        expected: Digest,
    },
}

impl Coded for ReceiptCheckError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Verify(source) => source.code(),
            Self::Detail { .. } => ErrorCode::ProvenanceManifestHashMismatch,
        }
    }
}

impl ReceiptCheck {
    /// Reads the bytes of a manifest.
    ///
    /// # Errors
    ///
    /// [`ReadManifestError`].
    pub fn new(manifest: &[u8]) -> Result<Self, ReadManifestError> {
        let digest = Digest::of(manifest);
        let manifest = Manifest::parse(manifest)?;
        let (model_id, calibration_hash) = (manifest.model_id(), manifest.calibration.hash);
        let details = [
            ("manifest_sha256", digest),
            ("weights_id", manifest.weights_id()),
        ];
        Ok(Self {
            verifier: Verifier::new(&manifest),
            model_id,
            calibration_hash,
            details,
            sealed: SealedForm::new(model_id, calibration_hash, details),
        })
    }

    /// The same check for scores that were calibrated with another table than the manifest's.
    ///
    /// Everything else is still compared with the manifest.
    #[must_use]
    pub fn with_calibration(self, calibration_hash: Digest) -> Self {
        Self {
            verifier: self.verifier.with_calibration(calibration_hash),
            calibration_hash,
            sealed: SealedForm::new(self.model_id, calibration_hash, self.details),
            ..self
        }
    }

    /// Identity of the manifest's model.
    pub fn model_id(&self) -> Digest {
        self.model_id
    }

    /// Digest of the calibration table that receipts have to name.
    pub fn calibration_hash(&self) -> Digest {
        self.calibration_hash
    }

    /// Checks one receipt: model, calibration, output, digest, and what it says beside them.
    ///
    /// # Errors
    ///
    /// [`ReceiptCheckError`].
    pub fn check(&self, receipt: &Receipt) -> Result<(), ReceiptCheckError> {
        self.verifier.verify(receipt)?;
        let Some(details) = receipt.details() else {
            return Ok(());
        };
        for (key, expected) in self.details {
            match details.get(key) {
                Some(found) if found.as_str() != Some(&expected.to_string()) => {
                    let found = summary_json(found);
                    return Err(ReceiptCheckError::Detail {
                        key,
                        found,
                        expected,
                    });
                }
                _ => {}
            }
        }
        Ok(())
    }
}
