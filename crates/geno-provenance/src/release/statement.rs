//! Sentences of a release.

use std::{fmt, ops::Deref};

use geno_core::{Coded, ErrorCode};

use crate::{FieldError, Fields, Json};

/// What is written where something is still to come, in lower case. Whole words count.
const PLACEHOLDERS: &[&str] = &[
    "tbd",
    "todo",
    "placeholder",
    "coming soon",
    "fake",
    "dummy",
    "lorem ipsum",
];

/// A text that people of a release stand for: trimmed, on one line, not empty, and no stand-in for
/// a text that is still to come.
///
/// ```
/// use geno_provenance::release::{Statement, StatementError};
///
/// assert_eq!(&*Statement::new(" SNVs only. ")?, "SNVs only.");
/// let todo = Statement::new("Limitations: TBD");
/// assert_eq!(todo, Err(StatementError::Placeholder { words: "tbd" }));
/// # Ok::<_, StatementError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Statement(String);

/// Why a text is no [`Statement`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum StatementError {
    /// There is nothing but white space.
    #[error("text is empty")]
    Empty,
    /// The text holds a control character, such as a line break.
    #[error("text holds a control character")]
    ControlCharacter,
    /// The text stands for one that is still to come.
    #[error("text holds the placeholder `{words}`")]
    Placeholder {
        /// Which.
        words: &'static str,
    },
}

impl Coded for StatementError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl Statement {
    /// Checks a text.
    ///
    /// # Errors
    ///
    /// [`StatementError`].
    pub fn new(text: impl AsRef<str>) -> Result<Self, StatementError> {
        let text = text.as_ref().trim();
        if text.is_empty() {
            return Err(StatementError::Empty);
        }
        if text.contains(char::is_control) {
            return Err(StatementError::ControlCharacter);
        }
        // However its words are spaced.
        let words: Vec<&str> = text.split_whitespace().collect();
        match placeholder(&words.join(" ")) {
            Some(words) => Err(StatementError::Placeholder { words }),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// What a field is not that holds none.
    pub(super) const EXPECTED: &str = "a statement without placeholders";

    /// Takes a text.
    ///
    /// # Errors
    ///
    /// [`FieldError`].
    pub fn take(fields: &mut Fields, key: &str) -> Result<Self, FieldError> {
        Self::new(fields.string(key)?).map_err(|_| FieldError::Value {
            field: key.to_owned(),
            expected: Self::EXPECTED,
        })
    }

    /// Takes a list of texts.
    ///
    /// # Errors
    ///
    /// [`FieldError`].
    pub fn take_all(fields: &mut Fields, key: &str) -> Result<Vec<Self>, FieldError> {
        let texts = fields.labels(key)?.into_iter().enumerate();
        let statement = |(i, text): (usize, crate::Label)| match Self::new(&*text) {
            Ok(statement) if *statement == *text => Ok(statement),
            _ => Err(FieldError::Value {
                field: format!("{key}[{i}]"),
                expected: Self::EXPECTED,
            }),
        };
        texts.map(statement).collect()
    }
}

/// The first placeholder among the words of a text: what is written where something is still to come.
///
/// ```
/// use geno_provenance::release::placeholder;
///
/// assert_eq!(placeholder("Limitations: TBD."), Some("tbd"));
/// assert_eq!(placeholder("A to-be-decided todo_list."), None);
/// ```
pub fn placeholder(text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    let is_word = |char: char| char.is_alphanumeric() || char == '_';
    let stands = |held: &&&str| {
        text.match_indices(**held).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + held.len()..].chars().next();
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        })
    };
    PLACEHOLDERS.iter().find(stands).copied()
}

impl Deref for Statement {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&Statement> for Json {
    fn from(statement: &Statement) -> Self {
        Self::from(&**statement)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_whole_words() {
        for text in [
            "ToDo",
            "(tbd)",
            "Results coming  soon.",
            "a fake, b",
            "lorem ipsum dolor",
        ] {
            let found = Statement::new(text);
            assert!(
                matches!(found, Err(StatementError::Placeholder { .. })),
                "{text}"
            );
        }
        for text in [
            "The latest test",
            "A fakery",
            "mastodon",
            "soon",
            "dummyload",
        ] {
            assert!(Statement::new(text).is_ok(), "{text}");
        }
        assert_eq!(Statement::new(" \t"), Err(StatementError::Empty));
        assert_eq!(
            Statement::new("a\nb"),
            Err(StatementError::ControlCharacter)
        );
    }
}
