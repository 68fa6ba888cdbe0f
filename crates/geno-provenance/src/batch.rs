//! One receipt for many: the root of a Merkle tree over the receipts of a run.

mod verify;

use geno_core::{Coded, Digest, ErrorCode};

pub use self::verify::BatchError;
use crate::{
    FieldError, Json, JsonError, Label, MerkleTree, Receipt, Timestamp, TimestampError,
    canonical_json, fields::Fields, leaf_hash, receipt::RuntimeEntry,
};

/// The schema version of the batch receipts read and written here.
pub const BATCH_RECEIPT_SCHEMA: &str = "1.0.0";

const KIND: &str = "geno_lewm.batch_receipt";

/// The receipt of all scores of a run.
///
/// `root` is that of a [`MerkleTree`] whose leaves are the receipts' lines without their newlines,
/// in the order of the file. Whoever holds the batch receipt can check the whole stream, or one
/// receipt with an [`InclusionProof`](crate::InclusionProof), and learns nothing of the others.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BatchReceipt {
    model_id: Digest,
    calibration_hash: Digest,
    n_receipts: u64,
    root: Digest,
    runtime: RuntimeEntry,
    timestamp: Timestamp,
    digest: Digest,
}

/// A batch receipt in the making, to which the receipts of one run are added.
#[derive(Clone, Debug, Default)]
pub struct BatchBuilder {
    tree: MerkleTree,
    first: Option<(Digest, Digest, RuntimeEntry)>,
}

/// Why receipts make no batch.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BuildBatchError {
    /// There is no receipt.
    #[error("batch has no receipt")]
    Empty,
    /// A receipt is of another model, calibration table or runtime than the first.
    #[error("receipt {number} is of another model or machine than the first")]
    OtherRun {
        /// The receipt, from 1.
        number: u64,
    },
}

impl Coded for BuildBatchError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Empty => ErrorCode::InputEmpty,
            Self::OtherRun { .. } => ErrorCode::InputGeneric,
        }
    }
}

/// Why bytes are no batch receipt.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ReadBatchError {
    /// The bytes are not JSON.
    #[error("batch receipt is not JSON")]
    Json(#[from] JsonError),
    /// A field is missing, unknown or mistyped.
    #[error("batch receipt does not follow its schema")]
    Field(#[from] FieldError),
    /// It is a document of another kind or schema.
    #[error("expected `{KIND}` {BATCH_RECEIPT_SCHEMA}, found `{kind}` {version}")]
    Kind {
        /// The kind.
        kind: Label,
        /// The schema version.
        version: Label,
    },
    /// The time is malformed.
    #[error("batch receipt has no valid time")]
    Timestamp(#[from] TimestampError),
    /// It was formatted anew.
    #[error("batch receipt is not one line of canonical JSON")]
    NotCanonical,
}

impl Coded for ReadBatchError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Json(_) | Self::Field(_) | Self::NotCanonical => {
                ErrorCode::ProvenanceReceiptSchema
            }
            Self::Kind { .. } => ErrorCode::ConfigSchemaIncompat,
            Self::Timestamp(_) => ErrorCode::InputGeneric,
        }
    }
}

impl BatchBuilder {
    /// A batch without receipts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next receipt.
    ///
    /// # Errors
    ///
    /// [`BuildBatchError::OtherRun`] if model, calibration table or runtime differ from those of
    /// the first receipt: one line could not speak for both.
    pub fn push(&mut self, receipt: &Receipt) -> Result<(), BuildBatchError> {
        let run = || {
            let runtime = receipt.runtime().clone();
            (receipt.model_id(), receipt.calibration_hash(), runtime)
        };
        let first = self.first.get_or_insert_with(run);
        let is_same = (first.0, first.1) == (receipt.model_id(), receipt.calibration_hash());
        if !is_same || first.2 != *receipt.runtime() {
            let number = self.tree.n_leaves() + 1;
            return Err(BuildBatchError::OtherRun { number });
        }
        self.tree
            .push(leaf_hash(&canonical_json(&receipt.to_json())));
        Ok(())
    }

    /// Closes the batch.
    ///
    /// # Errors
    ///
    /// [`BuildBatchError::Empty`] if no receipt was added.
    pub fn seal(self, timestamp: Timestamp) -> Result<BatchReceipt, BuildBatchError> {
        let (model_id, calibration_hash, runtime) = self.first.ok_or(BuildBatchError::Empty)?;
        let mut batch = BatchReceipt {
            model_id,
            calibration_hash,
            n_receipts: self.tree.n_leaves(),
            root: self.tree.root(),
            runtime,
            timestamp,
            digest: Digest::of(b""),
        };
        batch.digest = batch.recomputed_digest();
        Ok(batch)
    }
}

impl BatchReceipt {
    /// Reads a batch receipt.
    ///
    /// # Errors
    ///
    /// [`ReadBatchError`], with the path of the field, for any field that is missing, unknown or
    /// mistyped, and for bytes that are not its canonical JSON and one newline.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReadBatchError> {
        let mut fields = Fields::of_document(Json::parse(bytes)?)?;
        let (kind, version) = (fields.label("kind")?, fields.label("schema_version")?);
        if (kind.as_str(), version.as_str()) != (KIND, BATCH_RECEIPT_SCHEMA) {
            return Err(ReadBatchError::Kind { kind, version });
        }
        let batch = Self {
            model_id: fields.digest("model_id")?,
            calibration_hash: fields.digest("calibration_hash")?,
            n_receipts: fields.unsigned("n_receipts")?,
            root: fields.digest("root")?,
            runtime: RuntimeEntry::take(fields.object("runtime")?)?,
            timestamp: fields.label("timestamp")?.parse()?,
            digest: fields.digest("digest")?,
        };
        fields.finish()?;
        match batch.to_line() == bytes {
            true => Ok(batch),
            false => Err(ReadBatchError::NotCanonical),
        }
    }

    /// Writes the batch receipt as it stands in files: its canonical JSON and a newline.
    pub fn to_line(&self) -> Vec<u8> {
        let mut line = canonical_json(&self.to_json(Some(self.digest)));
        line.push(b'\n');
        line
    }

    fn to_json(&self, digest: Option<Digest>) -> Json {
        let fields = [
            ("schema_version", BATCH_RECEIPT_SCHEMA.into()),
            ("kind", KIND.into()),
            ("model_id", self.model_id.into()),
            ("calibration_hash", self.calibration_hash.into()),
            ("n_receipts", self.n_receipts.into()),
            ("root", self.root.into()),
            ("runtime", self.runtime.to_json()),
            ("timestamp", self.timestamp.to_string().into()),
        ];
        let digest = digest.map(|digest| ("digest", digest.into()));
        Json::object(fields.into_iter().chain(digest))
    }

    /// The digest of the canonical JSON without the digest's own key.
    fn recomputed_digest(&self) -> Digest {
        Digest::of(&canonical_json(&self.to_json(None)))
    }

    /// Identity of the model that all the scores come from.
    pub fn model_id(&self) -> Digest {
        self.model_id
    }

    /// How many receipts there are.
    pub fn n_receipts(&self) -> u64 {
        self.n_receipts
    }

    /// The root of the Merkle tree over them.
    pub fn root(&self) -> Digest {
        self.root
    }
}
