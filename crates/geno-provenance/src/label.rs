//! Text that names something.

use std::{fmt, ops::Deref};

use geno_core::{Coded, ErrorCode};

use crate::Json;

/// A text that is not empty and holds no control character.
///
/// ```
/// use geno_provenance::{Label, LabelError};
///
/// assert_eq!(&*Label::new("cpu/x86_64")?, "cpu/x86_64");
/// assert_eq!(Label::new(""), Err(LabelError::Empty));
/// # Ok::<_, LabelError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Label(String);

/// Why a text is no [`Label`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum LabelError {
    /// The text is empty.
    #[error("text is empty")]
    Empty,
    /// The text holds a control character, which no two programs show alike.
    #[error("text holds a control character")]
    ControlCharacter,
}

impl Coded for LabelError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl Label {
    /// Checks a text.
    ///
    /// # Errors
    ///
    /// [`LabelError`] for an empty text or a control character.
    pub fn new(text: impl Into<String>) -> Result<Self, LabelError> {
        let text = text.into();
        if text.is_empty() {
            return Err(LabelError::Empty);
        }
        if text.contains(char::is_control) {
            return Err(LabelError::ControlCharacter);
        }
        Ok(Self(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Label {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&Label> for Json {
    fn from(label: &Label) -> Self {
        Self::from(label.as_str())
    }
}
