//! What speaks against a result.

use super::Statement;
use crate::{FieldError, Fields, Json, Label};

/// Something that speaks against a result, and stays with it wherever it goes.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum NegativeFinding {
    /// Follows from values of the report. Nobody can leave it out: a reader derives it again.
    Derived {
        /// The rule by which it follows, such as `delta_below_zero`.
        rule: Label,
        /// The finding.
        text: Statement,
    },
    /// Somebody added it.
    Authored {
        /// The finding.
        text: Statement,
    },
}

impl NegativeFinding {
    /// The finding.
    pub fn text(&self) -> &Statement {
        match self {
            Self::Derived { text, .. } | Self::Authored { text } => text,
        }
    }

    pub(super) fn take(mut fields: Fields) -> Result<Self, FieldError> {
        let text = fields.string("text")?;
        let text = Statement::new(text).map_err(|_| FieldError::Value {
            field: "negative_findings[].text".to_owned(),
            expected: Statement::EXPECTED,
        })?;
        let finding = match fields.optional_label("rule")? {
            Some(rule) => Self::Derived { rule, text },
            None => Self::Authored { text },
        };
        fields.finish()?;
        Ok(finding)
    }
}

impl From<&NegativeFinding> for Json {
    fn from(finding: &NegativeFinding) -> Self {
        let rule = match finding {
            NegativeFinding::Derived { rule, .. } => Self::from(rule),
            NegativeFinding::Authored { .. } => Self::Null,
        };
        Self::object([("rule", rule), ("text", Self::from(finding.text()))])
    }
}
