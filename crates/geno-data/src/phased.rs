//! Haplotypes that people carry, from phased genotypes.

mod call;
mod carried;
mod collect;
mod copy;
mod genotypes;
mod read;
mod runs;

use std::ops::Range;

pub use self::{
    carried::{CarriedHaplotype, CarriedHaplotypes, CarriedRow, HaplotypeOptions},
    copy::{ChromosomeCopy, CopyError, read_copy},
    read::{PhasedCounts, PhasedError},
};
use crate::{contig_table::ContigTable, packed_edit::PackedEdit};

/// Default distance, in bases, up to which neighbours on a chromosome copy belong together.
pub const DEFAULT_MAX_GAP: u64 = 30;

/// The different groups of neighbouring variants that chromosome copies of a phased VCF carry.
///
/// A group is as long as it can be: each of its variants begins at most `max_gap` bases after the
/// one before it on the same copy. Samples are forgotten; how many copies carry a group is kept.
/// Memory grows with the variants and with the different groups, not with the samples.
#[derive(Clone, Debug)]
pub struct PhasedHaplotypes {
    contigs: ContigTable,
    max_gap: u64,
    /// Every allele that could be read, in the order of the file.
    sites: Vec<PackedEdit>,
    /// By contig, then by the first variant.
    groups: Vec<Group>,
    /// Places in `sites`, group after group.
    members: Vec<u32>,
    counts: PhasedCounts,
}

#[derive(Clone, Debug)]
struct Group {
    first_member: usize,
    n_members: u32,
    n_copies: u32,
}

/// Variants that at least one chromosome copy carries together, by position.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CarriedTogether<'a> {
    haplotypes: &'a PhasedHaplotypes,
    group: &'a Group,
}

impl PhasedHaplotypes {
    /// How many different groups of two variants and more there are.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether no copy carries two variants that are near enough.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// What was read, and what could not be used.
    pub fn counts(&self) -> &PhasedCounts {
        &self.counts
    }

    /// How many pairs of variants, at two positions at most `distance` bases apart, at least one
    /// chromosome copy carries together.
    ///
    /// # Panics
    ///
    /// If `distance` exceeds the gap that groups were formed with.
    pub fn n_pairs_within(&self, distance: u64) -> u64 {
        assert!(
            distance <= self.max_gap,
            "groups reach {} bases",
            self.max_gap
        );
        let mut pairs = Vec::new();
        for group in &self.groups {
            let members = self.members_of(group);
            for (i, &a) in members.iter().enumerate() {
                let start = self.sites[a as usize].start();
                let near = members[i + 1..]
                    .iter()
                    .map(|&b| (b, self.sites[b as usize].start() - start))
                    .take_while(|&(_, apart)| apart <= distance)
                    .filter(|&(_, apart)| apart > 0);
                pairs.extend(near.map(|(b, _)| (a, b)));
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        pairs.len() as u64
    }

    /// The groups whose first variant lies in a stretch of a contig, 0-based and half-open.
    pub(crate) fn starting_in(
        &self,
        contig: &str,
        range: Range<u64>,
    ) -> impl ExactSizeIterator<Item = CarriedTogether<'_>> {
        let id = self.contigs.get(contig);
        let place = |start: u64| {
            let floor = id.and_then(|id| PackedEdit::floor(id, start));
            floor.map_or(0, |floor| {
                self.groups
                    .partition_point(|group| self.first(group) < floor)
            })
        };
        let (from, to) = (place(range.start), place(range.end));
        let groups = &self.groups[from..to.max(from)];
        groups.iter().map(|group| CarriedTogether {
            haplotypes: self,
            group,
        })
    }

    fn members_of(&self, group: &Group) -> &[u32] {
        &self.members[group.first_member..][..group.n_members as usize]
    }

    fn first(&self, group: &Group) -> PackedEdit {
        self.sites[self.members[group.first_member] as usize]
    }
}

impl<'a> CarriedTogether<'a> {
    /// The variants, by position. Neighbours may overlap, as a deletion and what it deletes do.
    pub(crate) fn variants(self) -> impl Iterator<Item = PackedEdit> + 'a {
        let members = self.haplotypes.members_of(self.group);
        members
            .iter()
            .map(|&site| self.haplotypes.sites[site as usize])
    }

    /// How many chromosome copies carry all of them and no further neighbour.
    pub(crate) fn n_copies(self) -> u32 {
        self.group.n_copies
    }
}
