//! File names that stay inside their directory.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use geno_core::{Coded, ErrorCode};

use crate::Json;

/// A relative path with `/` between its parts that cannot leave the directory it is joined to.
///
/// It holds no `..` or `.`, no backslash, no colon (so no drive and no URL), no empty part and no
/// control character, does not begin with `~` and has at most 512 bytes: it means the same file on
/// every system and names no place of a machine. What symbolic links do is up to the file system.
///
/// ```
/// use geno_provenance::{PublicPath, PublicPathError};
///
/// let path = PublicPath::new("encoder/model.safetensors")?;
/// assert!(path.under("model".as_ref()).ends_with("model/encoder/model.safetensors"));
/// assert_eq!(PublicPath::new("../secret"), Err(PublicPathError::DotPart));
/// # Ok::<_, PublicPathError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PublicPath(String);

/// Why a text is no [`PublicPath`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PublicPathError {
    /// The path is empty.
    #[error("path is empty")]
    Empty,
    /// The path begins at a root.
    #[error("path is absolute")]
    Absolute,
    /// The path begins with `~`, which shells take for somebody's home.
    #[error("path begins with `~`")]
    Home,
    /// The path is longer than some systems take.
    #[error("path has more than {MAX_BYTES} bytes")]
    TooLong,
    /// A part of the path is empty, as in `a//b` or `a/`.
    #[error("path has an empty part")]
    EmptyPart,
    /// A part of the path is `.` or `..`.
    #[error("path has a part `.` or `..`")]
    DotPart,
    /// The path holds a backslash, a colon or a control character.
    #[error("path holds the character {character:?}")]
    Character {
        /// The first such character.
        character: char,
    },
}

/// Bytes of the longest path.
const MAX_BYTES: usize = 512;

impl Coded for PublicPathError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl PublicPath {
    /// Checks a path.
    ///
    /// # Errors
    ///
    /// [`PublicPathError`] for any path that is empty, absolute, or could mean something outside
    /// its directory on some system.
    pub fn new(path: impl Into<String>) -> Result<Self, PublicPathError> {
        let path = path.into();
        if path.starts_with('~') {
            return Err(PublicPathError::Home);
        }
        if path.len() > MAX_BYTES {
            return Err(PublicPathError::TooLong);
        }
        let refused = |char: char| matches!(char, '\\' | ':') || char.is_control();
        if path.is_empty() {
            return Err(PublicPathError::Empty);
        }
        if path.starts_with('/') {
            return Err(PublicPathError::Absolute);
        }
        if let Some(character) = path.chars().find(|&char| refused(char)) {
            return Err(PublicPathError::Character { character });
        }
        for part in path.split('/') {
            match part {
                "" => return Err(PublicPathError::EmptyPart),
                "." | ".." => return Err(PublicPathError::DotPart),
                _ => {}
            }
        }
        Ok(Self(path))
    }

    /// The path as it is written in files.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path inside a directory.
    pub fn under(&self, directory: &Path) -> PathBuf {
        let mut path = directory.to_owned();
        path.extend(self.0.split('/'));
        path
    }
}

impl fmt::Display for PublicPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&PublicPath> for Json {
    fn from(path: &PublicPath) -> Self {
        Self::from(path.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Component;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_that_could_leave_are_refused() {
        use PublicPathError::*;
        let cases = [
            ("", Empty),
            ("/etc/passwd", Absolute),
            ("~/genome.vcf", Home),
            ("..", DotPart),
            ("a/../../b", DotPart),
            ("./a", DotPart),
            ("a//b", EmptyPart),
            ("a/", EmptyPart),
            ("..\\a", Character { character: '\\' }),
            ("C:a", Character { character: ':' }),
            ("https://host/a", Character { character: ':' }),
            ("a\0b", Character { character: '\0' }),
        ];
        for (path, error) in cases {
            assert_eq!(PublicPath::new(path), Err(error), "{path:?}");
        }
        assert!(PublicPath::new("a".repeat(512)).is_ok());
        assert_eq!(PublicPath::new("a".repeat(513)), Err(TooLong));
    }

    proptest! {
        #[test]
        fn accepted_paths_only_descend(path in r"[./\\:a~ ]{0,12}") {
            if let Ok(path) = PublicPath::new(path) {
                let joined = path.under(Path::new("model"));
                let mut parts = joined.components();
                prop_assert_eq!(parts.next(), Some(Component::Normal("model".as_ref())));
                prop_assert!(parts.all(|part| matches!(part, Component::Normal(_))));
            }
        }
    }
}
