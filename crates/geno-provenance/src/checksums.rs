//! `SHA256SUMS`: digests of the files of a folder, as `sha256sum` writes and checks them.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    path::Path,
};

use geno_core::{Coded, Digest, ErrorCode};

use crate::{Artifact, PublicPath, PublicPathError, ReadFileError};

/// The digests of a folder's files, by path.
///
/// One line a file: 64 hexadecimal digits, two spaces, and the path, which may hold spaces. Empty
/// lines and those that begin with `#` are passed over.
///
/// ```
/// use geno_core::Digest;
/// use geno_provenance::{PublicPath, Checksums};
///
/// let path = PublicPath::new("runs/train log.txt")?;
/// let sums: Checksums = [(path.clone(), Digest::of(b"step"))].into_iter().collect();
/// let read = Checksums::parse(&sums.to_text())?;
/// assert_eq!(read.get(&path), Some(Digest::of(b"step")));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Checksums {
    digests: BTreeMap<PublicPath, Digest>,
    /// The paths in their order.
    order: Vec<PublicPath>,
}

/// Why a text holds no digests of files.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ChecksumsError {
    /// A line is not a digest, two spaces and a path.
    #[error("line {line}: expected 64 hexadecimal digits, two spaces and a path")]
    Line {
        /// From 1.
        line: usize,
    },
    /// A path could leave the folder.
    #[error("line {line}: no path inside the folder")]
    Path {
        /// From 1.
        line: usize,
        /// Why not.
        source: PublicPathError,
    },
    /// A file is there twice.
    #[error("line {line}: `{path}` is here again")]
    Duplicate {
        /// From 1.
        line: usize,
        /// The file.
        path: PublicPath,
    },
    /// There is no file.
    #[error("no file is listed")]
    Empty,
}

impl Coded for ChecksumsError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

/// A file that is not what its line says.
#[derive(Debug, thiserror::Error)]
pub enum VerifyChecksumsError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadFileError),
    /// It has other bytes.
    #[error("`{path}` has other bytes than its line says")]
    Changed {
        /// The file.
        path: PublicPath,
    },
}

impl Coded for VerifyChecksumsError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Read(source) => source.code(),
            Self::Changed { .. } => ErrorCode::ProvenanceManifestHashMismatch,
        }
    }
}

impl Checksums {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`ChecksumsError`].
    pub fn parse(text: &str) -> Result<Self, ChecksumsError> {
        let mut sums = Self::default();
        for (i, text) in text.lines().enumerate() {
            let line = i + 1;
            if text.trim().is_empty() || text.starts_with('#') {
                continue;
            }
            let malformed = ChecksumsError::Line { line };
            let (digits, path) = text.split_once("  ").ok_or(malformed.clone())?;
            let digest = format!("sha256:{}", digits.to_ascii_lowercase());
            let digest = digest.parse().map_err(|_| malformed)?;
            let path = PublicPath::new(path);
            let path = path.map_err(|source| ChecksumsError::Path { line, source })?;
            match sums.digests.entry(path.clone()) {
                Entry::Occupied(_) => return Err(ChecksumsError::Duplicate { line, path }),
                Entry::Vacant(entry) => entry.insert(digest),
            };
            sums.order.push(path);
        }
        match sums.order.is_empty() {
            true => Err(ChecksumsError::Empty),
            false => Ok(sums),
        }
    }

    /// The digest of a file, if it is listed.
    pub fn get(&self, path: &PublicPath) -> Option<Digest> {
        self.digests.get(path).copied()
    }

    /// The files and their digests, in the order of the lines.
    pub fn iter(&self) -> impl Iterator<Item = (&PublicPath, Digest)> {
        self.order.iter().map(|path| (path, self.digests[path]))
    }

    /// Reads every listed file of a folder again.
    ///
    /// # Errors
    ///
    /// [`VerifyChecksumsError`] for the first file in the order of the lines that is not there or has
    /// other bytes.
    pub fn check(&self, folder: &Path) -> Result<(), VerifyChecksumsError> {
        for (path, digest) in self.iter() {
            let found = Artifact::of(folder, path.clone())?;
            if found.digest != digest {
                return Err(VerifyChecksumsError::Changed { path: path.clone() });
            }
        }
        Ok(())
    }

    /// The lines of the file.
    pub fn to_text(&self) -> String {
        let lines = self.iter();
        let lines = lines.map(|(path, digest)| format!("{}  {path}\n", digest.to_hex()));
        lines.collect()
    }
}

/// In the order given; of one path the first digest stays.
impl FromIterator<(PublicPath, Digest)> for Checksums {
    fn from_iter<T: IntoIterator<Item = (PublicPath, Digest)>>(files: T) -> Self {
        let mut sums = Self::default();
        for (path, digest) in files {
            if let Entry::Vacant(entry) = sums.digests.entry(path.clone()) {
                entry.insert(digest);
                sums.order.push(path);
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_none_are_named() {
        let hex = Digest::of(b"x").to_hex();
        let parse = |text: &str| Checksums::parse(text).unwrap_err().to_string();
        assert!(parse(&format!("{hex}  a\nzz  b\n")).starts_with("line 2: expected"));
        assert!(parse(&format!("{hex} a\n")).starts_with("line 1: expected"));
        assert!(parse(&format!("# sums\n{hex}  ../a\n")).starts_with("line 2: no path"));
        assert_eq!(
            parse(&format!("{hex}  a\n{hex}  a\n")),
            "line 2: `a` is here again"
        );
        assert_eq!(parse("\n# nothing\n"), "no file is listed");
        let upper = Checksums::parse(&format!("{}  a b\n", hex.to_uppercase())).unwrap();
        assert_eq!(upper.to_text(), format!("{hex}  a b\n"));

        let folder = tempfile::tempdir().unwrap();
        let missing = upper.check(folder.path());
        assert!(matches!(missing, Err(VerifyChecksumsError::Read(_))));
        std::fs::write(folder.path().join("a b"), "y").unwrap();
        let changed = upper.check(folder.path());
        assert!(matches!(changed, Err(VerifyChecksumsError::Changed { .. })));
        std::fs::write(folder.path().join("a b"), "x").unwrap();
        assert!(upper.check(folder.path()).is_ok());
    }
}
