//! A VCF through a model.

use std::{
    io,
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

use geno_core::{Coded, ErrorCode};
use geno_data::{
    Fasta, OpenFastaError, PlaceError, RejectedRow, SiteChunks, SiteWindows, Skip, VariantFormat,
    VariantReader, VcfError,
};
use geno_provenance::FileRecord;

use crate::{
    carbon_baseline::LikelihoodCacheError,
    found::{ScoredVariant, SiteBatch, SiteScores},
    memory_budget::MemoryBudget,
    pipeline::{Pipeline, Sink},
    run_log::RunLog,
    runtime::{Runtime, RuntimeError, SiteSurprise},
    signal::Signals,
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
    /// Alternates among them that could not share the pass over their reference window, each once for
    /// each of its windows.
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
    /// What was computed cannot be remembered.
    #[error(transparent)]
    Cache(#[from] LikelihoodCacheError),
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
            Self::Cache(source) => source.code(),
            Self::HashFasta { source, .. } => ErrorCode::of_io(source),
        }
    }
}

/// What is run, and how much of it at once.
pub(crate) struct VcfInput<'a> {
    pub(crate) vcf: &'a Path,
    pub(crate) fasta: &'a Fasta,
    pub(crate) batch_size: usize,
    pub(crate) memory_budget: MemoryBudget,
    pub(crate) format: VariantFormat,
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

/// What computes the sites of a VCF.
pub(crate) trait SiteScorer {
    type Scores: SiteScores;

    /// How windows are laid over the variants.
    fn windows(&self) -> SiteWindows;

    /// How further windows are laid over each, if it has several.
    fn shifted(&self) -> &[SiteWindows] {
        &[]
    }

    /// Variants that are held at a time within a budget.
    fn variants_within(&self, budget: MemoryBudget) -> usize;

    /// What is found of every site, in order.
    fn score(&self, batch: SiteBatch<'_>) -> Result<Vec<Self::Scores>, RunVcfError>;
}

/// What a scorer finds of an edit.
pub(crate) type Value<S> = <<S as SiteScorer>::Scores as SiteScores>::Value;

/// A model that is asked for surprise and these signals.
pub(crate) struct Surprising<'a> {
    pub(crate) runtime: &'a Runtime,
    pub(crate) signals: Signals<'a>,
}

impl SiteScorer for Surprising<'_> {
    type Scores = SiteSurprise;

    fn windows(&self) -> SiteWindows {
        self.runtime.windows()
    }

    fn shifted(&self) -> &[SiteWindows] {
        self.runtime.shifted_windows()
    }

    fn variants_within(&self, budget: MemoryBudget) -> usize {
        self.runtime.variants_within(budget)
    }

    fn score(&self, batch: SiteBatch<'_>) -> Result<Vec<SiteSurprise>, RunVcfError> {
        Ok(self.runtime.surprise(batch, self.signals)?)
    }
}

/// Takes what a run finds, in file order.
pub(crate) trait Visitor: Send {
    type Value;
    type Error: From<RunVcfError> + Send;

    /// A row that cannot be scored.
    fn rejected(&mut self, row: RejectedRow) -> Result<(), Self::Error>;

    /// A variant and what was found of it.
    fn scored(&mut self, scored: &ScoredVariant<Self::Value>) -> Result<(), Self::Error>;

    /// Everything up to here was given.
    fn paused(&mut self, _progress: &Progress, _pause: Pause) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// Takes a VCF through a model, unless it is stopped between two batches.
pub(crate) fn run_vcf<S: SiteScorer, V: Visitor<Value = Value<S>>>(
    scorer: &S,
    input: &VcfInput<'_>,
    visitor: &mut V,
    on_progress: impl FnMut(Progress) + Send,
    stop: &AtomicBool,
) -> Result<Completion<Ran>, V::Error> {
    if input.batch_size == 0 {
        return Err(RunVcfError::BatchSize.into());
    }
    let log = RunLog::start(input.vcf, input.fasta.path(), input.done);
    let rows = VariantReader::open(input.vcf, input.format, input.fasta);
    let rows = rows.map_err(RunVcfError::from)?;
    let max_rows = scorer.variants_within(input.memory_budget);
    let chunks = SiteChunks::new(rows, input.fasta, scorer.windows(), max_rows);
    let chunks = chunks.and_in(scorer.shifted()).skipping(Skip {
        variants: input.done.scored,
        rejected: input.done.rejected,
    });
    let pipeline = Pipeline {
        scorer,
        batch_size: input.batch_size,
        stop,
    };
    let sink = Sink {
        visitor,
        on_progress,
        log,
        done: input.done,
    };
    Ok(match pipeline.run(chunks, sink)? {
        None => Completion::Interrupted,
        Some((progress, vcf)) => Completion::Finished(Ran { progress, vcf }),
    })
}
