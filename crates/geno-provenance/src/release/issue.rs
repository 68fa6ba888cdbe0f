//! What a check found.

use std::fmt;

use geno_core::{Coded, ErrorCode};

use crate::{FieldError, Fields, Json, Label, PublicPath};

/// How bad something is that a check found.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// The release does not hold.
    Error,
    /// It holds, but somebody should look.
    Warning,
}

impl Severity {
    /// Its name in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// What kind of thing a check found: lower-case words between dots, the part of the release first,
/// such as `dataset.card.stale`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct IssueCode(String);

/// A text that is no [`IssueCode`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected lower-case words between dots, such as `dataset.card.stale`")]
pub struct IssueCodeError;

impl Coded for IssueCodeError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl IssueCode {
    /// Checks a code.
    ///
    /// # Errors
    ///
    /// [`IssueCodeError`].
    pub fn new(text: impl Into<String>) -> Result<Self, IssueCodeError> {
        let text = text.into();
        let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(plain);
        match text.contains('.') && text.split('.').all(is_word) {
            true => Ok(Self(text)),
            false => Err(IssueCodeError),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part of the release it is about: the first word.
    pub fn part(&self) -> &str {
        self.0.split('.').next().unwrap_or_default()
    }
}

impl fmt::Display for IssueCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One thing that a check found.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Issue {
    /// How bad it is.
    pub severity: Severity,
    /// What kind of thing.
    pub code: IssueCode,
    /// The file it is about.
    pub path: Option<PublicPath>,
    /// What is wrong, in a sentence.
    pub message: Label,
}

impl Issue {
    pub(super) fn take(mut fields: Fields) -> Result<Self, FieldError> {
        let wrong = |field: &str, expected| FieldError::Value {
            field: format!("issues[].{field}"),
            expected,
        };
        let severity = match &*fields.string("severity")? {
            "error" => Severity::Error,
            "warning" => Severity::Warning,
            _ => return Err(wrong("severity", "`error` or `warning`")),
        };
        let code = IssueCode::new(fields.string("code")?)
            .map_err(|_| wrong("code", "the code of an issue"))?;
        let issue = Self {
            severity,
            code,
            path: fields.optional_path("path")?,
            message: fields.label("message")?,
        };
        fields.finish()?;
        Ok(issue)
    }
}

impl From<&Issue> for Json {
    fn from(issue: &Issue) -> Self {
        Self::object([
            ("severity", Self::from(issue.severity.as_str())),
            ("code", Self::from(issue.code.as_str())),
            ("path", issue.path.as_ref().map_or(Self::Null, Self::from)),
            ("message", Self::from(&issue.message)),
        ])
    }
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.severity.as_str(), self.code)?;
        if let Some(path) = &self.path {
            write!(f, ": {path}")?;
        }
        write!(f, ": {}", self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_words_between_dots() {
        for text in ["dataset.card.stale", "model.eval_report.drift", "v02.row"] {
            assert!(IssueCode::new(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "dataset",
            "dataset.",
            ".card",
            "Dataset.card",
            "a..b",
            "a.b c",
        ] {
            assert_eq!(IssueCode::new(text), Err(IssueCodeError), "{text}");
        }
        assert_eq!(IssueCode::new("demo.scores.rows").unwrap().part(), "demo");
    }
}
