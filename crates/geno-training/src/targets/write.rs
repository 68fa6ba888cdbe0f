//! Writing a folder of targets, part by part.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use geno_core::{Coded, ErrorCode};
use geno_provenance::{AtomicWriteError, write_atomic};

use super::{
    Example, LeftOut, OpenTargetsError, TargetCounts, TargetIdentity,
    manifest::{MANIFEST, Manifest, PartRecord},
    part::{Part, stored},
};
use crate::IdentityDifference;

/// An example and its states `[1 + n_edits, d_state]`, source state first.
#[derive(Clone, Debug)]
pub struct ExampleStates {
    /// The edits.
    pub example: Example,
    /// The states.
    pub states: Vec<f32>,
}

/// Writes the parts of a folder in their order.
#[derive(Debug)]
pub struct TargetWriter {
    folder: PathBuf,
    manifest: Manifest,
}

/// Why targets were not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteTargetsError {
    /// There are targets already.
    #[error("`{}` holds targets: go on with `--resume`, or name another folder", path.display())]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// The folder could not be made.
    #[error("cannot create `{}`", path.display())]
    Create {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What is there cannot be used.
    #[error(transparent)]
    Open(#[from] OpenTargetsError),
    /// What is there are other targets.
    #[error("`{}` holds other targets: {difference}", path.display())]
    Other {
        /// The folder.
        path: PathBuf,
        /// Where they differ.
        difference: IdentityDifference,
    },
    /// A state is not finite.
    #[error("a state of example {example} is not finite")]
    NotFinite {
        /// Which example of the part.
        example: usize,
    },
    /// A file could not be written.
    #[error(transparent)]
    Write(#[from] AtomicWriteError),
}

impl Coded for WriteTargetsError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Exists { .. } | Self::Other { .. } => ErrorCode::InputGeneric,
            Self::Create { source, .. } => ErrorCode::of_io(source),
            Self::Open(source) => source.code(),
            Self::NotFinite { .. } => ErrorCode::ResourceWeights,
            Self::Write(source) => source.code(),
        }
    }
}

impl TargetWriter {
    /// Begins a folder.
    ///
    /// # Errors
    ///
    /// [`WriteTargetsError::Exists`] if it holds targets, and others if it cannot be written.
    pub fn create(folder: &Path, identity: TargetIdentity) -> Result<Self, WriteTargetsError> {
        if fs::symlink_metadata(folder.join(MANIFEST)).is_ok() {
            let path = folder.to_owned();
            return Err(WriteTargetsError::Exists { path });
        }
        fs::create_dir_all(folder).map_err(|source| WriteTargetsError::Create {
            path: folder.to_owned(),
            source,
        })?;
        let writer = Self {
            folder: folder.to_owned(),
            manifest: Manifest::new(identity),
        };
        writer.manifest.write(folder)?;
        Ok(writer)
    }

    /// Goes on behind the parts that a folder holds, whose digests are compared. A folder without
    /// targets is begun.
    ///
    /// # Errors
    ///
    /// [`WriteTargetsError::Other`] if they are of another identity, and others.
    pub fn resume(folder: &Path, identity: TargetIdentity) -> Result<Self, WriteTargetsError> {
        if fs::symlink_metadata(folder.join(MANIFEST)).is_err() {
            return Self::create(folder, identity);
        }
        let manifest = Manifest::read(folder)?;
        if let Some(difference) = IdentityDifference::between(&manifest.identity, &identity) {
            let path = folder.to_owned();
            return Err(WriteTargetsError::Other { path, difference });
        }
        let mut counts = TargetCounts::default();
        for record in &manifest.parts {
            Part::open(folder, record, identity.states.d_state, &mut counts)?.verify()?;
        }
        if counts != manifest.counts {
            let (path, what) = (folder.to_owned(), "counts");
            return Err(OpenTargetsError::Counts { path, what }.into());
        }
        Ok(Self {
            folder: folder.to_owned(),
            manifest,
        })
    }

    /// How many parts are written.
    pub fn n_parts(&self) -> usize {
        self.manifest.parts.len()
    }

    /// Whether nothing is left to write.
    pub fn is_complete(&self) -> bool {
        self.manifest.is_complete
    }

    /// What the parts hold.
    pub fn counts(&self) -> &TargetCounts {
        &self.manifest.counts
    }

    /// What was left out of them.
    pub fn left_out(&self) -> &LeftOut {
        &self.manifest.left_out
    }

    /// Writes the next part, whole or not at all.
    ///
    /// # Errors
    ///
    /// [`WriteTargetsError::NotFinite`] and [`WriteTargetsError::Write`].
    ///
    /// # Panics
    ///
    /// If an example has not one state for each edit and one before them.
    pub fn write(
        &mut self,
        part: &[ExampleStates],
        left_out: &LeftOut,
    ) -> Result<(), WriteTargetsError> {
        let d_state = self.manifest.identity.states.d_state;
        let (mut states, mut lines) = (Vec::new(), String::new());
        let mut counts = TargetCounts::default();
        for (i, given) in part.iter().enumerate() {
            let n_rows = 1 + given.example.edits().len();
            assert_eq!(given.states.len(), n_rows * d_state, "states of an example");
            if !given.states.iter().all(|value| value.is_finite()) {
                return Err(WriteTargetsError::NotFinite { example: i });
            }
            states.extend(given.states.iter().flat_map(|value| value.to_le_bytes()));
            lines.push_str(&given.example.to_line());
            lines.push('\n');
            counts.count(&given.example);
        }
        let record = PartRecord {
            name: PartRecord::name_of(self.n_parts()),
            examples: counts.examples,
            rows: counts.examples + counts.edits,
            states: stored(&states),
            lines: stored(lines.as_bytes()),
        };
        for (ending, bytes) in [("states", states.as_slice()), ("jsonl", lines.as_bytes())] {
            let path = self.folder.join(format!("{}.{ending}", record.name));
            write_atomic(&path, |file| file.write_all(bytes))?;
        }
        self.manifest.parts.push(record);
        self.manifest.counts.add(&counts);
        self.manifest.left_out.add(left_out);
        Ok(self.manifest.write(&self.folder)?)
    }

    /// Says that all parts are written.
    ///
    /// # Errors
    ///
    /// [`WriteTargetsError::Write`].
    pub fn finish(mut self) -> Result<(), WriteTargetsError> {
        self.manifest.is_complete = true;
        Ok(self.manifest.write(&self.folder)?)
    }
}
