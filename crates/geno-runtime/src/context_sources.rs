//! Files that say what surrounds a variant.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use geno_action::EditSpec;
use geno_core::{Coded, ErrorCode};
use geno_data::{
    Annotation, AnnotationFiles, Annotator, FetchError, OpenAnnotationError, ReadAnnotationError,
    ReferenceError,
};
use geno_provenance::FileRecord;
use geno_surprise::ClassifyContextError;

/// Genes, regions and repeats in which variants are looked up, one after the other.
///
/// Variants in genome order take the least time.
pub struct ContextSources {
    annotator: Mutex<Annotator>,
    files: Vec<FileRecord>,
    settings: String,
}

/// Why a variant has no context.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContextError {
    /// Its window has no GC fraction, or words for it mean nothing.
    #[error(transparent)]
    Classify(#[from] ClassifyContextError),
    /// The reference cannot be read.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// It does not fit the reference.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
}

impl Coded for ContextError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Classify(source) => source.code(),
            Self::Fetch(source) => source.code(),
            Self::Reference(source) => source.code(),
        }
    }
}

impl ContextSources {
    /// Reads them, and hashes the files besides the reference.
    ///
    /// # Errors
    ///
    /// [`OpenAnnotationError`] if a file cannot be read or holds nothing of use.
    pub fn open(files: &AnnotationFiles) -> Result<Self, OpenAnnotationError> {
        let records = |files: &AnnotationFiles| -> Result<Vec<FileRecord>, ReadAnnotationError> {
            let digests = files.digests()?.into_iter();
            let record = |(digest, size)| FileRecord { digest, size };
            Ok(digests.map(record).collect())
        };
        let counts = [
            files.genes.iter().len(),
            files.regions.len(),
            files.repeats.len(),
        ];
        let regions = files.regions.iter().map(|file| format!("{:?}", file.class));
        let repeats = files.repeats.iter().map(|file| format!("{:?}", file.class));
        let classes: Vec<String> = regions.chain(repeats).collect();
        Ok(Self {
            annotator: Mutex::new(Annotator::new(files.open()?)),
            files: records(files)?,
            settings: format!(
                "{counts:?} {classes:?} upstream {} tandem {} mask {}",
                files.upstream, files.tandem_repeats, files.soft_mask,
            ),
        })
    }

    /// What they say of an edit.
    pub(crate) fn annotate(&self, edit: &EditSpec) -> Result<Annotation, ContextError> {
        let annotator = self.annotator.lock();
        let mut annotator = annotator.unwrap_or_else(PoisonError::into_inner);
        Ok(annotator.annotate(edit)??)
    }

    /// The files, as they are stored.
    pub(crate) fn files(&self) -> &[FileRecord] {
        &self.files
    }

    /// What tells them from others.
    pub(crate) fn key(&self) -> String {
        let digests = self.files.iter().map(|file| format!(" {}", file.digest));
        self.settings.clone() + &digests.collect::<String>()
    }
}

impl fmt::Debug for ContextSources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextSources")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
