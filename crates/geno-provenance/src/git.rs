//! The state of a source tree under git, as records of a run hold it.

use std::{fmt, str::FromStr};

use geno_core::{Coded, ErrorCode};

use crate::{FieldError, Json, Label, fields::Fields};

/// The full name of a commit: 40 lowercase hexadecimal digits, or 64 where git uses SHA-256.
///
/// ```
/// use geno_provenance::{GitSha, ParseGitShaError};
///
/// let sha: GitSha = "eff16841f0a5d0c2f6f9a0a6fbb5a3a3f8d1c0de".parse()?;
/// assert_eq!(sha.short(), "eff16841f0a5");
/// assert_eq!("eff1684".parse::<GitSha>(), Err(ParseGitShaError));
/// # Ok::<_, ParseGitShaError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct GitSha(String);

/// A text that is not the full name of a commit.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected 40 or 64 lowercase hexadecimal digits")]
pub struct ParseGitShaError;

impl Coded for ParseGitShaError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl GitSha {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first 12 digits, for people.
    pub fn short(&self) -> &str {
        &self.0[..12]
    }
}

impl FromStr for GitSha {
    type Err = ParseGitShaError;

    fn from_str(text: &str) -> Result<Self, ParseGitShaError> {
        let is_hex = text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        match is_hex && matches!(text.len(), 40 | 64) {
            true => Ok(Self(text.to_owned())),
            false => Err(ParseGitShaError),
        }
    }
}

impl fmt::Display for GitSha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a working tree is: its commit, whether it differs from it, and its branch.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(
    feature = "json-schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct GitState {
    /// The commit that is checked out.
    pub sha: GitSha,
    /// Whether a file was changed, added or removed since, ignored ones aside.
    pub dirty: bool,
    /// Name of the branch, or `HEAD` if none is checked out.
    pub branch: Label,
}

impl GitState {
    pub(crate) fn take(mut fields: Fields) -> Result<Self, FieldError> {
        let state = Self {
            sha: fields.git_sha("sha")?,
            dirty: fields.bool("dirty")?,
            branch: fields.label("branch")?,
        };
        fields.finish()?;
        Ok(state)
    }

    pub(crate) fn to_json(&self) -> Json {
        Json::object([
            ("sha", self.sha.as_str().into()),
            ("dirty", self.dirty.into()),
            ("branch", Json::from(&self.branch)),
        ])
    }
}
