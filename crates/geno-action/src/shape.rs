//! How many bases an edit replaces by how many, and what they may become.

use crate::{EditType, MAX_ALLELE_LEN, RelEdit};

/// The lengths of an edit's alleles, 1 to [`MAX_ALLELE_LEN`] each.
///
/// At a place in a window a shape stands for a numbered list of edits:
///
/// | shape | alternates | how many |
/// |---|---|---|
/// | SNV, MNV of `n` bases | every base becomes another | `3ⁿ` |
/// | INS of `n` bases | anything behind the anchor | `4ⁿ` |
/// | DEL | the anchor alone | 1 |
/// | INDEL that inserts `n ≥ 2` bases | first and last base differ from those deleted | `9 · 4ⁿ⁻²` |
/// | INDEL that inserts one base | it differs from the first and the last deleted one | 2, or 3 where these are alike |
///
/// So none of a list could be written with fewer bases, but for an insertion that could as well
/// stand further left or right. An edit with another first base than its reference's, which a file
/// may hold, has a shape too and stands in no list.
///
/// # Examples
///
/// ```
/// use geno_action::{EditShape, EditType};
///
/// let shape = EditShape::new(1, 3).unwrap();
/// assert_eq!(shape.edit_type(), EditType::Ins);
/// assert_eq!(shape.n_alternates(b"G"), 16);
/// assert_eq!(shape.edit(7, b"G", 0).alternate(), "GAA");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct EditShape {
    reference_len: u8,
    alternate_len: u8,
}

impl EditShape {
    /// The shape of alleles of these lengths; none if one is 0 or over [`MAX_ALLELE_LEN`].
    pub fn new(reference_len: usize, alternate_len: usize) -> Option<Self> {
        let is_length = |len| (1..=MAX_ALLELE_LEN).contains(&len);
        (is_length(reference_len) && is_length(alternate_len)).then_some(Self {
            reference_len: reference_len as u8,
            alternate_len: alternate_len as u8,
        })
    }

    /// The shape of an edit.
    pub fn of(edit: &RelEdit) -> Self {
        Self::new(edit.reference().len(), edit.alternate().len()).expect("alleles are short")
    }

    /// Every shape of a type, by the length of the reference allele, then of the alternate one.
    pub fn of_type(edit_type: EditType) -> impl Iterator<Item = Self> {
        let lengths = 1..=MAX_ALLELE_LEN;
        let pairs = lengths.flat_map(|r| (1..=MAX_ALLELE_LEN).map(move |a| (r, a)));
        pairs
            .filter_map(|(r, a)| Self::new(r, a))
            .filter(move |shape| shape.edit_type() == edit_type)
    }

    /// Bases of the reference allele.
    pub fn reference_len(self) -> usize {
        self.reference_len.into()
    }

    /// Bases of the alternate allele.
    pub fn alternate_len(self) -> usize {
        self.alternate_len.into()
    }

    /// What kind of edit has this shape.
    pub fn edit_type(self) -> EditType {
        EditType::of_lengths(self.reference_len(), self.alternate_len())
    }

    /// How many alternates these reference bases have.
    ///
    /// # Panics
    ///
    /// If the reference is not as long as the shape says.
    pub fn n_alternates(self, reference: &[u8]) -> u64 {
        assert_eq!(reference.len(), self.reference_len());
        let has_more = self.inserts_one_base() && reference.get(1) == reference.last();
        self.least_alternates() + u64::from(has_more)
    }

    /// The edit of this number at a place, where the window holds these bases.
    ///
    /// # Panics
    ///
    /// If the reference is not of called bases, as many as the shape says, or the number is not
    /// below [`EditShape::n_alternates`].
    pub fn edit(self, rel_pos: usize, reference: &[u8], number: u64) -> RelEdit {
        assert!(number < self.n_alternates(reference), "number {number}");
        let alternate = self.alternate(reference, number);
        let text = |bases| std::str::from_utf8(bases).expect("called bases are ASCII");
        RelEdit::new(rel_pos, text(reference), text(&alternate))
            .expect("different runs of called bases, short enough")
    }

    /// Alternates that every place has.
    pub(crate) fn least_alternates(self) -> u64 {
        match (self.edit_type(), self.alternate_len.into()) {
            (EditType::Snv | EditType::Mnv, len) => 3u64.pow(len),
            (EditType::Ins, len) => 4u64.pow(len - 1),
            (EditType::Del, _) => 1,
            (EditType::Indel, 2) => 2,
            (EditType::Indel, len) => 9 * 4u64.pow(len - 3),
        }
    }

    /// Whether a single base takes the place of several, so that places differ in their choices.
    pub(crate) fn inserts_one_base(self) -> bool {
        self.edit_type() == EditType::Indel && self.alternate_len == 2
    }

    fn alternate(self, reference: &[u8], number: u64) -> Vec<u8> {
        let mut digits = Digits(number);
        let edit_type = self.edit_type();
        if matches!(edit_type, EditType::Snv | EditType::Mnv) {
            return reference
                .iter()
                .map(|&base| digits.other(&[base]))
                .collect();
        }
        let inserted = self.alternate_len() - 1;
        let mut alternate = vec![reference[0]];
        if edit_type == EditType::Indel {
            let (first, last) = (reference[1], reference[reference.len() - 1]);
            if inserted == 1 {
                alternate.push(digits.other(&[first, last]));
            } else {
                alternate.push(digits.other(&[first]));
                alternate.extend((2..inserted).map(|_| digits.other(&[])));
                alternate.push(digits.other(&[last]));
            }
        } else {
            alternate.extend((0..inserted).map(|_| digits.other(&[])));
        }
        alternate
    }
}

/// A number taken apart into choices, the last choice first.
struct Digits(u64);

impl Digits {
    /// The next choice among the bases that are not in `excluded`.
    fn other(&mut self, excluded: &[u8]) -> u8 {
        let is_free = |base: &&u8| !excluded.contains(base);
        let n = b"ACGT".iter().filter(is_free).count() as u64;
        let digit = (self.0 % n) as usize;
        self.0 /= n;
        *b"ACGT"
            .iter()
            .filter(is_free)
            .nth(digit)
            .expect("a digit below the number of bases")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn lengths_that_no_edit_has_make_no_shape() {
        assert_eq!(EditShape::new(0, 1), None);
        assert_eq!(EditShape::new(1, 17), None);
        let n = |edit_type| EditShape::of_type(edit_type).count();
        assert_eq!(EditType::ALL.map(n), [1, 15, 15, 15, 210]);
    }

    #[test]
    fn numbers_give_different_edits_of_the_shape() {
        for edit_type in EditType::ALL {
            for shape in EditShape::of_type(edit_type).filter(|s| s.alternate_len() < 5) {
                let reference = &b"GATTACAGATTACATG"[..shape.reference_len()];
                let edit = |number| shape.edit(3, reference, number);
                let edits: Vec<_> = (0..shape.n_alternates(reference)).map(edit).collect();
                assert!(edits.iter().all(|edit| EditShape::of(edit) == shape));
                let different: BTreeSet<_> = edits.iter().map(RelEdit::alternate).collect();
                assert_eq!(different.len(), edits.len());
            }
        }
    }
}
