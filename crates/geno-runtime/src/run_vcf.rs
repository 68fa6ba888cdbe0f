//! A VCF through a model, a batch of sites at a time.

use std::{
    io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use geno_core::{Coded, ErrorCode, Event};
use geno_data::{Fasta, OpenFastaError, PlaceError, PlacedSite, RejectedRow, Skip, VcfError};
use geno_provenance::FileRecord;

use crate::{
    batches::{Batch, Batches},
    run_log::RunLog,
    runtime::{Runtime, RuntimeError},
};

/// How far a run has come.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Progress {
    /// Bytes of the VCF read, compressed.
    pub bytes: u64,
    /// Size of the VCF, unless it comes from standard input.
    pub total_bytes: Option<u64>,
    /// Alternates scored.
    pub scored: u64,
    /// Alternates among them that could not share the pass over their reference window.
    pub full_passes: u64,
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

/// Why a VCF could not be taken through a model.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunVcfError {
    /// A batch holds nothing.
    #[error("batch size is 0")]
    BatchSize,
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
    /// The FASTA cannot be hashed.
    #[error("cannot hash FASTA file `{}`", path.display())]
    HashFasta {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Coded for RunVcfError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::BatchSize => ErrorCode::InputGeneric,
            Self::Fasta(source) => source.code(),
            Self::Vcf(source) => source.code(),
            Self::Place(source) => source.code(),
            Self::Runtime(source) => source.code(),
            Self::HashFasta { source, .. } => ErrorCode::of_io(source),
        }
    }
}

/// What is run, and how much of it at once.
pub(crate) struct VcfInput<'a> {
    pub(crate) vcf: &'a Path,
    pub(crate) fasta: &'a Fasta,
    pub(crate) batch_size: usize,
    /// What an earlier run has done of it, and is not done again.
    pub(crate) done: Progress,
}

/// A run that came to its end.
pub(crate) struct Ran {
    pub(crate) progress: Progress,
    /// The VCF as it is stored: the bytes that the rows came from.
    pub(crate) vcf: FileRecord,
}

/// Where a run pauses.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Pause {
    /// Between two batches.
    Batch,
    /// Somebody stopped it.
    Stopped,
    /// It is over.
    End,
}

/// Takes what a run finds, in file order; rejected rows may come before the sites of their batch.
pub(crate) trait Visitor {
    type Error: From<RunVcfError>;

    /// A row that cannot be scored.
    fn rejected(&mut self, row: RejectedRow) -> Result<(), Self::Error>;

    /// A site and the raw surprise of each of its variants.
    fn scored(&mut self, site: &PlacedSite, sigmas: &[f64]) -> Result<(), Self::Error>;

    /// Everything up to here was given.
    fn paused(&mut self, _progress: &Progress, _pause: Pause) -> Result<(), Self::Error> {
        Ok(())
    }
}

impl Runtime {
    /// Runs a VCF, unless it is stopped between two batches.
    pub(crate) fn run_vcf<V: Visitor>(
        &self,
        input: &VcfInput<'_>,
        visitor: &mut V,
        on_progress: impl FnMut(Progress),
        stop: &AtomicBool,
    ) -> Result<Completion<Ran>, V::Error> {
        if input.batch_size == 0 {
            return Err(RunVcfError::BatchSize.into());
        }
        let log = RunLog::start(input.vcf, input.fasta.path(), input.done);
        let skip = Skip {
            variants: input.done.scored,
            rejected: input.done.rejected,
        };
        let (windows, size) = (self.windows(), input.batch_size);
        let mut batches = Batches::open(input.vcf, input.fasta, windows, size, skip)
            .map_err(RunVcfError::from)?;
        let run = self.run_batches(&mut batches, visitor, log, input.done, on_progress, stop)?;
        let Completion::Finished(progress) = run else {
            return Ok(Completion::Interrupted);
        };
        let vcf = FileRecord {
            digest: batches.digest().expect("the VCF was read to its end"),
            size: batches.progress().read,
        };
        Ok(Completion::Finished(Ran { progress, vcf }))
    }

    fn run_batches<V: Visitor>(
        &self,
        batches: &mut Batches<'_>,
        visitor: &mut V,
        mut log: RunLog,
        mut progress: Progress,
        mut on_progress: impl FnMut(Progress),
        stop: &AtomicBool,
    ) -> Result<Completion<Progress>, V::Error> {
        while let Some(batch) = batches.next_batch().map_err(RunVcfError::from)? {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            self.run_batch(batch, visitor, &mut progress)?;
            let read = batches.progress();
            (progress.bytes, progress.total_bytes) = (read.read, read.total);
            visitor.paused(&progress, Pause::Batch)?;
            log.batch_ended(&progress);
            on_progress(progress);
        }
        let is_stopped = stop.load(Ordering::Relaxed);
        let pause = if is_stopped {
            Pause::Stopped
        } else {
            Pause::End
        };
        visitor.paused(&progress, pause)?;
        log.ended(&progress, !is_stopped);
        match is_stopped {
            true => Ok(Completion::Interrupted),
            false => Ok(Completion::Finished(progress)),
        }
    }

    fn run_batch<V: Visitor>(
        &self,
        batch: Batch,
        visitor: &mut V,
        progress: &mut Progress,
    ) -> Result<(), V::Error> {
        for row in batch.rejected {
            progress.rejected += 1;
            let error_code = row.code();
            Event::InferenceRowRejected { error_code }.emit();
            visitor.rejected(row)?;
        }
        let sites: Vec<_> = batch
            .sites
            .iter()
            .map(|placed| placed.site().clone())
            .collect();
        let (sigmas, reuse) = self.surprise(&sites).map_err(RunVcfError::from)?;
        progress.full_passes += reuse.full as u64;
        for (placed, sigmas) in batch.sites.iter().zip(sigmas) {
            progress.scored += sigmas.len() as u64;
            visitor.scored(placed, &sigmas)?;
        }
        Ok(())
    }
}
