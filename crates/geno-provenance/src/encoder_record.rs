//! An encoder's digest, and a note of where its files lie.

use std::path::{Path, PathBuf};

use geno_core::{Coded, Digest, DigestHasher, ErrorCode};

use crate::{FieldError, Json, JsonError, Label, Timestamp, canonical_json, fields::Fields};

/// The schema version of the records read and written here.
pub const ENCODER_RECORD_SCHEMA: &str = "1.0.0";

/// What a manifest holds for an encoder: the digest of its one weight file, or the digest of the
/// sorted digests of its shards, each written out and ended by a newline.
///
/// ```
/// use geno_core::Digest;
/// use geno_provenance::encoder_digest;
///
/// let [a, b] = [Digest::of(b"a"), Digest::of(b"b")];
/// assert_eq!(encoder_digest(vec![a]), a);
/// assert_eq!(encoder_digest(vec![a, b]), encoder_digest(vec![b, a]));
/// ```
pub fn encoder_digest(mut files: Vec<Digest>) -> Digest {
    files.sort();
    match files[..] {
        [only] => only,
        _ => {
            let mut hasher = DigestHasher::default();
            for file in files {
                hasher.update(format!("{file}\n").as_bytes());
            }
            hasher.finish()
        }
    }
}

/// Where the files of an encoder lay when somebody looked, and what they hashed to.
///
/// A record says where to look. It proves nothing: whoever reads the files hashes them again.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EncoderRecord {
    /// Name of the checkpoint.
    pub id: Label,
    /// Its revision, if known.
    pub revision: Option<Label>,
    /// The folder, as an absolute path.
    pub folder: Label,
    /// Digest of the weights, as a manifest holds it.
    pub hash: Digest,
    /// The files.
    pub files: Vec<EncoderRecordFile>,
    /// When the files were hashed.
    pub recorded_at: Timestamp,
}

/// One file of an encoder.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EncoderRecordFile {
    /// Its name in the folder.
    pub name: Label,
    /// Its length in bytes.
    pub size: u64,
    /// Digest of its bytes.
    pub hash: Digest,
}

/// Why bytes are no record.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ReadEncoderRecordError {
    /// The bytes are not JSON.
    #[error("record of an encoder is not JSON")]
    Json(#[from] JsonError),
    /// The record follows another schema.
    #[error("record of an encoder has another schema version than {ENCODER_RECORD_SCHEMA}")]
    Schema,
    /// A field is missing, unknown or mistyped.
    #[error("record of an encoder does not follow its schema")]
    Field(#[from] FieldError),
    /// The time is none.
    #[error("field `recorded_at` is no time")]
    Time,
    /// The list of files is none.
    #[error("field `files` is no list")]
    Files,
}

impl Coded for ReadEncoderRecordError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Schema => ErrorCode::ConfigSchemaIncompat,
            _ => ErrorCode::InputGeneric,
        }
    }
}

impl EncoderRecord {
    /// The name of the record of an encoder among all records.
    pub fn path(records: &Path, hash: Digest) -> PathBuf {
        records.join(format!("{}.json", hash.to_hex()))
    }

    /// Reads a record.
    ///
    /// # Errors
    ///
    /// [`ReadEncoderRecordError`] for any field that is missing, unknown or mistyped.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReadEncoderRecordError> {
        let mut fields = Fields::of_document(Json::parse(bytes)?)?;
        if fields.value("schema_version")?.as_str() != Some(ENCODER_RECORD_SCHEMA) {
            return Err(ReadEncoderRecordError::Schema);
        }
        let Json::Array(listed) = fields.value("files")? else {
            return Err(ReadEncoderRecordError::Files);
        };
        let mut files = Vec::new();
        for file in listed {
            let mut fields = Fields::of_document(file)?;
            files.push(EncoderRecordFile {
                name: fields.label("name")?,
                size: fields.unsigned("size")?,
                hash: fields.digest("hash")?,
            });
            fields.finish()?;
        }
        let recorded_at = fields.string("recorded_at")?.parse();
        let record = Self {
            id: fields.label("id")?,
            revision: fields.optional_label("revision")?,
            folder: fields.label("folder")?,
            hash: fields.digest("hash")?,
            files,
            recorded_at: recorded_at.map_err(|_| ReadEncoderRecordError::Time)?,
        };
        fields.finish()?;
        Ok(record)
    }

    /// Writes the canonical JSON of the record, without a newline.
    pub fn to_bytes(&self) -> Vec<u8> {
        let files = self.files.iter().map(|file| {
            Json::object([
                ("name", Json::from(&file.name)),
                ("size", file.size.into()),
                ("hash", file.hash.into()),
            ])
        });
        canonical_json(&Json::object([
            ("schema_version", ENCODER_RECORD_SCHEMA.into()),
            ("id", Json::from(&self.id)),
            (
                "revision",
                self.revision.as_ref().map_or(Json::Null, Json::from),
            ),
            ("folder", Json::from(&self.folder)),
            ("hash", self.hash.into()),
            ("files", Json::Array(files.collect())),
            ("recorded_at", self.recorded_at.to_string().into()),
        ]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> EncoderRecord {
        let label = |text: &str| Label::new(text).unwrap();
        let hash = Digest::of(b"weights");
        EncoderRecord {
            id: label("owner/name"),
            revision: None,
            folder: label("/models/encoder"),
            hash,
            files: vec![EncoderRecordFile {
                name: label("model.safetensors"),
                size: 7,
                hash,
            }],
            recorded_at: Timestamp::from_unix_seconds(0).unwrap(),
        }
    }

    #[test]
    fn a_record_reads_back() {
        assert_eq!(EncoderRecord::parse(&record().to_bytes()), Ok(record()));
    }

    #[test]
    fn a_record_with_another_field_is_refused() {
        let text = String::from_utf8(record().to_bytes()).unwrap();
        let text = text.replacen('{', r#"{"trusted":true,"#, 1);
        let error = EncoderRecord::parse(text.as_bytes()).unwrap_err();
        assert!(matches!(error, ReadEncoderRecordError::Field(_)), "{error}");
    }
}
