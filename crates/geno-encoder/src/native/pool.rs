//! States from rows.

use std::ops::Range;

use geno_core::StateContract;

use crate::{StateSettings, plan::SitePlan};

/// The rows that a batch has given, taken segment by segment.
pub(super) struct StateRows<'a> {
    rows: &'a [f32],
    settings: &'a StateSettings,
    width: usize,
}

impl<'a> StateRows<'a> {
    pub(super) fn new(rows: &'a [f32], settings: &'a StateSettings, width: usize) -> Self {
        Self {
            rows,
            settings,
            width,
        }
    }

    fn take(&mut self, n: usize) -> &'a [f32] {
        let (taken, rest) = self.rows.split_at(n * self.width);
        self.rows = rest;
        taken
    }

    /// Adds the state of a window of `n` wanted rows to `states`.
    pub(super) fn pool_window(&mut self, n: usize, states: &mut Vec<f32>) {
        let rows = self.take(n);
        self.pool([rows, &[]], states);
    }

    /// Adds the states of some edits of a site, and those of its reference window at their loci.
    pub(super) fn pool_site(
        &mut self,
        plan: &SitePlan,
        edits: Range<usize>,
        reference: &mut Vec<f32>,
        edited: &mut Vec<f32>,
    ) {
        let (pass, width) = (self.take(plan.keep.len()), self.width);
        let of_pass = |rows: Range<usize>| {
            let first = rows.start - plan.keep.start;
            &pass[first * width..(first + rows.len()) * width]
        };
        let edits = &plan.edits[edits];
        for (i, edit) in edits.iter().enumerate() {
            match i.checked_sub(1).map(|before| &edits[before]) {
                // Most edits of a site lie at one locus.
                Some(before) if before.reference == edit.reference => {
                    reference.extend_from_within(reference.len() - width..);
                }
                _ => self.pool([of_pass(edit.reference.clone()), &[]], reference),
            }
            let shared_end = edit.start.clamp(edit.edited.start, edit.edited.end);
            let own = self.take(edit.edited.end - shared_end);
            let shared = of_pass(edit.edited.start..shared_end);
            self.pool([shared, own], edited);
        }
    }

    /// The mean of rows, divided by its length where the contract asks for it. Rows are added in
    /// their order, and a mean of zero stays zero.
    fn pool(&self, rows: [&[f32]; 2], states: &mut Vec<f32>) {
        let first = states.len();
        states.resize(first + self.width, 0.0);
        let state = &mut states[first..];
        let mut n = 0;
        for row in rows.iter().flat_map(|rows| rows.chunks_exact(self.width)) {
            n += 1;
            for (sum, value) in state.iter_mut().zip(row) {
                *sum += value;
            }
        }
        state.iter_mut().for_each(|value| *value /= n as f32);
        if self.settings.contract == StateContract::L2NormalizedV2 {
            let square: f64 = state.iter().map(|value| f64::from(*value).powi(2)).sum();
            let norm = (square.sqrt() as f32).max(f32::MIN_POSITIVE);
            state.iter_mut().for_each(|value| *value /= norm);
        }
    }
}
