//! Haplotypes of a file through a model.

mod error;
mod place;
mod rows;
mod states;

use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use geno_action::Haplotype;
use geno_core::Event;
use geno_data::{
    CarriedHaplotype, CarriedHaplotypes, Fasta, HaplotypeOptions, RejectedRow, Variant, VcfReader,
};

use self::rows::{CarriedRows, PlacedRow, Rows, VariantRows};
pub use self::{error::RollError, place::PlaceEditsError, states::RolledStates};
use crate::{run_vcf::Completion, runtime::Runtime};

/// How much is rolled, and how.
#[derive(Clone, Copy, Debug)]
pub struct RollOptions {
    /// Haplotypes that are computed together; at least 1.
    pub batch_size: usize,
    /// Whether the edited windows are encoded, too.
    pub encodes: bool,
    /// Stop after so many haplotypes.
    pub max_haplotypes: Option<u64>,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct RollProgress {
    /// Bytes of the VCF read, compressed.
    pub bytes: u64,
    /// Size of the VCF, unless it comes from standard input.
    pub total_bytes: Option<u64>,
    /// Haplotypes rolled.
    pub rolled: u64,
    /// Rows rejected.
    pub rejected: u64,
}

/// What a file gives: `T` is where a haplotype comes from.
#[derive(Clone, Debug)]
pub enum RolledRow<T> {
    /// A haplotype and its states.
    Rolled {
        /// Where it comes from.
        origin: T,
        /// Its states.
        states: RolledStates,
    },
    /// A row that cannot be used.
    Rejected(RejectedRow),
}

impl Runtime {
    /// Rolls the different haplotypes of a phased VCF, in the order of their first variants.
    ///
    /// The window of a haplotype is the one that its first edit is scored in, and its states are
    /// pooled there. Rows go to `visit` in order; memory is that of a batch. Between two batches the
    /// run can be stopped.
    ///
    /// # Errors
    ///
    /// [`RollError`], and whatever `visit` returns.
    pub fn roll_phased<E: From<RollError>>(
        &self,
        (vcf, fasta): (&Path, &Fasta),
        haplotypes: &HaplotypeOptions,
        options: RollOptions,
        visit: impl FnMut(RolledRow<CarriedHaplotype>) -> Result<(), E>,
        on_progress: impl FnMut(RollProgress),
        stop: &AtomicBool,
    ) -> Result<Completion<RollProgress>, E> {
        let rows = CarriedHaplotypes::open(vcf, fasta, haplotypes).map_err(RollError::from)?;
        let rows = CarriedRows::new(rows, fasta, self.windows());
        self.roll_rows(rows, options, visit, on_progress, stop)
    }

    /// Predicts the state after each variant of a VCF, in file order: as
    /// [`roll_phased`](Self::roll_phased), each alternate a haplotype of its own.
    ///
    /// # Errors
    ///
    /// [`RollError`], and whatever `visit` returns.
    pub fn roll_variants<E: From<RollError>>(
        &self,
        (vcf, fasta): (&Path, &Fasta),
        options: RollOptions,
        visit: impl FnMut(RolledRow<Variant>) -> Result<(), E>,
        on_progress: impl FnMut(RollProgress),
        stop: &AtomicBool,
    ) -> Result<Completion<RollProgress>, E> {
        let rows = VcfReader::open(vcf).map_err(RollError::from)?;
        let rows = VariantRows::new(rows, fasta, self.windows());
        self.roll_rows(rows, options, visit, on_progress, stop)
    }

    fn roll_rows<R: Rows, E: From<RollError>>(
        &self,
        mut rows: R,
        options: RollOptions,
        mut visit: impl FnMut(RolledRow<R::Origin>) -> Result<(), E>,
        mut on_progress: impl FnMut(RollProgress),
        stop: &AtomicBool,
    ) -> Result<Completion<RollProgress>, E> {
        if options.batch_size == 0 {
            return Err(RollError::BatchSize.into());
        }
        let mut progress = RollProgress::default();
        loop {
            let left = options.max_haplotypes.map(|most| most - progress.rolled);
            let left = left.map_or(usize::MAX, |left| {
                usize::try_from(left).unwrap_or(usize::MAX)
            });
            let batch = Batch::read(&mut rows, options.batch_size.min(left));
            if stop.load(Ordering::Relaxed) {
                return Ok(Completion::Interrupted);
            }
            let states = self.roll(&batch.haplotypes, options.encodes);
            let mut states = states.map_err(RollError::from)?.into_iter();
            for row in batch.rows {
                visit(match row {
                    Row::Haplotype(origin) => {
                        progress.rolled += 1;
                        let states = states.next().expect("states of every haplotype");
                        RolledRow::Rolled { origin, states }
                    }
                    Row::Rejected(row) => {
                        progress.rejected += 1;
                        let error_code = row.code();
                        Event::InferenceRowRejected { error_code }.emit();
                        RolledRow::Rejected(row)
                    }
                })?;
            }
            let file = rows.progress();
            (progress.bytes, progress.total_bytes) = (file.read, file.total);
            on_progress(progress);
            if let Some(end) = batch.end {
                end?;
                return Ok(Completion::Finished(progress));
            }
            if options.max_haplotypes == Some(progress.rolled) {
                return Ok(Completion::Finished(progress));
            }
        }
    }
}

/// Rows that are computed together.
struct Batch<T> {
    rows: Vec<Row<T>>,
    /// Those of the haplotypes among the rows, in their order.
    haplotypes: Vec<Haplotype>,
    /// What ended the file, if it did.
    end: Option<Result<(), RollError>>,
}

enum Row<T> {
    Haplotype(T),
    Rejected(RejectedRow),
}

/// Most rejected rows of a batch, so that a file of nothing else is reported on its way.
const MAX_REJECTED: usize = 1 << 12;

impl<T> Batch<T> {
    fn read(rows: &mut impl Rows<Origin = T>, size: usize) -> Self {
        let mut batch = Self {
            rows: Vec::new(),
            haplotypes: Vec::new(),
            end: None,
        };
        while batch.haplotypes.len() < size && batch.rows.len() < size + MAX_REJECTED {
            match rows.next() {
                Some(Ok(PlacedRow::Haplotype { origin, haplotype })) => {
                    batch.rows.push(Row::Haplotype(origin));
                    batch.haplotypes.push(haplotype);
                }
                Some(Ok(PlacedRow::Rejected(row))) => batch.rows.push(Row::Rejected(row)),
                end => {
                    batch.end = Some(end.map_or(Ok(()), |row| row.map(|_| ())));
                    break;
                }
            }
        }
        batch
    }
}
