//! Whether scores computed again are those of their receipts.

mod compare;

use std::{path::Path, sync::atomic::AtomicBool};

use geno_core::{Coded, ErrorCode};
use geno_data::{Fasta, RejectedRow, VariantFormat};
use geno_provenance::{MasterSalt, ReadReceiptsError, Receipt, Timestamp};

pub use self::compare::{Comparison, RerunMismatch, Tolerance, compare_receipts};
use crate::{
    annotations::Annotations,
    found::ScoredVariant,
    memory_budget::MemoryBudget,
    receipts::{ReceiptError, ReceiptWriter, Scope},
    run_vcf::{Completion, Progress, RunVcfError, Surprising, VcfInput, Visitor, run_vcf},
    runtime::{EditSurprise, Runtime, RuntimeError, VariantPlace},
    signal::Signals,
};

/// Receipts of a VCF, to be computed again from the VCF, the reference and the model.
#[derive(Clone, Copy, Debug)]
pub struct RerunVcf<'a> {
    /// The variants that were scored.
    pub vcf: &'a Path,
    /// Whether they stand in a list instead of a VCF.
    pub is_list: bool,
    /// The reference they were scored against.
    pub fasta: &'a Path,
    /// Variants computed together. Never changes a result.
    pub batch_size: usize,
    /// Memory that variants may take. Never changes a result.
    pub memory_budget: MemoryBudget,
    /// What was known of every variant's surroundings.
    pub annotations: Annotations<'a>,
    /// The secret that the receipts were made with.
    pub salt: Option<&'a MasterSalt>,
}

/// What a rerun found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RerunSummary {
    /// Receipts compared bit by bit, because the same kernel computed them, and equal.
    pub exact: u64,
    /// Receipts of another kernel, within the tolerance.
    pub within_tolerance: u64,
    /// Largest relative difference of a raw surprise among the latter.
    pub largest_difference: f64,
    /// The widest tolerance that one of them was held to.
    pub tolerance: Option<Tolerance>,
    /// Receipts that do not hold.
    pub mismatches: u64,
}

impl RerunSummary {
    /// Counts a receipt that holds.
    fn add(&mut self, comparison: Comparison) {
        match comparison {
            Comparison::Exact => self.exact += 1,
            Comparison::WithinTolerance {
                difference,
                tolerance,
            } => {
                self.within_tolerance += 1;
                self.largest_difference = self.largest_difference.max(difference);
                let wider = self.tolerance.filter(|widest| widest.raw > tolerance.raw);
                self.tolerance = Some(wider.unwrap_or(tolerance));
            }
        }
    }
}

impl From<Comparison> for RerunSummary {
    /// Of one receipt.
    fn from(comparison: Comparison) -> Self {
        let mut summary = Self::default();
        summary.add(comparison);
        summary
    }
}

/// Why receipts cannot be compared with a rerun.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RerunError {
    /// The VCF cannot be taken through the model.
    #[error(transparent)]
    Run(#[from] RunVcfError),
    /// A score cannot be calibrated.
    #[error(transparent)]
    Calibrate(#[from] RuntimeError),
    /// A receipt cannot be made from the score.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    /// The receipts cannot be read.
    #[error(transparent)]
    Read(#[from] ReadReceiptsError),
    /// Variants are left when the receipts have come to their end.
    #[error("the VCF gives more scores than there are receipts: {receipts}")]
    TooFewReceipts {
        /// How many receipts there are.
        receipts: u64,
    },
    /// Receipts are left when the variants have come to their end.
    #[error("there are more receipts than the {scores} scores that the VCF gives")]
    TooManyReceipts {
        /// How many scores there are.
        scores: u64,
    },
}

impl Coded for RerunError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Run(source) => source.code(),
            Self::Calibrate(source) => source.code(),
            Self::Receipt(source) => source.code(),
            Self::Read(source) => source.code(),
            Self::TooFewReceipts { .. } | Self::TooManyReceipts { .. } => {
                ErrorCode::ProvenanceInputCommitmentMismatch
            }
        }
    }
}

impl Runtime {
    /// Scores a VCF again and compares each score with its receipt, in file order and constant
    /// memory.
    ///
    /// `on_mismatch` is told of each receipt that does not hold, by
    /// its number from 1.
    ///
    /// # Errors
    ///
    /// [`RerunError`] where there is nothing to compare. A receipt that does not hold is no error
    /// of the rerun: it is counted.
    pub fn rerun_vcf(
        &self,
        request: &RerunVcf<'_>,
        receipts: impl Iterator<Item = Result<Receipt, ReadReceiptsError>> + Send,
        on_mismatch: impl FnMut(u64, RerunMismatch) + Send,
        on_progress: impl FnMut(Progress) + Send,
        stop: &AtomicBool,
    ) -> Result<Completion<RerunSummary>, RerunError> {
        // No comparison looks at the time.
        let epoch = Timestamp::from_unix_seconds(0).expect("the epoch is a time");
        let mut rerun = Rerun {
            runtime: self,
            request,
            writer: self.receipt_writer(epoch, request.salt)?,
            receipts,
            on_mismatch,
            n_scores: 0,
            summary: RerunSummary::default(),
        };
        let fasta = Fasta::open(request.fasta).map_err(RunVcfError::from)?;
        let input = VcfInput {
            vcf: request.vcf,
            fasta: &fasta,
            batch_size: request.batch_size,
            memory_budget: request.memory_budget,
            format: match request.is_list {
                true => VariantFormat::List,
                false => request.annotations.vcf_format(),
            },
            done: Progress::default(),
        };
        let surprising = Surprising {
            runtime: self,
            signals: Signals::default(),
        };
        let run = run_vcf(&surprising, &input, &mut rerun, on_progress, stop)?;
        let Completion::Finished(_) = run else {
            return Ok(Completion::Interrupted);
        };
        match rerun.receipts.next() {
            None => Ok(Completion::Finished(rerun.summary)),
            Some(_) => Err(RerunError::TooManyReceipts {
                scores: rerun.n_scores,
            }),
        }
    }
}

/// Compares what a run finds.
struct Rerun<'a, I, F> {
    runtime: &'a Runtime,
    request: &'a RerunVcf<'a>,
    writer: ReceiptWriter,
    receipts: I,
    on_mismatch: F,
    n_scores: u64,
    summary: RerunSummary,
}

impl<I, F> Visitor for Rerun<'_, I, F>
where
    I: Iterator<Item = Result<Receipt, ReadReceiptsError>> + Send,
    F: FnMut(u64, RerunMismatch) + Send,
{
    type Value = EditSurprise;
    type Error = RerunError;

    fn rejected(&mut self, _: RejectedRow) -> Result<(), RerunError> {
        Ok(())
    }

    fn scored(&mut self, scored: &ScoredVariant) -> Result<(), RerunError> {
        let ScoredVariant {
            variant, window, ..
        } = scored;
        let found = scored.together(self.runtime.windows_per_variant());
        let Some(receipt) = self.receipts.next() else {
            let receipts = self.n_scores;
            return Err(RerunError::TooFewReceipts { receipts });
        };
        let receipt = receipt?;
        self.n_scores += 1;
        let place = VariantPlace {
            edit: variant.edit(),
            stated: variant.context(),
            window,
            annotations: self.request.annotations,
        };
        let score = self.runtime.rated(found, place, Signals::default())?.score;
        let scope = Scope::VcfRow(self.n_scores);
        let windows = scored.windows();
        let again = self.writer.write(variant.edit(), &windows, &score, scope)?;
        self.count(compare_receipts(&receipt, &again));
        Ok(())
    }
}

impl<I, F: FnMut(u64, RerunMismatch)> Rerun<'_, I, F> {
    fn count(&mut self, comparison: Result<Comparison, RerunMismatch>) {
        let summary = &mut self.summary;
        match comparison {
            Ok(comparison) => summary.add(comparison),
            Err(mismatch) => {
                summary.mismatches += 1;
                (self.on_mismatch)(self.n_scores, mismatch);
            }
        }
    }
}
