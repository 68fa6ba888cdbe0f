//! Edits that stand at places of a genome.

use std::ops::Range;

use geno_action::RelEdit;

use super::{
    super::{EditSource, VariantSet},
    Draw, Drawn,
};
use crate::{packed_edit::PackedEdit, phased::PhasedHaplotypes};

impl Draw<'_> {
    /// Variants of the window, each at most once, by type if the settings have weights.
    pub(super) fn draw_variants(
        &mut self,
        source: EditSource,
        set: &VariantSet,
        n: usize,
    ) -> Vec<Drawn> {
        let Some((contig, range)) = self.interior() else {
            return Vec::new();
        };
        let candidates = set.starting_in(&contig, range.clone());
        let mut by_type: [Vec<u32>; 5] = Default::default();
        for (i, variant) in candidates.iter().enumerate() {
            if variant.end() <= range.end {
                let edit_type = match self.settings.type_weights {
                    Some(_) => variant.edit_type() as usize,
                    None => 0,
                };
                by_type[edit_type].push(i as u32);
            }
        }
        let weights = self.settings.type_weights.unwrap_or([1.0; 5]);
        let mut drawn = Vec::with_capacity(n);
        while drawn.len() < n {
            let left: [f64; 5] = std::array::from_fn(|i| match by_type[i].is_empty() {
                true => 0.0,
                false => weights[i],
            });
            if left.iter().all(|weight| *weight == 0.0) {
                break;
            }
            let chosen = self.random.weighted(&left);
            let place = self.random.below(by_type[chosen].len() as u64) as usize;
            let candidate = by_type[chosen].swap_remove(place);
            if let Some(edit) = self.fit(candidates[candidate as usize])
                && self.is_allowed(&edit)
                && self.seen.insert(vec![edit.clone()])
            {
                drawn.push(Drawn {
                    source,
                    edits: vec![edit],
                    n_copies: None,
                });
            }
        }
        drawn
    }

    /// Groups of neighbours that a chromosome copy carries, each at most once.
    pub(super) fn draw_phased(&mut self, phased: &PhasedHaplotypes, n: usize) -> Vec<Drawn> {
        let Some((contig, range)) = self.interior() else {
            return Vec::new();
        };
        let groups: Vec<_> = phased.starting_in(&contig, range.clone()).collect();
        let mut left: Vec<u32> = (0..groups.len() as u32).collect();
        let mut drawn = Vec::with_capacity(n);
        while drawn.len() < n && !left.is_empty() {
            let place = self.random.below(left.len() as u64) as usize;
            let group = groups[left.swap_remove(place) as usize];
            let inside = group
                .variants()
                .take_while(|variant| variant.end() <= range.end);
            let inside: Vec<PackedEdit> = inside.collect();
            let Some(edits) = self.stretch(&inside) else {
                continue;
            };
            if self.seen.insert(edits.clone()) {
                let n_copies = Some(group.n_copies());
                drawn.push(Drawn {
                    source: EditSource::Phased,
                    edits,
                    n_copies,
                });
            }
        }
        drawn
    }

    /// A stretch of a group, of two edits and more, that can be applied together: drawn where
    /// variants overlap or do not fit and so leave several, cut to the largest number of edits.
    fn stretch(&mut self, group: &[PackedEdit]) -> Option<Vec<RelEdit>> {
        let mut stretches: Vec<Vec<RelEdit>> = vec![Vec::new()];
        for &variant in group {
            let edit = self.fit(variant);
            let last = stretches.last_mut().expect("at least one stretch");
            match edit {
                Some(edit) if last.last().is_none_or(|last| last.end() <= edit.rel_pos()) => {
                    last.push(edit);
                }
                Some(edit) => stretches.push(vec![edit]),
                None => stretches.push(Vec::new()),
            }
        }
        stretches.retain(|stretch| stretch.len() > 1);
        if stretches.is_empty() {
            return None;
        }
        let chosen = self.random.below(stretches.len() as u64) as usize;
        let mut stretch = stretches.swap_remove(chosen);
        let spare = stretch.len().saturating_sub(self.settings.max_edits.max(2));
        if spare > 0 {
            let skipped = self.random.below(spare as u64 + 1) as usize;
            stretch.drain(..skipped);
            stretch.truncate(self.settings.max_edits.max(2));
        }
        stretch
            .iter()
            .all(|edit| self.is_allowed(edit))
            .then_some(stretch)
    }

    /// The contig, and the window between its margins.
    fn interior(&self) -> Option<(String, Range<u64>)> {
        let contig = self.origin.chrom.clone()?;
        let margin = self.settings.margin as u64;
        let (start, len) = (self.window.start(), self.window.len() as u64);
        (2 * margin < len).then(|| (contig, start + margin..start + len - margin))
    }

    /// The variant in the window, if the window has its reference allele; counts it if not.
    fn fit(&mut self, variant: PackedEdit) -> Option<RelEdit> {
        let edit = variant.relative_to(self.window.start())?;
        let bases = self.window.bases().get(edit.rel_pos()..edit.end())?;
        if bases != edit.reference().as_bytes() {
            self.report.reference_mismatches += 1;
            return None;
        }
        Some(edit)
    }
}
