//! A receipt: which model gave which score for which input.

mod seal;
mod stream;

use std::collections::BTreeMap;

use geno_core::{Coded, Digest, ErrorCode};

pub(crate) use self::stream::Rest;
pub use self::{
    seal::{ReceiptDraft, SealError},
    stream::{MAX_RECEIPT_BYTES, ReadReceiptsError, ReceiptReader},
};
use crate::{
    Edition, EditionError, FieldError, Json, JsonError, JsonKind, Label, ReceiptOutput, Timestamp,
    TimestampError, canonical_json, fields::Fields,
};

/// The schema version of the receipts written here. [`Edition`] says which are read.
pub const RECEIPT_SCHEMA: &str = "1.0.0";

/// The path of every key, those of the free map `provenance.details` aside.
const KEYS: &[&str] = &[
    "schema_version",
    "model_id",
    "input_commitment",
    "output",
    "output.sigma_raw",
    "output.sigma_calibrated",
    "output.bucket_id",
    "output.confidence",
    "output.low_confidence",
    "output_commitment",
    "calibration_hash",
    "runtime",
    "runtime.backend",
    "runtime.device",
    "runtime.geno_lewm_version",
    "runtime.carbon_revision",
    "timestamp",
    "provenance",
    "provenance.kind",
    "provenance.details",
];

/// The only kind of provenance there is: digests, no signatures.
const KIND: &str = "checksum_only";

/// The key in `provenance.details` of the digest over all the rest.
pub(crate) const DIGEST_KEY: &str = "receipt_digest";

/// Beginnings of the versions that wrote no digest.
const UNSEALED_VERSIONS: [&str; 3] = ["0.0.", "0.1.", "0.2."];

/// The receipt of one score.
///
/// A *sealed* receipt carries the digest of everything else in it, as
/// `provenance.details.receipt_digest`, and has one form: its canonical JSON and one newline.
/// Version 0.3.0 and later write no others, and no other is of a later [`Edition`]. Receipts of
/// earlier versions carry no digest and may be formatted in any way.
///
/// Reading checks the form; [`Verifier`](crate::Verifier) checks that what is said holds.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(
    feature = "json-schema",
    derive(schemars::JsonSchema),
    schemars(
        deny_unknown_fields,
        transform = crate::schema::complete_receipt,
        description = "Which model gave which score for which input."
    )
)]
pub struct Receipt {
    #[cfg_attr(feature = "json-schema", schemars(skip))]
    edition: Edition,
    model_id: Digest,
    input_commitment: Digest,
    output: ReceiptOutput,
    output_commitment: Digest,
    calibration_hash: Digest,
    runtime: RuntimeEntry,
    timestamp: Label,
    #[cfg_attr(feature = "json-schema", schemars(skip))]
    details: Option<BTreeMap<String, Json>>,
    #[cfg_attr(feature = "json-schema", schemars(skip))]
    digest: Option<Digest>,
}

/// What computed the score.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(
    feature = "json-schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub(crate) struct RuntimeEntry {
    backend: Label,
    device: Label,
    geno_lewm_version: Label,
    carbon_revision: Label,
}

/// Why bytes are no receipt.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ReadReceiptError {
    /// The bytes are not JSON.
    #[error("receipt is not JSON")]
    Json(#[from] JsonError),
    /// The receipt follows an edition of the schema that this program does not read.
    #[error("receipt is not for this program")]
    Edition(#[from] EditionError),
    /// A field is missing, unknown or mistyped.
    #[error("receipt does not follow its schema")]
    Field(#[from] FieldError),
    /// The kind of provenance is unknown.
    #[error("provenance kind `{kind}` is unknown")]
    Kind {
        /// The kind.
        kind: Label,
    },
    /// The time of a sealed receipt is malformed.
    #[error("receipt has no valid time")]
    Timestamp(#[from] TimestampError),
    /// A sealed receipt was formatted anew.
    #[error("sealed receipt is not one line of canonical JSON")]
    NotCanonical,
}

impl Coded for ReadReceiptError {
    fn code(&self) -> ErrorCode {
        let structure = ErrorCode::ProvenanceReceiptSchema;
        match self {
            Self::Json(JsonError::NotFinite { .. }) => ErrorCode::InputGeneric,
            Self::Json(_) | Self::NotCanonical => structure,
            Self::Edition(source) => source.code(),
            Self::Field(FieldError::Missing { .. } | FieldError::Unknown { .. }) => structure,
            Self::Field(FieldError::WrongType { expected, .. })
                if *expected == JsonKind::Object =>
            {
                structure
            }
            Self::Field(_) | Self::Kind { .. } | Self::Timestamp(_) => ErrorCode::InputGeneric,
        }
    }
}

impl Receipt {
    /// Reads one receipt.
    ///
    /// # Errors
    ///
    /// [`ReadReceiptError`], with the path of the field, for any field that is missing, unknown or
    /// mistyped. A receipt of version 0.3.0 or later must be sealed, and a sealed one must have a
    /// time to the second and be its canonical JSON and one newline, byte for byte. In a later
    /// [`Edition`] unknown fields are kept instead.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReadReceiptError> {
        let receipt = Self::from_json(Json::parse(bytes)?)?;
        if receipt.is_sealed() {
            receipt.timestamp.parse::<Timestamp>()?;
            if receipt.to_line() != bytes {
                return Err(ReadReceiptError::NotCanonical);
            }
        }
        Ok(receipt)
    }

    fn from_json(mut document: Json) -> Result<Self, ReadReceiptError> {
        let edition = Edition::take::<ReadReceiptError>(&mut document, KEYS)?;
        let mut fields = Fields::of_document(document)?;
        fields.value("schema_version")?;
        let runtime = RuntimeEntry::take(fields.object("runtime")?)?;
        let must_seal = edition.is_open() || runtime.must_seal();
        let (details, digest) = take_provenance(fields.object("provenance")?, must_seal)?;
        let receipt = Self {
            edition,
            model_id: fields.digest("model_id")?,
            input_commitment: fields.digest("input_commitment")?,
            output: ReceiptOutput::take(fields.object("output")?)?,
            output_commitment: fields.digest("output_commitment")?,
            calibration_hash: fields.digest("calibration_hash")?,
            runtime,
            timestamp: fields.label("timestamp")?,
            details,
            digest,
        };
        fields.finish()?;
        Ok(receipt)
    }

    /// Writes the receipt as it stands in files: its canonical JSON and a newline.
    pub fn to_line(&self) -> Vec<u8> {
        let mut line = canonical_json(&self.to_json());
        line.push(b'\n');
        line
    }

    /// Writes the receipt as a value.
    pub fn to_json(&self) -> Json {
        self.with_digest(self.digest)
    }

    /// The digest a seal must hold: that of the canonical JSON without the digest's own key.
    pub(crate) fn unsealed_digest(&self) -> Digest {
        Digest::of(&canonical_json(&self.with_digest(None)))
    }

    fn with_digest(&self, digest: Option<Digest>) -> Json {
        let mut details = self.details.clone();
        if let Some(digest) = digest {
            let key = DIGEST_KEY.to_owned();
            details.get_or_insert_default().insert(key, digest.into());
        }
        let provenance = Json::object([
            ("kind", KIND.into()),
            ("details", details.map_or(Json::Null, Json::Object)),
        ]);
        let document = Json::object([
            ("schema_version", self.edition.version().into()),
            ("model_id", self.model_id.into()),
            ("input_commitment", self.input_commitment.into()),
            ("output", self.output.to_json()),
            ("output_commitment", self.output_commitment.into()),
            ("calibration_hash", self.calibration_hash.into()),
            ("runtime", self.runtime.to_json()),
            ("timestamp", Json::from(&self.timestamp)),
            ("provenance", provenance),
        ]);
        self.edition.restore(document)
    }

    /// The edition of the schema.
    pub fn edition(&self) -> &Edition {
        &self.edition
    }

    /// Identity of the model, as [`Manifest::model_id`](crate::Manifest::model_id) gives it.
    pub fn model_id(&self) -> Digest {
        self.model_id
    }

    /// What [`input_commitment`](crate::input_commitment) gave for the input.
    pub fn input_commitment(&self) -> Digest {
        self.input_commitment
    }

    /// The score.
    pub fn output(&self) -> &ReceiptOutput {
        &self.output
    }

    /// What the receipt says [`ReceiptOutput::commitment`] gave.
    pub fn output_commitment(&self) -> Digest {
        self.output_commitment
    }

    /// Digest of the calibration table.
    pub fn calibration_hash(&self) -> Digest {
        self.calibration_hash
    }

    pub(crate) fn runtime(&self) -> &RuntimeEntry {
        &self.runtime
    }

    /// Name of the backend.
    pub fn backend(&self) -> &str {
        &self.runtime.backend
    }

    /// Name of the device.
    pub fn device(&self) -> &str {
        &self.runtime.device
    }

    /// Version of the program that wrote the receipt.
    pub fn version(&self) -> &str {
        &self.runtime.geno_lewm_version
    }

    /// Revision of the encoder checkpoint.
    pub fn carbon_revision(&self) -> &str {
        &self.runtime.carbon_revision
    }

    /// When the score was computed, as written.
    pub fn timestamp(&self) -> &str {
        &self.timestamp
    }

    /// Free facts, without the digest of a sealed receipt.
    pub fn details(&self) -> Option<&BTreeMap<String, Json>> {
        self.details.as_ref()
    }

    /// The digest over all the rest, if the receipt is sealed.
    pub fn receipt_digest(&self) -> Option<Digest> {
        self.digest
    }

    /// Whether the receipt carries the digest of everything else in it.
    pub fn is_sealed(&self) -> bool {
        self.digest.is_some()
    }
}

impl RuntimeEntry {
    pub(crate) fn take(mut fields: Fields) -> Result<Self, FieldError> {
        let runtime = Self {
            backend: fields.label("backend")?,
            device: fields.label("device")?,
            geno_lewm_version: fields.label("geno_lewm_version")?,
            carbon_revision: fields.label("carbon_revision")?,
        };
        fields.finish()?;
        Ok(runtime)
    }

    pub(crate) fn to_json(&self) -> Json {
        Json::object([
            ("backend", Json::from(&self.backend)),
            ("device", Json::from(&self.device)),
            ("geno_lewm_version", Json::from(&self.geno_lewm_version)),
            ("carbon_revision", Json::from(&self.carbon_revision)),
        ])
    }

    fn must_seal(&self) -> bool {
        let version = self.geno_lewm_version.as_str();
        !UNSEALED_VERSIONS
            .iter()
            .any(|start| version.starts_with(start))
    }
}

type Details = Option<BTreeMap<String, Json>>;

/// Takes the details, and the digest out of them.
fn take_provenance(
    mut fields: Fields,
    must_seal: bool,
) -> Result<(Details, Option<Digest>), ReadReceiptError> {
    let kind = fields.label("kind")?;
    if kind.as_str() != KIND {
        return Err(ReadReceiptError::Kind { kind });
    }
    let details = fields.nullable_object("details")?;
    fields.finish()?;

    let Some(mut details) = details else {
        return match must_seal {
            true => Err(missing_digest().into()),
            false => Ok((None, None)),
        };
    };
    let digest = match details.contains(DIGEST_KEY) || must_seal {
        true => Some(details.digest(DIGEST_KEY)?),
        false => None,
    };
    Ok((Some(details.into_rest()), digest))
}

fn missing_digest() -> FieldError {
    FieldError::Missing {
        field: format!("provenance.details.{DIGEST_KEY}"),
    }
}
