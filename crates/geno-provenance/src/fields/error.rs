//! What is wrong with a field of a document.

use geno_core::{Coded, ErrorCode, ParseDigestError};

use crate::{
    JsonKind, LabelError, ParseGitShaError, PublicPathError, TimestampError,
    release::{CommandLineError, ModelReleaseError},
};

/// A field that is not what its schema says. Fields are named by their path, `predictor.hash`.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FieldError {
    /// The field is not there.
    #[error("field `{field}` is missing")]
    Missing {
        /// The field.
        field: String,
    },
    /// The schema has no such field.
    #[error("field `{field}` is unknown")]
    Unknown {
        /// The field.
        field: String,
    },
    /// The field is of another type.
    #[error("field `{field}` is not {expected}")]
    WrongType {
        /// The field, or `document` for the whole.
        field: String,
        /// What the schema says.
        expected: JsonKind,
    },
    /// The field holds a text or a number that is none of those that mean something there.
    #[error("field `{field}` is not {expected}")]
    Value {
        /// The field.
        field: String,
        /// What the schema says, such as `a severity`.
        expected: &'static str,
    },
    /// The field holds no usable text.
    #[error("field `{field}` is no label")]
    Label {
        /// The field.
        field: String,
        /// Why not.
        source: LabelError,
    },
    /// The field holds no digest.
    #[error("field `{field}` is no digest")]
    Digest {
        /// The field.
        field: String,
        /// Why not.
        source: ParseDigestError,
    },
    /// The field holds a path that could leave its directory.
    #[error("field `{field}` is no path inside the directory")]
    Path {
        /// The field.
        field: String,
        /// Why not.
        source: PublicPathError,
    },
    /// The field holds no commit.
    #[error("field `{field}` is no commit")]
    GitSha {
        /// The field.
        field: String,
        /// Why not.
        source: ParseGitShaError,
    },
    /// The field holds no time.
    #[error("field `{field}` is no time")]
    Timestamp {
        /// The field.
        field: String,
        /// Why not.
        source: TimestampError,
    },
    /// The field holds no command that may be told.
    #[error("field `{field}` is no command for the public")]
    Command {
        /// The field.
        field: String,
        /// Why not.
        source: CommandLineError,
    },
    /// The field does not name a release of a model.
    #[error("field `{field}` is no release of a model")]
    ModelRelease {
        /// The field.
        field: String,
        /// Why not.
        source: ModelReleaseError,
    },
    /// The field holds names out of order, or one twice.
    #[error("field `{field}` is not sorted, each name once")]
    Unsorted {
        /// The field.
        field: String,
    },
}

impl FieldError {
    /// The path of the field.
    pub fn field(&self) -> &str {
        match self {
            Self::Missing { field }
            | Self::Unknown { field }
            | Self::WrongType { field, .. }
            | Self::Value { field, .. }
            | Self::Label { field, .. }
            | Self::Digest { field, .. }
            | Self::Path { field, .. }
            | Self::GitSha { field, .. }
            | Self::Timestamp { field, .. }
            | Self::Command { field, .. }
            | Self::ModelRelease { field, .. }
            | Self::Unsorted { field } => field,
        }
    }
}

impl Coded for FieldError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}
