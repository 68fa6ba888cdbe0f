//! Rows of a file, and the windows of their haplotypes.

use std::sync::Arc;

use geno_action::{ApplyError, EditSpec, Haplotype, HaplotypeError};
use geno_core::Window;
use geno_data::{
    CarriedHaplotype, CarriedHaplotypes, CarriedRow, Contig, Fasta, Progress, RejectReason,
    RejectedRow, SiteWindows, Variant, VcfReader, VcfRow, check_reference,
};

use super::RollError;

/// A row, as far as it has a window.
pub(super) enum PlacedRow<T> {
    Haplotype { origin: T, haplotype: Haplotype },
    Rejected(RejectedRow),
}

/// Rows of a file, in order.
pub(super) trait Rows {
    /// Where a haplotype comes from.
    type Origin;

    fn next(&mut self) -> Option<Result<PlacedRow<Self::Origin>, RollError>>;

    fn progress(&self) -> Progress;
}

/// The different haplotypes of a phased file.
pub(super) struct CarriedRows<'a> {
    rows: CarriedHaplotypes<'a>,
    windows: Windows<'a>,
}

/// The variants of a file, each a haplotype.
pub(super) struct VariantRows<'a> {
    rows: VcfReader,
    windows: Windows<'a>,
}

/// Cuts windows. Haplotypes that begin at one base share theirs.
pub(super) struct Windows<'a> {
    fasta: &'a Fasta,
    layout: SiteWindows,
    /// Contig and start of the last window that was cut, and its end.
    last: Option<((String, u64, u64), Arc<Window>)>,
}

impl<'a> CarriedRows<'a> {
    pub(super) fn new(rows: CarriedHaplotypes<'a>, fasta: &'a Fasta, layout: SiteWindows) -> Self {
        let windows = Windows::new(fasta, layout);
        Self { rows, windows }
    }

    fn place(
        &mut self,
        origin: CarriedHaplotype,
    ) -> Result<PlacedRow<CarriedHaplotype>, RollError> {
        let contig = &self.windows.fasta.contigs()[origin.contig()];
        let edits: Vec<&EditSpec> = origin.edits().collect();
        Ok(match self.windows.haplotype(contig, &edits)? {
            Some(haplotype) => PlacedRow::Haplotype { origin, haplotype },
            None => {
                let reason = RejectReason::PastWindow;
                PlacedRow::Rejected(RejectedRow::of(&origin.variants()[0], reason))
            }
        })
    }
}

impl<'a> VariantRows<'a> {
    pub(super) fn new(rows: VcfReader, fasta: &'a Fasta, layout: SiteWindows) -> Self {
        let windows = Windows::new(fasta, layout);
        Self { rows, windows }
    }

    fn place(&mut self, origin: Variant) -> Result<PlacedRow<Variant>, RollError> {
        let rejected = |reason| PlacedRow::Rejected(RejectedRow::of(&origin, reason));
        let contig = match check_reference(self.windows.fasta, origin.edit())? {
            Ok(contig) => contig,
            Err(fault) => return Ok(rejected(fault.into())),
        };
        Ok(match self.windows.haplotype(contig, &[origin.edit()])? {
            Some(haplotype) => PlacedRow::Haplotype { origin, haplotype },
            None => rejected(RejectReason::PastWindow),
        })
    }
}

impl Rows for CarriedRows<'_> {
    type Origin = CarriedHaplotype;

    fn next(&mut self) -> Option<Result<PlacedRow<CarriedHaplotype>, RollError>> {
        Some(match self.rows.next()? {
            Err(error) => Err(error.into()),
            Ok(CarriedRow::Rejected(row)) => Ok(PlacedRow::Rejected(row)),
            Ok(CarriedRow::Haplotype(origin)) => self.place(origin),
        })
    }

    fn progress(&self) -> Progress {
        self.rows.progress()
    }
}

impl Rows for VariantRows<'_> {
    type Origin = Variant;

    fn next(&mut self) -> Option<Result<PlacedRow<Variant>, RollError>> {
        Some(match self.rows.next()? {
            Err(error) => Err(error.into()),
            Ok(VcfRow::Rejected(row)) => Ok(PlacedRow::Rejected(row)),
            Ok(VcfRow::Variant(origin)) => self.place(origin),
        })
    }

    fn progress(&self) -> Progress {
        self.rows.progress()
    }
}

impl<'a> Windows<'a> {
    pub(super) fn new(fasta: &'a Fasta, layout: SiteWindows) -> Self {
        Self {
            fasta,
            layout,
            last: None,
        }
    }

    /// Places edits in the window of the first; nothing if they reach past it.
    pub(super) fn haplotype(
        &mut self,
        contig: &Contig,
        edits: &[&EditSpec],
    ) -> Result<Option<Haplotype>, RollError> {
        let locus = edits[0].pos() - 1;
        let span = self.layout.span(contig.len(), locus);
        let key = (contig.name().to_owned(), span.start, span.end);
        let window = match &self.last {
            Some((last, window)) if *last == key => Arc::clone(window),
            _ => {
                let window = Arc::new(self.layout.window(self.fasta, contig, locus)?);
                self.last = Some((key, Arc::clone(&window)));
                window
            }
        };
        let edits = edits.iter().map(|edit| edit.relative_to(window.start()));
        let edits = edits.collect::<Result<Vec<_>, _>>();
        let edits = edits.expect("no edit begins before the first, which lies in its window");
        match Haplotype::new(window, edits) {
            Ok(haplotype) => Ok(Some(haplotype)),
            Err(HaplotypeError::Apply(ApplyError::OutOfWindow { .. })) => Ok(None),
            Err(error) => Err(RollError::Changed(error)),
        }
    }
}
