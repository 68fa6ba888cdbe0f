//! Tokens that are computed together: whole windows, and suffixes that follow them.

use std::ops::Range;

use geno_kernels::Segment;

use crate::plan::SitePlan;

/// Segments of more tokens keep their keys: they are cut into several tasks, each of which would
/// pack them again.
const MAX_LOOSE_LEN: usize = 64;

/// Tokens of many windows, one after the other, without padding.
#[derive(Default)]
pub(super) struct Batch {
    tokens: Vec<u32>,
    positions: Vec<u32>,
    whole: Vec<Segment>,
    wanted: Vec<Segment>,
    n_kept: usize,
}

impl Batch {
    /// The rows of the embedding.
    pub(super) fn tokens(&self) -> &[u32] {
        &self.tokens
    }

    /// Where each token stands in its window.
    pub(super) fn positions(&self) -> &[u32] {
        &self.positions
    }

    /// The segments in the order of their tokens, all of which ask.
    pub(super) fn whole(&self) -> &[Segment] {
        &self.whole
    }

    /// The same segments, where only the tokens ask whose rows the state layer needs.
    pub(super) fn wanted(&self) -> &[Segment] {
        &self.wanted
    }

    pub(super) fn n_rows(&self) -> usize {
        self.tokens.len()
    }

    /// Adds the first tokens of a window, of which the state layer needs the rows `wanted`.
    pub(super) fn push_sequence(&mut self, tokens: &[u32], wanted: Range<usize>) {
        let number = self.n_kept;
        self.push(tokens, 0, number, wanted, true);
    }

    /// Adds the reference pass of a site and the suffixes of some of its edits.
    pub(super) fn push_site(&mut self, plan: &SitePlan, edits: Range<usize>) {
        let reference = self.n_kept;
        self.push_sequence(&plan.tokens, plan.keep.clone());
        for edit in &plan.edits[edits] {
            let first = edit.edited.start.max(edit.start) - edit.start;
            let wanted = first..edit.suffix.len();
            if !edit.suffix.is_empty() {
                let keeps = edit.suffix.len() > MAX_LOOSE_LEN;
                self.push(&edit.suffix, edit.start, reference, wanted, keeps);
            }
        }
    }

    fn push(
        &mut self,
        tokens: &[u32],
        start: usize,
        follows: usize,
        wanted: Range<usize>,
        keeps: bool,
    ) {
        self.tokens.extend_from_slice(tokens);
        let positions = start..start + tokens.len();
        self.positions
            .extend(positions.map(|position| position as u32));
        let whole = Segment {
            follows,
            start,
            len: tokens.len(),
            kept: keeps.then_some(self.n_kept),
            first_query: 0,
            end_query: tokens.len(),
        };
        self.whole.push(whole);
        self.wanted.push(Segment {
            first_query: wanted.start,
            end_query: wanted.end,
            ..whole
        });
        self.n_kept += usize::from(keeps);
    }
}

impl SitePlan {
    /// Tokens of the reference pass and of all suffixes.
    pub(super) fn n_rows(&self) -> usize {
        let suffixes = self.edits.iter().map(|edit| edit.suffix.len());
        self.tokens.len() + suffixes.sum::<usize>()
    }

    /// The edits, in parts that take at most `max_rows` with the reference pass, or hold one edit.
    pub(super) fn parts(&self, max_rows: usize) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        let (mut first, mut n_rows) = (0, self.tokens.len());
        for (i, edit) in self.edits.iter().enumerate() {
            if i > first && n_rows + edit.suffix.len() > max_rows {
                parts.push(first..i);
                (first, n_rows) = (i, self.tokens.len());
            }
            n_rows += edit.suffix.len();
        }
        parts.push(first..self.edits.len());
        parts
    }
}
