//! The files that edits are annotated from.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use geno_core::{Coded, Digest, ErrorCode, RegionClass, RepeatClass};

use super::{
    annotator::{AnnotationSources, DEFAULT_UPSTREAM},
    genes::Genes,
    labelled::{Labelled, LabelledFile},
    rows::ReadAnnotationError,
};
use crate::fasta::{Fasta, OpenFastaError};

/// What edits are to be annotated from. Nothing has to be there.
#[derive(Clone, Debug)]
pub struct AnnotationFiles {
    /// The reference. Without it, changes of a coding sequence are not translated.
    pub fasta: Option<PathBuf>,
    /// Transcripts: GTF, GFF3 or BED.
    pub genes: Option<PathBuf>,
    /// Bases before a transcript that are `upstream_gene_variant`.
    pub upstream: u64,
    /// Regions with a class: BED.
    pub regions: Vec<LabelledFile<RegionClass>>,
    /// Repeats: BED, `rmsk` or what RepeatMasker writes.
    pub repeats: Vec<LabelledFile<RepeatClass>>,
    /// Whether tandem repeats are looked for in the reference.
    pub tandem_repeats: bool,
    /// Whether lower case in the reference is a transposon where nothing else is known of it.
    pub soft_mask: bool,
}

impl Default for AnnotationFiles {
    fn default() -> Self {
        Self {
            fasta: None,
            genes: None,
            upstream: DEFAULT_UPSTREAM,
            regions: Vec::new(),
            repeats: Vec::new(),
            tandem_repeats: false,
            soft_mask: false,
        }
    }
}

/// Why sources of annotations cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenAnnotationError {
    /// The reference.
    #[error(transparent)]
    Fasta(#[from] OpenFastaError),
    /// Genes, regions or repeats.
    #[error(transparent)]
    Rows(#[from] ReadAnnotationError),
}

impl Coded for OpenAnnotationError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Fasta(source) => source.code(),
            Self::Rows(source) => source.code(),
        }
    }
}

impl AnnotationFiles {
    /// Whether there is anything besides a reference.
    pub fn has_any(&self) -> bool {
        self.genes.is_some()
            || !self.regions.is_empty()
            || !self.repeats.is_empty()
            || self.tandem_repeats
            || self.soft_mask
    }

    /// Reads them.
    ///
    /// # Errors
    ///
    /// [`OpenAnnotationError`] if a file cannot be read or holds nothing of use.
    pub fn open(&self) -> Result<AnnotationSources, OpenAnnotationError> {
        Ok(AnnotationSources {
            fasta: self
                .fasta
                .as_ref()
                .map(Fasta::open)
                .transpose()?
                .map(Arc::new),
            genes: self.genes.as_ref().map(Genes::open).transpose()?,
            upstream: self.upstream,
            regions: match self.regions.as_slice() {
                [] => None,
                files => Some(Labelled::<RegionClass>::regions(files)?),
            },
            repeats: match self.repeats.as_slice() {
                [] => None,
                files => Some(Labelled::<RepeatClass>::repeats(files)?),
            },
            tandem_repeats: self.tandem_repeats,
            soft_mask: self.soft_mask,
        })
    }

    /// The files besides the reference, as they are stored: genes, then regions, then repeats.
    ///
    /// # Errors
    ///
    /// [`ReadAnnotationError`] if one cannot be read.
    pub fn digests(&self) -> Result<Vec<(Digest, u64)>, ReadAnnotationError> {
        let regions = self.regions.iter().map(|file| &file.path);
        let repeats = self.repeats.iter().map(|file| &file.path);
        let paths = self.genes.iter().chain(regions).chain(repeats);
        let digest = |path: &PathBuf| {
            let path = path.as_path();
            digest(path).map_err(|source| ReadAnnotationError::Io {
                path: path.to_owned(),
                source,
            })
        };
        paths.map(digest).collect()
    }
}

fn digest(path: &Path) -> io::Result<(Digest, u64)> {
    let file = std::fs::File::open(path)?;
    let size = file.metadata()?.len();
    Ok((Digest::of_reader(file)?, size))
}
