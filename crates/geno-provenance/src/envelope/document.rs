//! An envelope as JSON.

use geno_core::{Coded, Digest, ErrorCode};

use super::{
    CodeState, DataState, ENVELOPE_SCHEMA, Envelope, FileRecord, InputIdentity, PipelineState,
};
use crate::{FieldError, Json, JsonError, canonical_json, fields::Fields};

/// The one field about the moment and not about the state.
const STARTED: &str = "started";

/// Why bytes are no envelope.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ReadEnvelopeError {
    /// The bytes are not JSON.
    #[error("envelope is not JSON")]
    Json(#[from] JsonError),
    /// The envelope follows another schema.
    #[error("envelope has another schema version than {ENVELOPE_SCHEMA}")]
    Schema {
        /// What stands in its place.
        found: Json,
    },
    /// A field is missing, unknown or mistyped.
    #[error("envelope does not follow its schema")]
    Field(#[from] FieldError),
    /// The count of files is not that of the files listed.
    #[error("field `data.artifact_count` is {said}, but {listed} are listed")]
    Count {
        /// The count.
        said: u64,
        /// How many there are.
        listed: usize,
    },
}

impl Coded for ReadEnvelopeError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Schema { .. } => ErrorCode::ConfigSchemaIncompat,
            Self::Json(_) | Self::Field(_) | Self::Count { .. } => ErrorCode::InputGeneric,
        }
    }
}

impl Envelope {
    /// Reads an envelope. White space and the order of keys are free.
    ///
    /// # Errors
    ///
    /// [`ReadEnvelopeError`], with the path of the field, for any that is missing, unknown or
    /// mistyped, a list of names that is not sorted, and a count that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReadEnvelopeError> {
        let mut fields = Fields::of_document(Json::parse(bytes)?)?;
        let schema = fields.value("schema_version")?;
        if schema.as_str() != Some(ENVELOPE_SCHEMA) {
            return Err(ReadEnvelopeError::Schema { found: schema });
        }
        let envelope = Self {
            code: CodeState::take(fields.object("code")?)?,
            data: DataState::take(fields.object("data")?)?,
            pipeline: PipelineState::take(fields.object("pipeline")?)?,
            started: fields.timestamp(STARTED)?,
        };
        fields.finish()?;
        Ok(envelope)
    }

    /// Writes the envelope as it stands in files: its canonical JSON and a newline.
    pub fn to_line(&self) -> Vec<u8> {
        let mut line = canonical_json(&self.to_json());
        line.push(b'\n');
        line
    }

    /// Writes the envelope as a value.
    pub fn to_json(&self) -> Json {
        self.with([(STARTED, self.started.to_string().into())])
    }

    /// The digest of the canonical JSON of everything but the time: equal for equal states.
    pub fn digest(&self) -> Digest {
        Digest::of(&canonical_json(&self.state()))
    }

    /// Everything but the time.
    pub(super) fn state(&self) -> Json {
        self.with([])
    }

    fn with<const N: usize>(&self, more: [(&'static str, Json); N]) -> Json {
        let state = [
            ("schema_version", ENVELOPE_SCHEMA.into()),
            ("code", self.code.to_json()),
            ("data", self.data.to_json()),
            ("pipeline", self.pipeline.to_json()),
        ];
        Json::object(state.into_iter().chain(more))
    }
}

impl DataState {
    fn take(mut fields: Fields) -> Result<Self, ReadEnvelopeError> {
        let said = fields.unsigned("artifact_count")?;
        let file = |fields: &mut Fields, key: &str| FileRecord::take(fields.object(key)?);
        let data = Self {
            input: InputIdentity::take(fields.object("input")?)?,
            artifacts: fields.object("artifacts")?.into_paths(file)?,
            configs: fields.object("configs")?.into_paths(Fields::digest)?,
        };
        fields.finish()?;
        let listed = data.artifacts.len();
        if usize::try_from(said) != Ok(listed) {
            return Err(ReadEnvelopeError::Count { said, listed });
        }
        Ok(data)
    }

    fn to_json(&self) -> Json {
        let artifacts = self.artifacts.iter();
        let configs = self.configs.iter();
        Json::object([
            ("input", self.input.to_json()),
            ("artifact_count", self.artifacts.len().into()),
            (
                "artifacts",
                Json::object(artifacts.map(|(name, file)| (name.as_str(), file.to_json()))),
            ),
            (
                "configs",
                Json::object(configs.map(|(name, digest)| (name.as_str(), (*digest).into()))),
            ),
        ])
    }
}
