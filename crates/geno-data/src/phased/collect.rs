//! Brings rows of genotypes together into groups.

use std::collections::VecDeque;

use geno_action::EditError;
use geno_core::is_acgt;

use super::{
    Group, PhasedCounts, PhasedError, PhasedHaplotypes,
    call::Call,
    genotypes::{Genotypes, SampleCall},
    runs::Runs,
};
use crate::{
    contig_table::ContigTable,
    packed_edit::PackedEdit,
    vcf::{
        RejectReason, VcfRow,
        row::{self, Place},
    },
};

/// Most variants of a group; in a denser stretch the next group begins.
const MAX_MEMBERS: usize = 64;

/// What was read so far.
pub(super) struct Collector {
    pub(super) found: PhasedHaplotypes,
    n_samples: usize,
    runs: Runs,
    /// Contig and start of the last row.
    last: Option<(u32, u64)>,
    alleles: VecDeque<VcfRow>,
}

impl Collector {
    pub(super) fn new(n_samples: usize, max_gap: u64) -> Self {
        Self {
            found: PhasedHaplotypes {
                contigs: ContigTable::default(),
                max_gap,
                sites: Vec::new(),
                groups: Vec::new(),
                members: Vec::new(),
                counts: PhasedCounts {
                    samples: n_samples as u64,
                    ..PhasedCounts::default()
                },
            },
            n_samples,
            runs: Runs::new(n_samples, max_gap, 2..=MAX_MEMBERS),
            last: None,
            alleles: VecDeque::new(),
        }
    }

    pub(super) fn row(
        &mut self,
        text: &[u8],
        is_whole: bool,
        place: Place,
    ) -> Result<(), PhasedError> {
        self.found.counts.rows += 1;
        self.alleles.clear();
        row::parse(text, is_whole, place, &mut self.alleles);
        let sites = self.sites()?;
        let Some(start) = self.enter(&sites) else {
            return Ok(());
        };
        let Some(mut genotypes) = Genotypes::of(text).filter(|_| is_whole) else {
            self.found.counts.rows_without_genotypes += 1;
            self.runs.interrupt_all();
            return Ok(());
        };
        for sample in 0..self.n_samples {
            self.call(sample, genotypes.next_call(), start, &sites);
        }
        Ok(())
    }

    /// The number of each alternate allele of the row that makes an edit.
    fn sites(&mut self) -> Result<Vec<Option<u32>>, PhasedError> {
        let mut sites = Vec::with_capacity(self.alleles.len());
        for allele in &self.alleles {
            let Some(packed) = pack(&mut self.found.contigs, allele) else {
                self.found.counts.rejected_alleles += 1;
                sites.push(None);
                continue;
            };
            let site = u32::try_from(self.found.sites.len()).ok();
            sites.push(Some(site.ok_or(PhasedError::OutOfRange)?));
            self.found
                .sites
                .push(packed.ok_or(PhasedError::OutOfRange)?);
            self.found.counts.alleles += 1;
        }
        Ok(sites)
    }

    /// Moves on to a row; its start, unless none of its alleles makes an edit.
    fn enter(&mut self, sites: &[Option<u32>]) -> Option<u64> {
        let Some(site) = sites.iter().flatten().next() else {
            // Whoever carries such an allele is no longer followed; who it is does not matter.
            self.runs.interrupt_all();
            return None;
        };
        let site = self.found.sites[*site as usize];
        let here = (site.contig(), site.start());
        match self.last {
            Some((contig, _)) if contig != here.0 => self.close(),
            Some((_, start)) if here.1 < start => {
                self.found.counts.unsorted_rows += 1;
                self.runs.interrupt_all();
            }
            _ => {}
        }
        self.last = Some(here);
        Some(here.1)
    }

    fn call(&mut self, sample: usize, call: SampleCall, start: u64, sites: &[Option<u32>]) {
        let counts = &mut self.found.counts;
        counts.unphased_calls += u64::from(call.call == Call::Unphased);
        counts.missing_calls += u64::from(call.call == Call::Missing);
        self.runs.call(sample, call, start, sites);
    }

    /// Takes the groups of the contig that ends.
    fn close(&mut self) {
        for (sites, n_copies) in self.runs.take() {
            self.found.groups.push(Group {
                first_member: self.found.members.len(),
                n_members: sites.len() as u32,
                n_copies,
            });
            self.found.members.extend(sites);
        }
    }

    pub(super) fn finish(mut self) -> PhasedHaplotypes {
        self.close();
        let mut found = self.found;
        let mut groups = std::mem::take(&mut found.groups);
        groups.sort_by_key(|group| found.first(group));
        found.groups = groups;
        found.counts.groups = found.groups.len() as u64;
        found
    }
}

/// An allele of bases, also one that is too long for an edit: whoever carries it can be followed. The
/// inner value is missing where contig or position exceed what can be packed.
fn pack(contigs: &mut ContigTable, allele: &VcfRow) -> Option<Option<PackedEdit>> {
    let (chrom, pos, reference, alternate) = match allele {
        VcfRow::Variant(variant) => {
            let edit = variant.edit();
            (edit.chrom(), edit.pos(), edit.reference(), edit.alternate())
        }
        VcfRow::Rejected(row) => {
            if !matches!(row.reason, RejectReason::Edit(EditError::TooLong { .. })) {
                return None;
            }
            let (chrom, pos) = (row.chrom.as_deref()?, row.pos.as_deref()?.parse().ok()?);
            (
                chrom,
                pos,
                row.reference.as_deref()?,
                row.alternate.as_deref()?,
            )
        }
    };
    let (reference, alternate) = (
        reference.to_ascii_uppercase(),
        alternate.to_ascii_uppercase(),
    );
    // A text that was cut does not end in a base.
    if !is_acgt(reference.as_bytes()) || !is_acgt(alternate.as_bytes()) {
        return None;
    }
    let contig = contigs.intern(chrom);
    Some(PackedEdit::new(
        contig,
        pos - 1,
        reference.as_bytes(),
        alternate.as_bytes(),
    ))
}
