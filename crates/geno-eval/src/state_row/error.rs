//! Why a line is no row of states.

use std::fmt;

use geno_core::{Coded, ErrorCode};
use geno_provenance::{JsonError, LabelError};

use super::{ROLLOUT_STATES_PRODUCER, SCHEMA_VERSION};

/// Which of a row's states.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StateField {
    /// The state of the reference window.
    Source,
    /// The predicted state.
    Predicted,
    /// The encoded state.
    Target,
}

impl StateField {
    /// The field's name in a file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Source => "source_state",
            Self::Predicted => "predicted_state",
            Self::Target => "target_state",
        }
    }
}

impl fmt::Display for StateField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why states cannot be compared.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StatesError {
    /// A state has no numbers.
    #[error("`{field}` is empty")]
    Empty {
        /// The state.
        field: StateField,
    },
    /// Two states of a row have different widths.
    #[error("`{field}` has {found} numbers, `source_state` {expected}")]
    Width {
        /// The state.
        field: StateField,
        /// Its width.
        found: usize,
        /// That of the source state.
        expected: usize,
    },
    /// A state holds a NaN or an infinity.
    #[error("`{field}` is not finite at {index}")]
    NotFinite {
        /// The state.
        field: StateField,
        /// The first such number, counted from 0.
        index: usize,
    },
    /// A state has no direction: its length is 0, or too large for a double.
    #[error("`{field}` has length 0, or none that a number holds")]
    Length {
        /// The state.
        field: StateField,
    },
}

/// Why a line is no row of states.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StateRowError {
    /// The line is not JSON.
    #[error("line is not JSON")]
    Json(#[source] JsonError),
    /// The line is JSON, but no object.
    #[error("line is no object")]
    NotAnObject,
    /// A field is not there.
    #[error("field `{field}` is missing")]
    Missing {
        /// The field.
        field: &'static str,
    },
    /// The schema has no such field.
    #[error("field `{field}` is unknown")]
    Unknown {
        /// The field.
        field: String,
    },
    /// A field is of another type.
    #[error("field `{field}` is not {expected}")]
    WrongType {
        /// The field.
        field: &'static str,
        /// What the schema says.
        expected: &'static str,
    },
    /// `id` or `split` is no name.
    #[error("field `{field}` is no name")]
    Name {
        /// The field.
        field: &'static str,
        /// Why not.
        source: LabelError,
    },
    /// `id` or `split` begins or ends with white space.
    #[error("field `{field}` begins or ends with white space")]
    Untrimmed {
        /// The field.
        field: &'static str,
    },
    /// The row was written by another producer.
    #[error("`generated_by` is not `{ROLLOUT_STATES_PRODUCER}`")]
    Producer,
    /// The row is of another version.
    #[error("`schema_version` is not `{SCHEMA_VERSION}`")]
    SchemaVersion,
    /// The states cannot be compared.
    #[error(transparent)]
    States(#[from] StatesError),
}

impl Coded for StatesError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl Coded for StateRowError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::SchemaVersion => ErrorCode::ConfigSchemaIncompat,
            _ => ErrorCode::InputGeneric,
        }
    }
}
