//! Files of a release, each once.

use std::collections::{BTreeMap, btree_map::Entry};

use geno_core::{Coded, ErrorCode};

use super::{Workspace, WorkspaceError};
use crate::{Artifact, FieldError, Fields, Json, PublicPath};

/// Files by their paths, each once.
///
/// ```
/// use geno_core::Digest;
/// use geno_provenance::{PublicPath, Artifact, release::ArtifactSet};
///
/// let file = |path, bytes: &[u8]| {
///     let path = PublicPath::new(path)?;
///     let (digest, size) = (Digest::of(bytes), bytes.len() as u64);
///     Ok::<_, Box<dyn std::error::Error>>(Artifact { path, digest, size })
/// };
/// let planned = ArtifactSet::new([file("model/a", b"1")?, file("model/b", b"2")?])?;
/// let served = ArtifactSet::new([file("model/a", b"x")?, file("model/c", b"3")?])?;
/// let difference = planned.difference(&served);
/// assert_eq!(difference.missing[0].as_str(), "model/b");
/// assert_eq!(difference.unexpected[0].as_str(), "model/c");
/// assert_eq!(difference.changed[0].as_str(), "model/a");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ArtifactSet(BTreeMap<PublicPath, Artifact>);

/// A file that is there twice.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{path}` is listed twice")]
pub struct DuplicateArtifactError {
    /// The file.
    pub path: PublicPath,
}

impl Coded for DuplicateArtifactError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

/// How files that were found differ from those that were expected. All lists are sorted.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ArtifactSetDifference {
    /// Expected and not found.
    pub missing: Vec<PublicPath>,
    /// Found and not expected.
    pub unexpected: Vec<PublicPath>,
    /// Found with other bytes.
    pub changed: Vec<PublicPath>,
}

impl ArtifactSetDifference {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.unexpected.is_empty() && self.changed.is_empty()
    }
}

/// How a file differs from what a report says of it.
#[derive(Debug, thiserror::Error)]
pub enum Drift {
    /// It cannot be looked at.
    #[error(transparent)]
    Unreadable(#[from] WorkspaceError),
    /// It has another size.
    #[error("`{path}` has {found} bytes, and had {expected}")]
    Size {
        /// The file.
        path: PublicPath,
        /// Its size by the report.
        expected: u64,
        /// Its size.
        found: u64,
    },
    /// It has other bytes.
    #[error("`{path}` has other bytes than it had")]
    Digest {
        /// The file.
        path: PublicPath,
    },
}

impl Coded for Drift {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Unreadable(source) => source.code(),
            Self::Size { .. } | Self::Digest { .. } => ErrorCode::ProvenanceManifestHashMismatch,
        }
    }
}

impl ArtifactSet {
    /// Collects files.
    ///
    /// # Errors
    ///
    /// [`DuplicateArtifactError`].
    pub fn new(files: impl IntoIterator<Item = Artifact>) -> Result<Self, DuplicateArtifactError> {
        let mut set = Self::default();
        for file in files {
            set.insert(file)?;
        }
        Ok(set)
    }

    /// Adds a file.
    ///
    /// # Errors
    ///
    /// [`DuplicateArtifactError`].
    pub fn insert(&mut self, file: Artifact) -> Result<(), DuplicateArtifactError> {
        match self.0.entry(file.path.clone()) {
            Entry::Occupied(_) => Err(DuplicateArtifactError { path: file.path }),
            Entry::Vacant(entry) => {
                entry.insert(file);
                Ok(())
            }
        }
    }

    /// A file, if it is there.
    pub fn get(&self, path: &PublicPath) -> Option<&Artifact> {
        self.0.get(path)
    }

    /// The files, sorted by path.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Artifact> {
        self.0.values()
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no file.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How the files that were found differ from these, which were expected.
    pub fn difference(&self, found: &Self) -> ArtifactSetDifference {
        let mut difference = ArtifactSetDifference::default();
        for (path, expected) in &self.0 {
            match found.get(path) {
                None => difference.missing.push(path.clone()),
                Some(found) if found != expected => difference.changed.push(path.clone()),
                Some(_) => {}
            }
        }
        let unexpected = found.0.keys().filter(|path| !self.0.contains_key(path));
        difference.unexpected = unexpected.cloned().collect();
        difference
    }

    /// Reads every file again, and says which are not what they were.
    pub fn drifts(&self, workspace: &Workspace) -> Vec<Drift> {
        let drift = |expected: &Artifact| match workspace.observe(&expected.path) {
            Err(source) => Some(Drift::Unreadable(source)),
            Ok(found) if found.size != expected.size => Some(Drift::Size {
                path: found.path,
                expected: expected.size,
                found: found.size,
            }),
            Ok(found) if found.digest != expected.digest => {
                Some(Drift::Digest { path: found.path })
            }
            Ok(_) => None,
        };
        self.iter().filter_map(drift).collect()
    }

    /// Takes a list of files, which is sorted.
    pub(super) fn take(fields: &mut Fields, key: &str) -> Result<Self, FieldError> {
        let mut set = Self::default();
        for mut item in fields.objects(key)? {
            let file = Artifact::take(&mut item)?;
            item.finish()?;
            let last = set.0.last_key_value();
            if last.is_some_and(|(last, _)| *last >= file.path) {
                let field = key.to_owned();
                return Err(FieldError::Unsorted { field });
            }
            set.0.insert(file.path.clone(), file);
        }
        Ok(set)
    }
}

impl From<&ArtifactSet> for Json {
    fn from(set: &ArtifactSet) -> Self {
        Self::Array(set.iter().map(|file| Self::object(file.fields())).collect())
    }
}
