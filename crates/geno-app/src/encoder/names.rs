//! Repository and revision, as types that no hostile text fits.

use std::fmt;

use geno_core::{Coded, ErrorCode};

/// The repository of a checkpoint: `OWNER/NAME`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HubRepo {
    owner: String,
    name: String,
}

/// A commit of a repository: 40 hexadecimal digits in lower case.
///
/// ```
/// use geno_app::{Commit, NameError};
///
/// assert!(Commit::new("0123456789abcdef0123456789abcdef01234567").is_ok());
/// assert!(matches!(Commit::new("main"), Err(NameError::Commit { .. })));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Commit(String);

/// A text that names no repository or no commit.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NameError {
    /// The text is not `OWNER/NAME`.
    #[error("`{text}` names no repository: expected OWNER/NAME")]
    Repo {
        /// The text.
        text: String,
    },
    /// The text is no commit.
    #[error(
        "`{text}` is no commit: expected 40 hexadecimal digits, \
         since a branch or a tag may be other files tomorrow"
    )]
    Commit {
        /// The text.
        text: String,
    },
}

impl Coded for NameError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl HubRepo {
    /// Reads `OWNER/NAME`: letters, digits, `.`, `_` and `-`, each part beginning with a letter or digit.
    ///
    /// # Errors
    ///
    /// [`NameError::Repo`].
    pub fn new(text: &str) -> Result<Self, NameError> {
        let plain = |char: char| char.is_ascii_alphanumeric() || "._-".contains(char);
        let fits = |part: &str| {
            part.starts_with(|first: char| first.is_ascii_alphanumeric()) && part.chars().all(plain)
        };
        match text.split_once('/') {
            Some((owner, name)) if fits(owner) && fits(name) => Ok(Self {
                owner: owner.to_owned(),
                name: name.to_owned(),
            }),
            _ => Err(NameError::Repo {
                text: text.to_owned(),
            }),
        }
    }

    /// Whom it belongs to.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// Its name among those of its owner.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The folder of the repository in a Hugging Face cache.
    pub(super) fn cache_folder(&self) -> String {
        format!("models--{}--{}", self.owner, self.name)
    }
}

impl fmt::Display for HubRepo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

impl Commit {
    /// Reads a commit.
    ///
    /// # Errors
    ///
    /// [`NameError::Commit`].
    pub fn new(text: &str) -> Result<Self, NameError> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        match text.len() == 40 && text.bytes().all(is_digit) {
            true => Ok(Self(text.to_owned())),
            false => Err(NameError::Commit {
                text: text.to_owned(),
            }),
        }
    }
}

impl fmt::Display for Commit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_has_an_owner_and_a_name() {
        assert!(HubRepo::new("HuggingFaceBio/Carbon-500M").is_ok());
        for text in [
            "", "a", "/", "a/", "/b", "a/b/c", "../b", "a/..", "a/b c", "a\\b/c", "-a/b", "a/_b",
        ] {
            assert!(HubRepo::new(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_branch_is_refused_with_the_reason() {
        let upper = "0123456789ABCDEF0123456789ABCDEF01234567";
        for text in ["main", "v1.0", "5d31d59", upper] {
            let error = Commit::new(text).unwrap_err().to_string();
            assert!(error.contains("tomorrow"), "{error}");
        }
    }
}
