//! What ties a score to the model, the input and the program that gave it: canonical JSON,
//! commitments, model manifests, receipts, and files that appear whole or not at all. And the
//! records of a run: what an experiment was ([`ExperimentManifest`]), and what a run stood on
//! ([`Envelope`]).
//!
//! Formats are schema 1.0.0 of the Python package `geno-lewm`, byte for byte, read more strictly
//! than it does. Nothing here reads a clock, touches the network or knows a tensor.
//!
//! ```
//! use geno_provenance::{Manifest, ReceiptReader, Verifier};
//!
//! # let manifest = include_bytes!("../../../fixtures/parity/model/manifest.json");
//! # let receipts = &include_bytes!("../../../fixtures/parity/receipts.jsonl")[..];
//! let verifier = Verifier::new(&Manifest::parse(manifest)?);
//! for receipt in ReceiptReader::new(receipts) {
//!     verifier.verify(&receipt?)?;
//! }
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod artifact;
mod atomic;
mod atomic_folder;
mod batch;
mod checksums;
mod commitment;
mod config_files;
mod edition;
mod encoder_record;
mod envelope;
mod experiment;
mod fields;
mod git;
mod json;
mod label;
mod manifest;
mod merkle;
mod open_input;
mod output;
mod public_path;
mod receipt;
mod receipt_check;
pub mod release;
mod revocation;
mod salt;
#[cfg(feature = "json-schema")]
mod schema;
mod secret;
mod timestamp;
pub mod training_run;
mod verify;

pub use self::{
    artifact::{Artifact, ReadFileError},
    atomic::{AtomicFile, AtomicWriteError, write_atomic, write_new_private},
    atomic_folder::{AtomicFolder, AtomicFolderError},
    batch::{
        BATCH_RECEIPT_SCHEMA, BatchBuilder, BatchError, BatchReceipt, BuildBatchError,
        ReadBatchError,
    },
    checksums::{Checksums, ChecksumsError, VerifyChecksumsError},
    commitment::{
        DtypeConfig, INPUT_COMMITMENT_SCHEMA, InputCommitmentError, PoolingConfig,
        SALTED_INPUT_COMMITMENT_SCHEMA, SALTED_WINDOWS_COMMITMENT_SCHEMA,
        WINDOWS_COMMITMENT_SCHEMA, input_commitment, salted_input_commitment, windows_commitment,
    },
    config_files::{CONFIG_PREFIXES, HashConfigsError, hash_configs},
    edition::{Edition, EditionError},
    encoder_record::{
        ENCODER_RECORD_SCHEMA, EncoderRecord, EncoderRecordFile, ReadEncoderRecordError,
        encoder_digest,
    },
    envelope::{
        CodeState, Commit, ENVELOPE_SCHEMA, Envelope, EnvelopeDifference, EnvelopeDraft,
        FileRecord, FreezeError, InputIdentity, PipelineState, ReadEnvelopeError, StateKind, diff,
    },
    experiment::{
        DataProvenance, EXPERIMENT_SCHEMA, EXTENSION_KEY, ExperimentDialect, ExperimentError,
        ExperimentManifest, validate_experiment, write_experiment,
    },
    fields::{FieldError, Fields},
    git::{GitSha, GitState, ParseGitShaError},
    json::{
        Finite, Integer, Json, JsonError, JsonKind, MAX_JSON_DEPTH, NotFiniteError, canonical_json,
        float_repr, indented_json, summary_json,
    },
    label::{Label, LabelError},
    manifest::{
        EncoderEntry, MANIFEST_SCHEMA, Manifest, ManifestFile, ReadManifestError, TrainingEntry,
    },
    merkle::{InclusionProof, InclusionProofError, MerkleTree, ReadProofError, leaf_hash},
    open_input::{OpenInputError, open_input, open_windows},
    output::ReceiptOutput,
    public_path::{PublicPath, PublicPathError},
    receipt::{
        MAX_RECEIPT_BYTES, RECEIPT_SCHEMA, ReadReceiptError, ReadReceiptsError, Receipt,
        ReceiptDraft, ReceiptReader, SealError,
    },
    receipt_check::{CheckLineError, ReceiptCheck, ReceiptCheckError, StreamCheck},
    revocation::{RevocationError, RevocationList, Revoked},
    salt::{MasterSalt, ParseSaltError, RowSalt},
    secret::Secret,
    timestamp::{Timestamp, TimestampError},
    verify::{Verified, Verifier, VerifyError, verify_input, verify_receipt},
};

#[cfg(feature = "json-schema")]
pub use self::schema::schemas;
