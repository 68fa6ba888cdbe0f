//! The name of a release, fit to name a folder.

use std::fmt;

use geno_core::{Coded, ErrorCode};

/// Names in an install root that are not releases.
const RESERVED: &[&str] = &["current", "previous"];

/// A release's name: letters, digits, `.`, `_`, `-` and `+`, not beginning with a dot, at most 100
/// of them, and neither `current` nor `previous`. No such name leads out of a folder.
///
/// ```
/// use geno_app::ReleaseId;
///
/// assert!(ReleaseId::new("geno-lewm-0.3.0").is_ok());
/// assert!(ReleaseId::new("../escape").is_err());
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ReleaseId(String);

/// A text that names no release.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{text:?} cannot name a release")]
pub struct ReleaseIdError {
    /// The text.
    pub text: String,
}

impl Coded for ReleaseIdError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl ReleaseId {
    /// Checks a name.
    ///
    /// # Errors
    ///
    /// [`ReleaseIdError`].
    pub fn new(text: &str) -> Result<Self, ReleaseIdError> {
        let plain = |char: char| char.is_ascii_alphanumeric() || "._-+".contains(char);
        let fits = (1..=100).contains(&text.len())
            && text.chars().all(plain)
            && !text.starts_with('.')
            && !RESERVED.iter().any(|name| text.eq_ignore_ascii_case(name));
        match fits {
            true => Ok(Self(text.to_owned())),
            false => Err(ReleaseIdError {
                text: text.to_owned(),
            }),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReleaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_could_lead_elsewhere_are_refused() {
        for text in [
            "", ".", "..", "a/b", "a\\b", "/a", "C:a", ".hidden", "current", "Previous", "a b", "é",
        ] {
            assert!(ReleaseId::new(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_name_is_one_part_of_a_path(text in r"[./\\:a-c+\x00 ]{0,8}") {
            if let Ok(id) = ReleaseId::new(&text) {
                let parts: Vec<_> = Path::new(id.as_str()).components().collect();
                prop_assert_eq!(parts, [Component::Normal(text.as_ref())]);
            }
        }
    }
}
