//! Whether receipts are those of a batch.

use std::io::BufRead;

use geno_core::{Coded, Digest, ErrorCode};

use super::BatchReceipt;
use crate::{
    CheckLineError, InclusionProof, InclusionProofError, MerkleTree, Receipt, ReceiptCheck,
    StreamCheck, canonical_json, leaf_hash,
};

/// Why a batch receipt does not hold, or receipts are not those of the batch.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BatchError {
    /// Something in the batch receipt was changed.
    #[error("batch receipt says its digest is {said}, but it is {recomputed}")]
    Seal {
        /// Digest in the batch receipt.
        said: Digest,
        /// Digest of the batch receipt.
        recomputed: Digest,
    },
    /// The batch is of another model or calibration table than the manifest's.
    #[error("batch names model {batch}, but the manifest is that of {manifest}")]
    Model {
        /// Identity in the batch receipt.
        batch: Digest,
        /// Identity of the manifest.
        manifest: Digest,
    },
    /// The batch names another calibration table.
    #[error("batch names calibration {batch}, but the manifest names {manifest}")]
    Calibration {
        /// Digest in the batch receipt.
        batch: Digest,
        /// Digest in the manifest.
        manifest: Digest,
    },
    /// There are more receipts, or fewer.
    #[error("batch has {batch} receipts, but {found} that hold were found")]
    Count {
        /// Receipts of the batch.
        batch: u64,
        /// Receipts that were found and hold.
        found: u64,
    },
    /// The receipts are others, or in another order.
    #[error("batch has root {batch}, but the receipts give {recomputed}")]
    Root {
        /// Root in the batch receipt.
        batch: Digest,
        /// Root over the receipts.
        recomputed: Digest,
    },
    /// The proof is one for another receipt.
    #[error("proof is for {proof}, but the receipt is {receipt}")]
    Leaf {
        /// Leaf of the proof.
        proof: Digest,
        /// Leaf that the receipt gives.
        receipt: Digest,
    },
    /// The proof does not lead to the batch.
    #[error(transparent)]
    Proof(#[from] InclusionProofError),
}

impl Coded for BatchError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Seal { .. } => ErrorCode::ProvenanceReceiptDigestMismatch,
            Self::Model { .. } | Self::Calibration { .. } => {
                ErrorCode::ProvenanceManifestHashMismatch
            }
            Self::Proof(source) => source.code(),
            _ => ErrorCode::ProvenanceGeneric,
        }
    }
}

impl BatchReceipt {
    /// Checks the batch receipt itself: its digest, and model and calibration table.
    ///
    /// # Errors
    ///
    /// [`BatchError`] for the first that does not hold.
    pub fn check(&self, check: &ReceiptCheck) -> Result<(), BatchError> {
        let (said, recomputed) = (self.digest, self.recomputed_digest());
        if said != recomputed {
            return Err(BatchError::Seal { said, recomputed });
        }
        let (batch, manifest) = (self.model_id, check.model_id());
        if batch != manifest {
            return Err(BatchError::Model { batch, manifest });
        }
        let (batch, manifest) = (self.calibration_hash, check.calibration_hash());
        if batch != manifest {
            return Err(BatchError::Calibration { batch, manifest });
        }
        Ok(())
    }

    /// Checks that a receipt is one of the batch.
    ///
    /// # Errors
    ///
    /// [`BatchError::Leaf`] and [`BatchError::Proof`].
    pub fn check_proof(&self, receipt: &Receipt, proof: &InclusionProof) -> Result<(), BatchError> {
        let leaf = leaf_hash(&canonical_json(&receipt.to_json()));
        if leaf != proof.leaf {
            let (proof, receipt) = (proof.leaf, leaf);
            return Err(BatchError::Leaf { proof, receipt });
        }
        Ok(proof.check(self.root, self.n_receipts)?)
    }

    /// Checks every receipt of a stream, as [`ReceiptCheck::check_stream`], and that together they
    /// are the batch.
    ///
    /// The second result is about the receipts that hold: where some do not, they are not the
    /// whole batch either.
    pub fn check_stream(
        &self,
        check: &ReceiptCheck,
        reader: impl BufRead + Send,
        on_failure: impl FnMut(u64, CheckLineError),
    ) -> (StreamCheck, Result<(), BatchError>) {
        let mut tree = MerkleTree::new();
        let summary = check.run(reader, on_failure, Some(&mut |leaf| tree.push(leaf)));
        let (batch, found) = (self.n_receipts, tree.n_leaves());
        if batch != found {
            return (summary, Err(BatchError::Count { batch, found }));
        }
        let (batch, recomputed) = (self.root, tree.root());
        if batch != recomputed {
            return (summary, Err(BatchError::Root { batch, recomputed }));
        }
        (summary, Ok(()))
    }
}
