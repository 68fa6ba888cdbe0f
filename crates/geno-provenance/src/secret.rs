//! Texts that nothing shows.

use std::fmt;

/// A text that nothing shows: it cannot be written to JSON, and formats as its type's name.
///
/// ```
/// use geno_provenance::Secret;
///
/// let token = Secret::new("hf_abc");
/// assert_eq!(format!("{token:?}"), "Secret");
/// assert!(token.is_in(b"Authorization: Bearer hf_abc"));
/// ```
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the one place that sends it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether bytes hold the text. Nothing holds an empty one.
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        !self.0.is_empty() && memchr::memmem::find(bytes, self.0.as_bytes()).is_some()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
