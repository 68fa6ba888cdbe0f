//! A change of a coding sequence, laid over its codons.

use std::ops::Range;

use super::CodingSequence;

/// A change from its first codon on.
pub(crate) struct Change<'a> {
    sequence: &'a CodingSequence,
    /// The bases replaced, counted from the first of the sequence; they may reach past its last.
    replaced: Range<usize>,
    alternate: &'a [u8],
    /// The first base of the first codon that is changed, or that an insertion comes before.
    pub(crate) first_base: usize,
}

impl<'a> Change<'a> {
    /// `None` if it begins before the first whole codon, or past what is known.
    pub(crate) fn new(
        sequence: &'a CodingSequence,
        start: i64,
        end: i64,
        alternate: &'a [u8],
    ) -> Option<Self> {
        let (start, end) = (usize::try_from(start).ok()?, usize::try_from(end).ok()?);
        let in_codons = start.checked_sub(sequence.phase)?;
        let is_known = start <= sequence.bases.len();
        is_known.then_some(Self {
            sequence,
            replaced: start..end,
            alternate,
            first_base: sequence.phase + in_codons / 3 * 3,
        })
    }

    /// The first base that is changed.
    pub(crate) fn start(&self) -> usize {
        self.replaced.start
    }

    /// One past the last base of the last codon changed.
    pub(crate) fn end_of_codons(&self) -> usize {
        let phase = self.sequence.phase;
        phase + (self.replaced.end - phase).div_ceil(3) * 3
    }

    /// The codons that are changed, as they are then.
    pub(crate) fn edited_codons(&self) -> Vec<u8> {
        self.edited(self.end_of_codons())
    }

    /// All from the first codon to the end of what is known, as it is then.
    pub(crate) fn edited_to_trailer(&self) -> Vec<u8> {
        self.edited(self.sequence.bases.len() + self.sequence.trailer.len())
    }

    fn edited(&self, end: usize) -> Vec<u8> {
        let CodingSequence { bases, trailer, .. } = self.sequence;
        let (kept, rest) = bases.split_at(self.replaced.start);
        let after = rest.iter().chain(trailer);
        let n_after = end.saturating_sub(self.replaced.end);
        let n_replaced = self.replaced.len();
        let mut edited = [&kept[self.first_base..], self.alternate].concat();
        edited.extend(after.skip(n_replaced).take(n_after));
        edited
    }

    /// Whether the codons after it are read as before.
    pub(crate) fn is_inframe(&self) -> bool {
        self.n_bases_added() % 3 == 0
    }

    /// Less than 0 if codons are lost.
    pub(crate) fn n_codons_added(&self) -> i64 {
        self.n_bases_added() / 3
    }

    fn n_bases_added(&self) -> i64 {
        self.alternate.len() as i64 - self.replaced.len() as i64
    }

    /// Whether bases are only added, or only taken away.
    pub(crate) fn is_pure_indel(&self) -> bool {
        self.replaced.is_empty() || self.alternate.is_empty()
    }
}
