//! A background that shares no variant with the labels a model is judged by.

use std::{
    collections::BTreeMap,
    fs::File,
    io,
    path::{Path, PathBuf},
};

use geno_core::{Coded, Digest, ErrorCode};
use geno_data::{Exclusion, Fasta, HoldoutError, Holdouts};
use geno_provenance::FileRecord;

use crate::found::ScoredVariant;

/// Label sets, and what becomes of the variants of a background that they hold.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disjoint<'a> {
    /// The sets: VCF files, plain or compressed, or other files of variants and intervals that
    /// [`Holdouts`] reads.
    pub from: &'a [PathBuf],
    /// What becomes of a shared variant.
    pub shared: SharedVariants,
}

/// What becomes of a variant that a background shares with a label set.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum SharedVariants {
    /// It is left out and counted.
    #[default]
    LeaveOut,
    /// There is no table.
    Refuse,
}

/// A label set, as it was compared with a background.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LabelSet {
    /// The file as it is stored.
    pub file: FileRecord,
    /// Variants in it.
    pub variants: u64,
    /// Variants of the background that it holds too.
    pub shared: u64,
}

/// Why a background cannot be told apart from a label set.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DisjointError {
    /// A label set cannot be hashed.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A label set cannot be read.
    #[error("cannot use `{}` as a label set", path.display())]
    Labels {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: HoldoutError,
    },
    /// The background shares a variant with a label set.
    #[error("line {line} of the background is also in `{}` ({})", path.display(), why.as_str())]
    Shared {
        /// The label set.
        path: PathBuf,
        /// The line of the background.
        line: u64,
        /// In what way it is in there.
        why: Exclusion,
    },
}

impl Coded for DisjointError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Io { source, .. } => ErrorCode::of_io(source),
            Self::Labels { source, .. } => source.code(),
            Self::Shared { .. } => ErrorCode::InputGeneric,
        }
    }
}

/// Label sets that were read.
pub(crate) struct LabelSets<'a> {
    shared: SharedVariants,
    sets: Vec<(&'a Path, Holdouts, LabelSet)>,
    /// Variants left out, by reason, each once.
    pub(crate) excluded: BTreeMap<Exclusion, u64>,
}

impl<'a> LabelSets<'a> {
    /// Reads all sets. Variants are compared trimmed and left-aligned against the reference.
    pub(crate) fn read(disjoint: Disjoint<'a>, fasta: &Fasta) -> Result<Self, DisjointError> {
        let read = |path: &'a PathBuf| {
            let mut labels = Holdouts::builder(Some(fasta));
            labels.file(path).map_err(|source| DisjointError::Labels {
                path: path.clone(),
                source,
            })?;
            let labels = labels.build();
            let file = record(path).map_err(|source| DisjointError::Io {
                path: path.clone(),
                source,
            })?;
            let set = LabelSet {
                file,
                variants: labels.counts().variants,
                shared: 0,
            };
            Ok((path.as_path(), labels, set))
        };
        Ok(Self {
            shared: disjoint.shared,
            sets: disjoint.from.iter().map(read).collect::<Result<_, _>>()?,
            excluded: BTreeMap::new(),
        })
    }

    /// Whether a variant of the background is in any of them.
    pub(crate) fn hold(&mut self, scored: &ScoredVariant) -> Result<bool, DisjointError> {
        let (edit, window) = (scored.variant.edit(), &scored.window);
        let relative = edit.relative_to(window.start());
        let relative = relative.expect("a scored variant lies in its window");
        let mut first = None;
        for (path, labels, set) in &mut self.sets {
            let found = labels.edit(edit.chrom(), window.start(), window.bases(), &relative);
            let Some(why) = found else { continue };
            if self.shared == SharedVariants::Refuse {
                return Err(DisjointError::Shared {
                    path: path.to_path_buf(),
                    line: scored.variant.line(),
                    why,
                });
            }
            set.shared += 1;
            first.get_or_insert(why);
        }
        if let Some(why) = first {
            *self.excluded.entry(why).or_default() += 1;
        }
        Ok(first.is_some())
    }

    /// What was compared.
    pub(crate) fn into_sets(self) -> Vec<LabelSet> {
        self.sets.into_iter().map(|(_, _, set)| set).collect()
    }
}

fn record(path: &Path) -> io::Result<FileRecord> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    let digest = Digest::of_reader(file)?;
    Ok(FileRecord { digest, size })
}
