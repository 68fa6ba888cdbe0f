//! Haplotypes as a stream: what chromosome copies carry, each different one once.

mod haplotype;
mod select;

use std::{
    collections::{HashSet, VecDeque},
    path::Path,
};

pub use self::haplotype::CarriedHaplotype;
pub(super) use self::select::Selected;
use super::{PhasedError, call::Call, genotypes::Genotypes, read::MAX_ROW_LEN, runs::Runs};
use crate::{
    Region,
    fasta::Fasta,
    reference::check_reference,
    vcf::{
        Progress, RejectReason, RejectedRow, Variant, VcfRow,
        row::{self, Columns, Place},
        source::Source,
    },
};

/// Which haplotypes are read, and how neighbouring variants make one.
#[derive(Clone, Debug)]
pub struct HaplotypeOptions {
    /// Most edits of a haplotype, at least 1; in a denser stretch the next one begins.
    pub max_edits: usize,
    /// Most bases from the first base of an edit to that of the next.
    pub max_gap: u64,
    /// Whose copies are read; everybody's without.
    pub samples: Option<Vec<String>>,
    /// Where a haplotype begins; anywhere without.
    pub region: Option<Region>,
}

/// What a phased VCF gives.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum CarriedRow {
    /// A haplotype.
    Haplotype(CarriedHaplotype),
    /// A row, or an allele or a call of it, that cannot be used.
    Rejected(RejectedRow),
}

/// Reads the haplotypes of a phased VCF, in the order of their first variants.
///
/// A copy's haplotype ends where its next variant is too far, where there are enough edits, where the
/// phase set (`PS`) changes, and at a call or an allele that cannot be used: what the copy carries
/// there is not known. Copies that carry the same edits give one haplotype, and those that carry none
/// give none. Memory holds the rows that a haplotype can span.
///
/// As an iterator it gives rows until the file ends; an error comes last.
///
/// # Examples
///
/// ```
/// use geno_data::{CarriedHaplotypes, CarriedRow, Fasta, HaplotypeOptions};
///
/// let folder = tempfile::tempdir()?;
/// let (fasta, vcf) = (folder.path().join("ref.fa"), folder.path().join("phased.vcf"));
/// std::fs::write(&fasta, ">20\nAAAACCCC\n")?;
/// let columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb";
/// let rows = "20\t2\t.\tA\tG\t.\t.\t.\tGT\t0|1\t1|0\n20\t5\t.\tC\tT\t.\t.\t.\tGT\t0|1\t0|1";
/// std::fs::write(&vcf, format!("##fileformat=VCFv4.2\n{columns}\n{rows}\n"))?;
///
/// let fasta = Fasta::open(&fasta)?;
/// let options = HaplotypeOptions { max_edits: 16, max_gap: 30, samples: None, region: None };
/// let mut found = Vec::new();
/// for row in CarriedHaplotypes::open(&vcf, &fasta, &options)? {
///     let CarriedRow::Haplotype(haplotype) = row? else { continue };
///     let positions: Vec<_> = haplotype.edits().map(|edit| edit.pos()).collect();
///     found.push((positions, haplotype.n_copies()));
/// }
/// // Of four copies one carries both, one the first alone and one the second.
/// assert_eq!(found, [(vec![2], 1), (vec![2, 5], 1), (vec![5], 1)]);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct CarriedHaplotypes<'a> {
    source: Source,
    fasta: &'a Fasta,
    region: Option<Region>,
    selected: Selected,
    runs: Runs,
    /// Alleles that a haplotype may still hold; the first has the number `first_site`.
    sites: VecDeque<Variant>,
    first_site: u32,
    /// Contig and start of the last row.
    last: Option<(usize, u64)>,
    /// Contigs that were left.
    left: HashSet<usize>,
    alleles: VecDeque<VcfRow>,
    ready: VecDeque<CarriedRow>,
    is_done: bool,
    failed: Option<PhasedError>,
}

impl<'a> CarriedHaplotypes<'a> {
    /// Opens a file, or the standard input for `-`, and reads its header.
    ///
    /// # Errors
    ///
    /// [`PhasedError`] if the file cannot be read, has no samples, or lacks one that is asked for.
    ///
    /// # Panics
    ///
    /// If haplotypes may have no edit: `max_edits` is 0.
    pub fn open(
        path: &Path,
        fasta: &'a Fasta,
        options: &HaplotypeOptions,
    ) -> Result<Self, PhasedError> {
        assert!(options.max_edits > 0, "a haplotype has an edit");
        let mut source = Source::open(path)?;
        source.read_header(MAX_ROW_LEN, |_| {})?;
        let selected = Selected::of(&source.text, options.samples.as_deref())?;
        let runs = Runs::new(selected.len(), options.max_gap, 1..=options.max_edits);
        Ok(Self {
            source,
            fasta,
            region: options.region.clone(),
            selected,
            runs,
            sites: VecDeque::new(),
            first_site: 0,
            last: None,
            left: HashSet::new(),
            alleles: VecDeque::new(),
            ready: VecDeque::new(),
            is_done: false,
            failed: None,
        })
    }

    /// How much of the file has been read.
    pub fn progress(&self) -> Progress {
        self.source.input.progress()
    }

    /// Reads a row, or notes that the file ends.
    fn step(&mut self) -> Result<(), PhasedError> {
        match self.source.next_row(MAX_ROW_LEN)? {
            Some((place, is_whole)) => self.row(place, is_whole)?,
            None => {
                self.is_done = true;
                self.runs.interrupt_all();
            }
        }
        self.take_complete();
        self.is_done |= self.is_past_region();
        Ok(())
    }

    /// Whether no haplotype of the region can come any more.
    fn is_past_region(&self) -> bool {
        let (Some(region), Some((contig, start))) = (&self.region, self.last) else {
            return false;
        };
        let end = region.bases().end;
        let is_open = || {
            let first = self.sites.front();
            first.is_some_and(|first| first.edit().pos() - 1 < end)
        };
        self.left.contains(&region.contig_index())
            || contig == region.contig_index() && start >= end && !is_open()
    }

    fn row(&mut self, place: Place, is_whole: bool) -> Result<(), PhasedError> {
        self.alleles.clear();
        row::parse(&self.source.text, is_whole, place, &mut self.alleles);
        let alleles: Vec<VcfRow> = self.alleles.drain(..).collect();
        let Some(sites) = self.place(alleles)? else {
            return Ok(());
        };
        let reject = |reason| {
            let (columns, _) = Columns::split(&self.source.text, is_whole);
            CarriedRow::Rejected(columns.rejected(place, reason, None))
        };
        let is_reported = self.is_in_region(self.last);
        let Some(mut genotypes) = Genotypes::of(&self.source.text).filter(|_| is_whole) else {
            self.runs.interrupt_all();
            let reason = match is_whole {
                true => RejectReason::NoGenotypes,
                false => RejectReason::RowTooLong,
            };
            self.ready.extend(is_reported.then(|| reject(reason)));
            return Ok(());
        };
        let start = self.last.expect("a row that was placed").1;
        let (mut n_unphased, mut n_missing) = (0, 0);
        for sample in self.selected.in_file() {
            let call = genotypes.next_call();
            let Some(sample) = sample else { continue };
            n_unphased += usize::from(call.call == Call::Unphased);
            n_missing += usize::from(call.call == Call::Missing);
            self.runs.call(sample, call, start, &sites);
        }
        let unphased = RejectReason::Unphased {
            n_calls: n_unphased,
        };
        let missing = RejectReason::MissingCalls { n_calls: n_missing };
        for (n_calls, reason) in [(n_unphased, unphased), (n_missing, missing)] {
            if n_calls > 0 && is_reported {
                self.ready.push_back(reject(reason));
            }
        }
        Ok(())
    }

    /// Gives the alleles of a row their numbers. Nothing if no haplotype can go through the row.
    fn place(&mut self, alleles: Vec<VcfRow>) -> Result<Option<Vec<Option<u32>>>, PhasedError> {
        let mut sites = Vec::with_capacity(alleles.len());
        let mut moved = false;
        for allele in alleles {
            let (variant, fault) = match allele {
                VcfRow::Rejected(row) => (None, Some(row)),
                VcfRow::Variant(variant) => match check_reference(self.fasta, variant.edit())? {
                    Err(fault) => (None, Some(RejectedRow::of(&variant, fault.into()))),
                    Ok(contig) => {
                        let here = (self.fasta.index_of(contig), variant.edit().pos() - 1);
                        if !moved && !self.advance(here) {
                            let row = RejectedRow::of(&variant, RejectReason::Unsorted);
                            self.reject(row);
                            return Ok(None);
                        }
                        moved = true;
                        (Some(variant), None)
                    }
                },
            };
            fault.into_iter().for_each(|row| self.reject(row));
            let site = variant.map(|variant| self.number(variant)).transpose()?;
            sites.push(site);
        }
        if !moved {
            // Whoever carries such an allele is no longer followed; who it is does not matter.
            self.runs.interrupt_all();
        }
        Ok(moved.then_some(sites))
    }

    /// Moves on to a row; whether it stands in order.
    fn advance(&mut self, here: (usize, u64)) -> bool {
        match self.last {
            Some((contig, _)) if contig != here.0 => {
                self.runs.interrupt_all();
                self.left.insert(contig);
            }
            Some((_, start)) if here.1 < start => {
                self.runs.interrupt_all();
                return false;
            }
            _ => {}
        }
        if self.left.contains(&here.0) {
            return false;
        }
        self.runs.pass(here.1);
        self.last = Some(here);
        true
    }

    /// The number of a variant: the one it has already, if an earlier row holds the same.
    fn number(&mut self, variant: Variant) -> Result<u32, PhasedError> {
        let pos = variant.edit().pos();
        let nearby = self.sites.iter().enumerate().rev();
        let mut nearby = nearby.take_while(|(_, other)| other.edit().pos() == pos);
        let known = nearby.find(|(_, other)| other.edit() == variant.edit());
        let number = |i: usize| {
            let number = u32::try_from(i).ok();
            let number = number.and_then(|i| self.first_site.checked_add(i));
            number.ok_or(PhasedError::OutOfRange)
        };
        if let Some((i, _)) = known {
            return number(i);
        }
        let number = number(self.sites.len())?;
        self.sites.push_back(variant);
        Ok(number)
    }

    /// Gives on the haplotypes that nothing can be added to, and forgets the alleles before them.
    fn take_complete(&mut self) {
        for (sites, n_copies) in self.runs.take_complete() {
            let site = |&site: &u32| self.sites[(site - self.first_site) as usize].clone();
            let variants: Vec<Variant> = sites.iter().map(site).collect();
            let contig = self.fasta.resolve(variants[0].edit().chrom());
            let contig = self
                .fasta
                .index_of(contig.expect("its reference was checked"));
            let start = variants[0].edit().pos() - 1;
            if !self.is_in_region(Some((contig, start))) {
                continue;
            }
            let haplotype = CarriedHaplotype::new(contig, variants, n_copies);
            self.ready.push_back(match haplotype {
                Ok(haplotype) => CarriedRow::Haplotype(haplotype),
                Err(variant) => {
                    let reason = RejectReason::OverlappingEdits;
                    CarriedRow::Rejected(RejectedRow::of(&variant, reason))
                }
            });
        }
        let last = self.first_site + self.sites.len() as u32;
        let kept = self.runs.first_open().unwrap_or(last);
        self.sites.drain(..(kept - self.first_site) as usize);
        self.first_site = kept;
    }

    /// Gives a row of the region on as rejected; without a place it is in no region.
    fn reject(&mut self, row: RejectedRow) {
        let place = || {
            let contig = self.fasta.resolve(row.chrom.as_deref()?)?;
            let pos: u64 = row.pos.as_deref()?.parse().ok()?;
            Some((self.fasta.index_of(contig), pos.checked_sub(1)?))
        };
        if self.is_in_region(place()) {
            self.ready.push_back(CarriedRow::Rejected(row));
        }
    }

    fn is_in_region(&self, place: Option<(usize, u64)>) -> bool {
        self.region.as_ref().is_none_or(|region| {
            let is_in = |(contig, start)| {
                contig == region.contig_index() && region.bases().contains(&start)
            };
            place.is_some_and(is_in)
        })
    }
}

impl Iterator for CarriedHaplotypes<'_> {
    type Item = Result<CarriedRow, PhasedError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() && !self.is_done {
            if let Err(error) = self.step() {
                self.is_done = true;
                self.failed = Some(error);
            }
        }
        match self.ready.pop_front() {
            Some(row) => Some(Ok(row)),
            None => self.failed.take().map(Err),
        }
    }
}
