//! Whether a receipt holds.

use geno_core::{Coded, Digest, ErrorCode};

use crate::{Manifest, Receipt};

/// Checks receipts against the manifest of the model they name.
#[derive(Clone, Debug)]
pub struct Verifier {
    model_id: Digest,
    calibration: Digest,
}

/// What was found to hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Verified {
    /// Identity of the model.
    pub model_id: Digest,
    /// Commitment to the output.
    pub output_commitment: Digest,
    /// Whether a digest protects all of the receipt, or the commitments only parts of it.
    pub sealed: bool,
}

/// Why a receipt does not hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum VerifyError {
    /// The receipt names another model.
    #[error("receipt names model {receipt}, but the manifest is that of {manifest}")]
    Model {
        /// Identity in the receipt.
        receipt: Digest,
        /// Identity of the manifest.
        manifest: Digest,
    },
    /// The receipt names another calibration table.
    #[error("receipt names calibration {receipt}, but the manifest names {manifest}")]
    Calibration {
        /// Digest in the receipt.
        receipt: Digest,
        /// Digest in the manifest.
        manifest: Digest,
    },
    /// The input is another one.
    #[error("receipt commits to input {receipt}, but the input gives {recomputed}")]
    Input {
        /// Commitment in the receipt.
        receipt: Digest,
        /// Commitment of the input.
        recomputed: Digest,
    },
    /// The output is another one.
    #[error("receipt commits to output {receipt}, but its output gives {recomputed}")]
    Output {
        /// Commitment in the receipt.
        receipt: Digest,
        /// Commitment of the output.
        recomputed: Digest,
    },
    /// Something in the receipt was changed.
    #[error("receipt says its digest is {receipt}, but it is {recomputed}")]
    Seal {
        /// Digest in the receipt.
        receipt: Digest,
        /// Digest of the receipt.
        recomputed: Digest,
    },
}

impl Coded for VerifyError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Model { .. } | Self::Calibration { .. } => {
                ErrorCode::ProvenanceManifestHashMismatch
            }
            Self::Input { .. } => ErrorCode::ProvenanceInputCommitmentMismatch,
            Self::Output { .. } => ErrorCode::ProvenanceOutputCommitmentMismatch,
            Self::Seal { .. } => ErrorCode::ProvenanceReceiptDigestMismatch,
        }
    }
}

impl Verifier {
    /// Keeps what receipts are compared with.
    pub fn new(manifest: &Manifest) -> Self {
        Self {
            model_id: manifest.model_id(),
            calibration: manifest.calibration.hash,
        }
    }

    /// The same for receipts of scores that were calibrated with another table than the manifest's.
    #[must_use]
    pub(crate) fn with_calibration(self, calibration: Digest) -> Self {
        Self {
            calibration,
            ..self
        }
    }

    /// Checks the model, the calibration table, the output and the digest, in this order.
    ///
    /// # Errors
    ///
    /// [`VerifyError`] for the first that does not hold.
    pub fn verify(&self, receipt: &Receipt) -> Result<Verified, VerifyError> {
        let (said, manifest) = (receipt.model_id(), self.model_id);
        if said != manifest {
            let receipt = said;
            return Err(VerifyError::Model { receipt, manifest });
        }
        let (said, manifest) = (receipt.calibration_hash(), self.calibration);
        if said != manifest {
            let receipt = said;
            return Err(VerifyError::Calibration { receipt, manifest });
        }
        let (said, recomputed) = (receipt.output_commitment(), receipt.output().commitment());
        if said != recomputed {
            let receipt = said;
            return Err(VerifyError::Output {
                receipt,
                recomputed,
            });
        }
        if let Some(said) = receipt.receipt_digest() {
            let recomputed = receipt.unsealed_digest();
            if said != recomputed {
                let receipt = said;
                return Err(VerifyError::Seal {
                    receipt,
                    recomputed,
                });
            }
        }
        Ok(Verified {
            model_id: self.model_id,
            output_commitment: receipt.output_commitment(),
            sealed: receipt.is_sealed(),
        })
    }
}

/// Checks one receipt, as [`Verifier::verify`].
///
/// # Errors
///
/// [`VerifyError`] for the first statement that does not hold.
///
/// # Examples
///
/// ```
/// use geno_provenance::{Manifest, Receipt, verify_receipt};
///
/// # let manifest = include_bytes!("../../../fixtures/parity/model/manifest.json");
/// # let receipt = include_bytes!("../../../fixtures/parity/receipt.single.json");
/// let verified = verify_receipt(&Receipt::parse(receipt)?, &Manifest::parse(manifest)?)?;
/// assert!(!verified.sealed, "version 0.2.1 seals nothing");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub fn verify_receipt(receipt: &Receipt, manifest: &Manifest) -> Result<Verified, VerifyError> {
    Verifier::new(manifest).verify(receipt)
}

/// Checks that a receipt commits to an input, given what
/// [`input_commitment`](crate::input_commitment) gives for that input.
///
/// # Errors
///
/// [`VerifyError::Input`] if the receipt commits to another one.
pub fn verify_input(receipt: &Receipt, recomputed: Digest) -> Result<(), VerifyError> {
    let said = receipt.input_commitment();
    if said != recomputed {
        let receipt = said;
        return Err(VerifyError::Input {
            receipt,
            recomputed,
        });
    }
    Ok(())
}
