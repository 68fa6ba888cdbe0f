//! Lists of models that were withdrawn, signed by those who published them.

use geno_core::{Coded, Digest, ErrorCode};
use minisign_verify::{PublicKey, Signature};

use crate::{FieldError, Json, JsonError, Label, Timestamp, TimestampError, fields::Fields};

const SCHEMA: &str = "1.0.0";

/// Models that should no longer be used. It can only be had with a signature that holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RevocationList {
    issued: Timestamp,
    models: Vec<Revoked>,
}

/// A model that was withdrawn.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Revoked {
    /// Identity of the model.
    pub model_id: Digest,
    /// Why it was withdrawn.
    pub reason: Label,
    /// From when on it should not have been used.
    pub since: Timestamp,
}

/// Why a revocation list cannot be relied on.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RevocationError {
    /// The text is no public key of minisign.
    #[error("not a minisign public key")]
    Key,
    /// The text is no signature of minisign.
    #[error("not a minisign signature")]
    SignatureForm,
    /// The signature is one of another file or by another key.
    #[error("signature does not hold for this list and this key")]
    Signature,
    /// The list is not JSON.
    #[error("revocation list is not JSON")]
    Json(#[from] JsonError),
    /// A field is missing, unknown or mistyped.
    #[error("revocation list does not follow its schema")]
    Field(#[from] FieldError),
    /// A time is malformed.
    #[error("revocation list has no valid time")]
    Timestamp(#[from] TimestampError),
    /// The list follows another schema.
    #[error("revocation list has schema version `{version}`, not {SCHEMA}")]
    Schema {
        /// The version.
        version: Label,
    },
}

impl Coded for RevocationError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Key | Self::SignatureForm | Self::Signature => ErrorCode::ProvenanceGeneric,
            Self::Json(_) | Self::Field(_) | Self::Timestamp(_) => ErrorCode::InputGeneric,
            Self::Schema { .. } => ErrorCode::ConfigSchemaIncompat,
        }
    }
}

impl RevocationList {
    /// Reads a list after checking its signature.
    ///
    /// `signature` is the text of the `.minisig` file. `key` is the text of a minisign public-key
    /// file, or the one line of base64 in it.
    ///
    /// The list is `{schema_version: "1.0.0", issued, models: [{model_id, reason, since}]}`.
    ///
    /// # Errors
    ///
    /// [`RevocationError`]; nothing of the list is read before its signature holds.
    pub fn open(list: &[u8], signature: &str, key: &str) -> Result<Self, RevocationError> {
        let key = PublicKey::decode(key)
            .or_else(|_| PublicKey::from_base64(key.trim()))
            .map_err(|_| RevocationError::Key)?;
        let signature = Signature::decode(signature).map_err(|_| RevocationError::SignatureForm)?;
        let holds = key.verify(list, &signature, false);
        holds.map_err(|_| RevocationError::Signature)?;
        Self::parse(list)
    }

    fn parse(list: &[u8]) -> Result<Self, RevocationError> {
        let mut fields = Fields::of_document(Json::parse(list)?)?;
        let version = fields.label("schema_version")?;
        if version.as_str() != SCHEMA {
            return Err(RevocationError::Schema { version });
        }
        let issued = fields.label("issued")?.parse()?;
        let models = fields.objects("models")?.into_iter().map(Revoked::take);
        let models = models.collect::<Result<_, _>>()?;
        fields.finish()?;
        Ok(Self { issued, models })
    }

    /// When the list was made.
    pub fn issued(&self) -> Timestamp {
        self.issued
    }

    /// The entry of a model, if it was withdrawn.
    pub fn find(&self, model_id: Digest) -> Option<&Revoked> {
        self.models.iter().find(|model| model.model_id == model_id)
    }
}

impl Revoked {
    fn take(mut fields: Fields) -> Result<Self, RevocationError> {
        let revoked = Self {
            model_id: fields.digest("model_id")?,
            reason: fields.label("reason")?,
            since: fields.label("since")?.parse()?,
        };
        fields.finish()?;
        Ok(revoked)
    }
}
