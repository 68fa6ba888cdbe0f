//! Follows each chromosome copy along a contig.

use std::{collections::HashMap, ops::RangeInclusive};

use super::genotypes::SampleCall;

/// Collects the groups of neighbouring variants that chromosome copies carry.
#[derive(Debug)]
pub(crate) struct Runs {
    max_gap: u64,
    /// How many variants a group has. In a denser stretch the next group begins.
    lens: RangeInclusive<usize>,
    open: Vec<Run>,
    /// How many copies carried each group.
    groups: HashMap<Box<[u32]>, u32>,
}

/// What a copy carries since its last gap.
#[derive(Clone, Debug, Default)]
struct Run {
    sites: Vec<u32>,
    last_start: u64,
    phase: Phase,
}

/// In which phase set a call stands. Calls of two sets cannot be told to be on one copy.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Phase {
    /// In every one: both copies have the same allele, or there is one copy.
    #[default]
    Any,
    /// In the set that spans the contig.
    Contig,
    /// In the set of this number.
    Set(u64),
}

impl Runs {
    pub(super) fn new(n_samples: usize, max_gap: u64, lens: RangeInclusive<usize>) -> Self {
        Self {
            max_gap,
            lens,
            open: vec![Run::default(); 2 * n_samples],
            groups: HashMap::new(),
        }
    }

    /// Notes what a sample has at a row whose alternate alleles have these numbers, or none.
    pub(super) fn call(
        &mut self,
        sample: usize,
        call: SampleCall,
        start: u64,
        sites: &[Option<u32>],
    ) {
        let copies = [2 * sample, 2 * sample + 1];
        let Some(alleles) = call.alleles() else {
            return copies.into_iter().for_each(|copy| self.interrupt(copy));
        };
        for (copy, allele) in copies.into_iter().zip(alleles) {
            let Some(allele) = allele.filter(|&allele| allele > 0) else {
                continue;
            };
            match sites.get(allele as usize - 1) {
                Some(Some(site)) => self.carry(copy, *site, start, call.phase),
                _ => self.interrupt(copy),
            }
        }
    }

    /// Notes that a copy carries a variant, which begins nowhere left of the one before it.
    fn carry(&mut self, copy: usize, site: u32, start: u64, phase: Phase) {
        let run = &self.open[copy];
        let same_phase = run.phase == Phase::Any || phase == Phase::Any || run.phase == phase;
        let is_near = start - run.last_start.min(start) <= self.max_gap;
        if !same_phase || !is_near || run.sites.len() == *self.lens.end() {
            self.interrupt(copy);
        }
        let run = &mut self.open[copy];
        run.sites.push(site);
        run.last_start = start;
        if phase != Phase::Any {
            run.phase = phase;
        }
    }

    /// Ends the run of a copy: what it carries here is not known.
    fn interrupt(&mut self, copy: usize) {
        let run = &mut self.open[copy];
        if self.lens.contains(&run.sites.len()) {
            match self.groups.get_mut(run.sites.as_slice()) {
                Some(n_copies) => *n_copies += 1,
                None => {
                    self.groups.insert(run.sites.as_slice().into(), 1);
                }
            }
        }
        run.sites.clear();
        run.phase = Phase::Any;
    }

    /// Ends the runs of all copies.
    pub(crate) fn interrupt_all(&mut self) {
        (0..self.open.len()).for_each(|copy| self.interrupt(copy));
    }

    /// Ends the runs that a variant beginning at `start`, or right of it, is too far from.
    pub(super) fn pass(&mut self, start: u64) {
        for copy in 0..self.open.len() {
            if start.saturating_sub(self.open[copy].last_start) > self.max_gap {
                self.interrupt(copy);
            }
        }
    }

    /// The first variant of any run that goes on.
    pub(super) fn first_open(&self) -> Option<u32> {
        let firsts = self.open.iter().filter_map(|run| run.sites.first());
        firsts.min().copied()
    }

    /// The groups that begin left of every run that goes on, those of the first variants first.
    pub(super) fn take_complete(&mut self) -> Vec<(Box<[u32]>, u32)> {
        let floor = self.first_open().unwrap_or(u32::MAX);
        let groups = self.groups.extract_if(|sites, _| sites[0] < floor);
        let mut groups: Vec<_> = groups.collect();
        groups.sort_unstable();
        groups
    }

    /// The groups so far, those of the first variants first.
    pub(crate) fn take(&mut self) -> Vec<(Box<[u32]>, u32)> {
        self.interrupt_all();
        let mut groups: Vec<_> = self.groups.drain().collect();
        groups.sort_unstable();
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(runs: &mut Runs) -> Vec<(Vec<u32>, u32)> {
        let groups = runs.take();
        groups
            .into_iter()
            .map(|(sites, n)| (sites.into(), n))
            .collect()
    }

    #[test]
    fn a_gap_ends_a_group_and_equal_groups_are_counted() {
        let mut runs = Runs::new(2, 30, 2..=64);
        for copy in 0..2 {
            runs.carry(copy, 0, 100, Phase::Contig);
            runs.carry(copy, 1, 130, Phase::Contig);
            runs.carry(copy, 2, 161, Phase::Contig);
        }
        runs.carry(2, 1, 130, Phase::Contig);
        runs.carry(2, 2, 131, Phase::Contig);
        assert_eq!(groups(&mut runs), [(vec![0, 1], 2), (vec![1, 2], 1)]);
        assert_eq!(groups(&mut runs), []);
    }

    #[test]
    fn phase_sets_do_not_mix_and_homozygous_calls_fit_any() {
        let mut runs = Runs::new(1, 30, 2..=64);
        runs.carry(0, 0, 1, Phase::Any);
        runs.carry(0, 1, 2, Phase::Set(1));
        runs.carry(0, 2, 3, Phase::Any);
        runs.carry(0, 3, 4, Phase::Set(2));
        runs.carry(0, 4, 5, Phase::Set(2));
        assert_eq!(groups(&mut runs), [(vec![0, 1, 2], 1), (vec![3, 4], 1)]);
    }
}
