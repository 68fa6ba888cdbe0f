//! Names of runs.

use std::{
    collections::hash_map::RandomState,
    fmt,
    hash::BuildHasher,
    process,
    str::FromStr,
    time::{SystemTime, UNIX_EPOCH},
};

use geno_core::{Coded, Digest, ErrorCode};

/// The name of a run: letters, digits, `.`, `_` and `-`, at most 64.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RunId(String);

/// A text that is no [`RunId`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a run id is 1 to 64 letters, digits, `.`, `_` and `-`")]
pub struct RunIdError;

impl Coded for RunIdError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl RunId {
    /// A name that no other run has: `run-` and 12 hexadecimal digits.
    pub fn draw() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let time = since.unwrap_or_default().as_nanos();
        // The keys of a new `RandomState` come from the system's random numbers.
        let random = RandomState::new().hash_one(time);
        let digest = Digest::of(format!("{time} {} {random}", process::id()).as_bytes());
        let hex = digest.to_string();
        let hex = hex.rsplit(':').next().unwrap_or_default();
        Self(format!("run-{}", &hex[..12]))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RunId {
    type Err = RunIdError;

    fn from_str(text: &str) -> Result<Self, RunIdError> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        match (1..=64).contains(&text.len()) && text.chars().all(is_plain) {
            true => Ok(Self(text.to_owned())),
            false => Err(RunIdError),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_names_differ_and_read_back() {
        let (a, b) = (RunId::draw(), RunId::draw());
        assert_ne!(a, b);
        assert_eq!(a.as_str().len(), 16);
        assert_eq!(a.as_str().parse(), Ok(a));
    }

    #[test]
    fn names_that_break_a_line_or_a_path_are_refused() {
        for text in ["", "a b", "a\nb", "../a", &"a".repeat(65)] {
            assert_eq!(text.parse::<RunId>(), Err(RunIdError), "{text:?}");
        }
    }
}
