//! From a VCF and a FASTA to files of scores and receipts.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use geno_core::{Coded, ErrorCode};
use geno_data::{Fasta, OpenFastaError, PlaceError, RejectedRow, VcfError};
use geno_provenance::{AtomicWriteError, Timestamp};

use crate::{
    annotations::Annotations,
    batches::{Batch, Batches},
    outputs::Outputs,
    receipts::ReceiptError,
    rows::{RowFormat, ScoreRow},
    runtime::{Runtime, RuntimeError},
};

/// A VCF to score.
#[derive(Clone, Debug)]
pub struct ScoreVcf<'a> {
    /// The variants: plain, gzip or bgzip; `-` for standard input.
    pub vcf: &'a Path,
    /// The reference, plain or bgzip.
    pub fasta: &'a Path,
    /// Where scores go; `None` for standard output.
    pub output: Option<&'a Path>,
    /// How scores are written.
    pub format: RowFormat,
    /// Where receipts go, one a line.
    pub receipts: Option<&'a Path>,
    /// Where rejected rows go, one a line. The file is written only if there are any.
    pub rejected: Option<&'a Path>,
    /// The time that receipts carry.
    pub timestamp: Timestamp,
    /// Variants computed together. Never changes a result.
    pub batch_size: usize,
    /// Whether the first rejected row ends the run.
    pub strict: bool,
    /// What is known of every variant's surroundings.
    pub annotations: Annotations<'a>,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Progress {
    /// Bytes of the VCF read, compressed.
    pub bytes: u64,
    /// Size of the VCF, unless it comes from standard input.
    pub total_bytes: Option<u64>,
    /// Alternates scored.
    pub scored: u64,
    /// Rows rejected.
    pub rejected: u64,
}

/// How a run that could be stopped ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Completion<T> {
    /// It finished.
    Finished(T),
    /// It was stopped; nothing was written under a final name.
    Interrupted,
}

/// What a run did.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ScoreSummary {
    /// Alternates scored.
    pub scored: u64,
    /// Alternates among them that could not share the pass over their reference window.
    pub full_passes: u64,
    /// Rows rejected, by reason.
    pub rejected: BTreeMap<&'static str, u64>,
    /// The sidecar, if it was written.
    pub rejected_path: Option<PathBuf>,
}

/// Why a VCF could not be scored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScoreVcfError {
    /// The FASTA cannot be used.
    #[error(transparent)]
    Fasta(#[from] OpenFastaError),
    /// The VCF cannot be read.
    #[error(transparent)]
    Vcf(#[from] VcfError),
    /// Variants cannot be placed.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The model cannot score.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// A receipt cannot be written.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    /// An output file cannot be written.
    #[error(transparent)]
    Write(#[from] AtomicWriteError),
    /// An output cannot be written to.
    #[error("cannot write {what}")]
    Output {
        /// `scores`, `receipts` or `rejected rows`.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// An output has the name of an input or of another output.
    #[error("output `{}` is named for another file too", path.display())]
    SameFile {
        /// The name.
        path: PathBuf,
    },
    /// A batch holds nothing.
    #[error("batch size is 0")]
    BatchSize,
    /// A row was rejected in strict mode.
    #[error("line {} of the VCF is rejected: {}", .0.line, .0.reason)]
    Rejected(Box<RejectedRow>),
}

impl Coded for ScoreVcfError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Fasta(source) => source.code(),
            Self::Vcf(source) => source.code(),
            Self::Place(source) => source.code(),
            Self::Runtime(source) => source.code(),
            Self::Receipt(source) => source.code(),
            Self::Write(source) => source.code(),
            Self::Output { source, .. } => ErrorCode::of_io(source),
            Self::SameFile { .. } | Self::BatchSize => ErrorCode::InputGeneric,
            Self::Rejected(row) => row.code(),
        }
    }
}

impl Runtime {
    /// Scores every variant of a VCF that can be scored.
    ///
    /// Variants are grouped into sites, computed in batches and written in file order. Outputs
    /// appear whole, by rename, when everything is done; `stop` is looked at between batches.
    ///
    /// # Errors
    ///
    /// [`ScoreVcfError`]. Rows that cannot be scored are no error unless `strict`.
    pub fn score_vcf(
        &self,
        request: &ScoreVcf<'_>,
        mut on_progress: impl FnMut(Progress),
        stop: &AtomicBool,
    ) -> Result<Completion<ScoreSummary>, ScoreVcfError> {
        request.check()?;
        let fasta = Fasta::open(request.fasta)?;
        let mut outputs = Outputs::create(self, request)?;
        let windows = self.windows();
        let mut batches = Batches::open(request.vcf, &fasta, windows, request.batch_size)?;

        let mut progress = Progress::default();
        let mut full_passes = 0;
        while let Some(Batch { sites, rejected }) = batches.next_batch()? {
            if stop.load(Ordering::Relaxed) {
                return Ok(Completion::Interrupted);
            }
            for row in rejected {
                if request.strict {
                    return Err(ScoreVcfError::Rejected(Box::new(row)));
                }
                outputs.write_rejected(&row)?;
                progress.rejected += 1;
            }
            let inputs: Vec<_> = sites.iter().map(|placed| placed.site().clone()).collect();
            let (sigmas, reuse) = self.surprise(&inputs)?;
            full_passes += reuse.full as u64;
            for (placed, sigmas) in sites.iter().zip(sigmas) {
                let window = placed.site().window();
                for (variant, sigma) in placed.variants().iter().zip(sigmas) {
                    let score = self.calibrated(sigma, window, request.annotations)?;
                    let row = ScoreRow {
                        edit: variant.edit(),
                        score: &score,
                    };
                    progress.scored += 1;
                    outputs.write_score(&row, window, progress.scored)?;
                }
            }
            let read = batches.progress();
            (progress.bytes, progress.total_bytes) = (read.read, read.total);
            on_progress(progress);
        }
        if stop.load(Ordering::Relaxed) {
            return Ok(Completion::Interrupted);
        }
        let (rejected, rejected_path) = outputs.commit()?;
        let scored = progress.scored;
        let summary = ScoreSummary {
            scored,
            full_passes,
            rejected,
            rejected_path,
        };
        Ok(Completion::Finished(summary))
    }
}

impl ScoreVcf<'_> {
    fn check(&self) -> Result<(), ScoreVcfError> {
        if self.batch_size == 0 {
            return Err(ScoreVcfError::BatchSize);
        }
        let outputs = [self.output, self.receipts, self.rejected]
            .into_iter()
            .flatten();
        let mut taken = vec![self.vcf, self.fasta];
        for path in outputs {
            if taken.contains(&path) {
                return Err(ScoreVcfError::SameFile {
                    path: path.to_owned(),
                });
            }
            taken.push(path);
        }
        Ok(())
    }
}
