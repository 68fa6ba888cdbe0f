//! One spelling for an edit that can be written in several.

use geno_core::is_acgt;

use crate::RelEdit;

impl RelEdit {
    /// The same change, spelled with as few bases and as far left as it can be.
    ///
    /// Bases that both alleles end or begin with are dropped but for one, and an insertion or
    /// deletion in a repeat moves to the repeat's left end. Nothing left of `floor` is touched: pass
    /// 0 for an edit that stands alone. `sequence` is the window that the edit is applied to, in upper
    /// case, and holds the bases that it replaces.
    ///
    /// Two edits that make the same sequence out of this one get one spelling. What lies left of the
    /// sequence cannot be seen: a repeat that begins before it is moved to its edge alone.
    ///
    /// # Panics
    ///
    /// If the edit reaches past the sequence.
    ///
    /// # Source
    ///
    /// Tan, Abecasis and Kang, *Unified representation of genetic variants*, 2015.
    ///
    /// # Examples
    ///
    /// ```
    /// use geno_action::RelEdit;
    ///
    /// let written = RelEdit::new(5, "AA", "A")?;
    /// assert_eq!(written.left_aligned(b"GCAAAAAT", 0), RelEdit::new(1, "CA", "C")?);
    /// # Ok::<_, geno_action::EditError>(())
    /// ```
    pub fn left_aligned(&self, sequence: &[u8], floor: usize) -> Self {
        assert!(self.end() <= sequence.len(), "edit reaches past its window");
        let mut start = self.rel_pos();
        let mut reference = self.reference().as_bytes().to_vec();
        let mut alternate = self.alternate().as_bytes().to_vec();

        while reference.last() == alternate.last() {
            if reference.len().min(alternate.len()) == 1 {
                // An allele is never empty, so a base from the left takes the place of the one
                // that goes. Without one, or with one that nobody knows, this is the end.
                if start <= floor || !is_acgt(&sequence[start - 1..start]) {
                    break;
                }
                start -= 1;
                reference.insert(0, sequence[start]);
                alternate.insert(0, sequence[start]);
            }
            reference.pop();
            alternate.pop();
        }
        while reference.len().min(alternate.len()) > 1 && reference[0] == alternate[0] {
            start += 1;
            reference.remove(0);
            alternate.remove(0);
        }

        let text = |bases: Vec<u8>| String::from_utf8(bases).expect("bases are ASCII");
        Self::new(start, &text(reference), &text(alternate))
            .expect("alleles that still differ and are no longer than they were")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::apply;

    fn edit(rel_pos: usize, reference: &str, alternate: &str) -> RelEdit {
        RelEdit::new(rel_pos, reference, alternate).unwrap()
    }

    #[test]
    fn spellings_of_one_change_become_one() {
        let window = b"TGCACACACAT";
        let expected = edit(1, "GCA", "G");
        for spelling in [
            edit(1, "GCA", "G"),
            edit(3, "ACA", "A"),
            edit(6, "CAC", "C"),
            edit(4, "CACAC", "CAC"),
        ] {
            assert_eq!(spelling.left_aligned(window, 0), expected);
        }
        assert_eq!(
            edit(2, "CAC", "CGC").left_aligned(window, 0),
            edit(3, "A", "G")
        );
    }

    #[test]
    fn a_floor_is_not_passed() {
        let deletion = edit(4, "AA", "A");
        assert_eq!(deletion.left_aligned(b"GAAAAAT", 3), edit(3, "AA", "A"));
        assert_eq!(deletion.left_aligned(b"AAAAAAT", 0), edit(0, "AA", "A"));
    }

    #[test]
    fn an_unknown_base_ends_the_walk() {
        let window = b"NAAAAT";
        let aligned = edit(3, "AA", "A").left_aligned(window, 0);
        assert_eq!(aligned, edit(1, "AA", "A"));
    }

    proptest! {
        #[test]
        fn the_edited_sequence_stays(
            sequence in "[ACN]{12,30}", offset in 0usize..8, len in 1usize..5, alternate in "[AC]{1,5}",
        ) {
            let reference = &sequence[offset..offset + len];
            prop_assume!(reference != alternate && !reference.contains('N'));
            let written = edit(offset, reference, &alternate);
            let aligned = written.left_aligned(sequence.as_bytes(), 0);
            prop_assert_eq!(
                apply(sequence.as_bytes(), &aligned).unwrap(),
                apply(sequence.as_bytes(), &written).unwrap()
            );
            prop_assert_eq!(&aligned.left_aligned(sequence.as_bytes(), 0), &aligned);
        }
    }
}
