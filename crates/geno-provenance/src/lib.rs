//! What ties a score to the model, the input and the program that gave it: canonical JSON,
//! commitments, model manifests, receipts, and files that appear whole or not at all.
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

mod artifact_path;
mod atomic;
mod commitment;
mod encoder_record;
mod fields;
mod json;
mod label;
mod manifest;
mod output;
mod receipt;
mod timestamp;
mod verify;

pub use self::{
    artifact_path::{ArtifactPath, ArtifactPathError},
    atomic::{AtomicFile, AtomicWriteError, write_atomic},
    commitment::{
        DtypeConfig, INPUT_COMMITMENT_SCHEMA, InputCommitmentError, PoolingConfig, input_commitment,
    },
    encoder_record::{
        ENCODER_RECORD_SCHEMA, EncoderRecord, EncoderRecordFile, ReadEncoderRecordError,
        encoder_digest,
    },
    fields::FieldError,
    json::{
        Finite, Integer, Json, JsonError, JsonKind, MAX_JSON_DEPTH, NotFiniteError, canonical_json,
        float_repr, summary_json,
    },
    label::{Label, LabelError},
    manifest::{
        Artifact, EncoderEntry, MANIFEST_SCHEMA, Manifest, ReadManifestError, TrainingEntry,
    },
    output::ReceiptOutput,
    receipt::{
        MAX_RECEIPT_BYTES, RECEIPT_SCHEMA, ReadReceiptError, ReadReceiptsError, Receipt,
        ReceiptDraft, ReceiptReader, SealError,
    },
    timestamp::{Timestamp, TimestampError},
    verify::{Verified, Verifier, VerifyError, verify_input, verify_receipt},
};
