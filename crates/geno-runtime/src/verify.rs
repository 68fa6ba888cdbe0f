//! Whether receipts hold for a model.

use geno_core::{Coded, Digest, ErrorCode};
use geno_provenance::{Manifest, ReadManifestError, Receipt, Verifier, VerifyError};

use crate::identity::weights_id;

/// Checks receipts against one manifest.
#[derive(Clone, Debug)]
pub struct ReceiptCheck {
    verifier: Verifier,
    model_id: Digest,
    /// What receipts of ours say about the manifest beside the model id.
    details: [(&'static str, Digest); 2],
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
        Ok(Self {
            verifier: Verifier::new(&manifest),
            model_id: manifest.model_id(),
            details: [
                ("manifest_sha256", digest),
                ("weights_id", weights_id(&manifest)),
            ],
        })
    }

    /// Identity of the manifest's model.
    pub fn model_id(&self) -> Digest {
        self.model_id
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
                    let found = geno_provenance::summary_json(found);
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
