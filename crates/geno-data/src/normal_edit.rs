//! Edits in the one form that all their spellings share, so that equal ones can be told.

use std::ops::Range;

/// An edit without the bases that its alleles share, and as far left as it goes.
///
/// Unlike a VCF row it needs no base to stand on: an insertion has an empty reference allele, a
/// deletion an empty alternate one, and alleles may have any length. Two edits of a sequence that
/// give the same sequence and touch one stretch of it have one form.
///
/// # Source
///
/// Tan, Abecasis and Kang, *Unified representation of genetic variants*, 2015.
#[derive(Clone, Eq, PartialEq)]
pub(crate) struct NormalEdit {
    /// First base replaced, 0-based on the contig.
    pub(crate) start: u64,
    pub(crate) reference: Vec<u8>,
    pub(crate) alternate: Vec<u8>,
    /// Every position that some spelling of the edit touches, as far as it is known.
    pub(crate) touched: Range<u64>,
}

/// Whether the sequence at hand ended while the edit could have moved on.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Open {
    pub(crate) left: bool,
    pub(crate) right: bool,
}

impl NormalEdit {
    /// Drops the bases that both alleles end or begin with. `start` is 0-based.
    pub(crate) fn trimmed(start: u64, reference: &[u8], alternate: &[u8]) -> Self {
        let given = start..start + reference.len() as u64;
        let pairs = || reference.iter().zip(alternate);
        let same = |(a, b): &(&u8, &u8)| a == b;
        let backwards = reference.iter().rev().zip(alternate.iter().rev());
        let suffix = backwards.take_while(same).count();
        let (r, a) = (reference.len() - suffix, alternate.len() - suffix);
        let prefix = pairs().take(r.min(a)).take_while(same).count();
        Self {
            start: start + prefix as u64,
            reference: reference[prefix..r].to_vec(),
            alternate: alternate[prefix..a].to_vec(),
            touched: given,
        }
    }

    /// Whether nothing changes.
    pub(crate) fn is_empty(&self) -> bool {
        self.reference.is_empty() && self.alternate.is_empty()
    }

    /// Whether two edits that are aligned do the same.
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        (self.start, &self.reference, &self.alternate)
            == (other.start, &other.reference, &other.alternate)
    }

    /// Whether it is a pure insertion or deletion, which a repeat lets move.
    pub(crate) fn can_move(&self) -> bool {
        self.reference.is_empty() != self.alternate.is_empty()
    }

    /// Moves the edit to the left end of the repeat it lies in.
    ///
    /// `sequence` begins at `origin` on the contig, holds the replaced bases, and is in upper case.
    pub(crate) fn align(&mut self, sequence: &[u8], origin: u64) -> Open {
        if !self.can_move() {
            return Open::default();
        }
        let is_insertion = self.reference.is_empty();
        let allele = match is_insertion {
            true => &mut self.alternate,
            false => &mut self.reference,
        };
        let len = allele.len();
        let begin = (self.start - origin) as usize;
        let end = begin + if is_insertion { 0 } else { len };

        // Each step turns the allele by one base, and that base is the one it passes.
        let left = (0..begin).take_while(|&i| sequence[begin - 1 - i] == allele[len - 1 - i % len]);
        let left = left.count();
        let right = (end..sequence.len()).take_while(|&i| sequence[i] == allele[(i - end) % len]);
        let right = right.count();
        allele.rotate_right(left % len);

        let last = self.start + (end - begin + right) as u64;
        self.start -= left as u64;
        // An insertion stands between two bases and touches both.
        let beside = u64::from(is_insertion);
        self.touched = self.touched.start.min(self.start.saturating_sub(beside))
            ..self.touched.end.max(last + beside);
        Open {
            left: left == begin,
            right: end + right == sequence.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn normal(sequence: &[u8], start: u64, reference: &str, alternate: &str) -> NormalEdit {
        let mut edit = NormalEdit::trimmed(start, reference.as_bytes(), alternate.as_bytes());
        edit.align(sequence, 0);
        edit
    }

    #[test]
    fn a_deletion_in_a_repeat_touches_all_of_it() {
        let edit = normal(b"GCACACAT", 5, "CA", "");
        assert_eq!(
            (edit.start, edit.reference.as_slice()),
            (1, b"CA".as_slice())
        );
        assert_eq!(edit.touched, 1..7);
        let insertion = normal(b"GAAT", 2, "A", "AA");
        assert_eq!((insertion.start, insertion.touched), (1, 0..4));
    }

    #[test]
    fn a_repeat_that_outlasts_the_sequence_leaves_the_edit_open() {
        let mut edit = NormalEdit::trimmed(102, b"AA", b"A");
        let open = edit.align(b"AAAAT", 100);
        assert_eq!((open.left, open.right, edit.start), (true, false, 100));
    }

    fn apply(sequence: &[u8], edit: &NormalEdit) -> Vec<u8> {
        let (begin, end) = (
            edit.start as usize,
            edit.start as usize + edit.reference.len(),
        );
        assert_eq!(sequence[begin..end], edit.reference);
        [&sequence[..begin], &edit.alternate, &sequence[end..]].concat()
    }

    proptest! {
        #[test]
        fn the_edited_sequence_stays_and_spellings_meet(
            sequence in "[AC]{8,20}", at in 0usize..6, del in 0usize..3, insert in "[AC]{0,3}",
            pad_left in 0usize..3, pad_right in 0usize..3,
        ) {
            let begin = at.min(pad_left);
            let (from, to) = (at - begin, (at + del + pad_right).min(sequence.len()));
            let written = (&sequence[at..at + del], insert.as_str());
            let wider = [&sequence[from..at], &insert, &sequence[at + del..to]].concat();
            prop_assume!(written.0 != written.1);

            let narrow = normal(sequence.as_bytes(), at as u64, written.0, written.1);
            let wide = normal(sequence.as_bytes(), from as u64, &sequence[from..to], &wider);
            let edited = [&sequence[..at], &insert, &sequence[at + del..]].concat();
            prop_assert_eq!(apply(sequence.as_bytes(), &narrow), edited.as_bytes());
            prop_assert_eq!(apply(sequence.as_bytes(), &wide), edited.as_bytes());
            prop_assert_eq!(narrow.start, wide.start);
            prop_assert_eq!(&narrow.reference, &wide.reference);
            prop_assert_eq!(&narrow.alternate, &wide.alternate);
        }
    }
}
