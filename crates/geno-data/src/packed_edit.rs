//! An edit of a genome in sixteen bytes, for lists of millions.

use std::fmt;

use geno_action::{EditType, MAX_ALLELE_LEN, RelEdit};
use geno_core::{Base, Digest};

use crate::normal_edit::NormalEdit;

const CONTIG_BITS: u32 = 20;
const START_BITS: u32 = 34;
const LEN_BITS: u32 = 5;
/// Both length fields of an edit whose alleles are too long to be held and are hashed.
const HASHED: u128 = (1 << LEN_BITS) - 1;

/// Contig number, 0-based start and alleles, ordered by contig and then start.
///
/// From the top: 20 bits of contig, 34 of start, 5 and 5 of allele lengths, then two bits a base.
/// Alleles of more than [`MAX_ALLELE_LEN`] bases are 64 bits of their SHA-256 instead.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct PackedEdit(u128);

impl PackedEdit {
    /// Packs alleles of `ACGT`; `None` where contig or start exceed their bits, or another letter
    /// stands in an allele.
    pub(crate) fn new(contig: u32, start: u64, reference: &[u8], alternate: &[u8]) -> Option<Self> {
        let place = Self::floor(contig, start)?.0;
        let (r, a) = (bits(reference)?, bits(alternate)?);
        let lens = |r: u128, a: u128| (r << LEN_BITS | a) << 64;
        if reference.len().max(alternate.len()) > MAX_ALLELE_LEN {
            let alleles = [reference, b">", alternate].concat();
            let digest = Digest::of(&alleles);
            let head = digest.as_bytes()[..8]
                .try_into()
                .expect("eight of 32 bytes");
            return Some(Self(
                place | lens(HASHED, HASHED) | u128::from(u64::from_be_bytes(head)),
            ));
        }
        let lens = lens(reference.len() as u128, alternate.len() as u128);
        Some(Self(place | lens | u128::from(r) << 32 | u128::from(a)))
    }

    /// Packs an edit in normal form.
    pub(crate) fn of(contig: u32, edit: &NormalEdit) -> Option<Self> {
        Self::new(contig, edit.start, &edit.reference, &edit.alternate)
    }

    /// What is at most equal to every edit at this position or after it.
    pub(crate) fn floor(contig: u32, start: u64) -> Option<Self> {
        let fits = contig < 1 << CONTIG_BITS && start < 1 << START_BITS;
        let place = u128::from(contig) << START_BITS | u128::from(start);
        fits.then_some(Self(place << (2 * LEN_BITS + 64)))
    }

    pub(crate) fn contig(self) -> u32 {
        (self.0 >> (128 - CONTIG_BITS)) as u32
    }

    pub(crate) fn start(self) -> u64 {
        (self.0 >> (2 * LEN_BITS + 64)) as u64 & ((1 << START_BITS) - 1)
    }

    /// Lengths of the alleles; of hashed ones no length is known, and both are 31.
    fn lens(self) -> (usize, usize) {
        let field = |shift: u32| (self.0 >> shift & HASHED) as usize;
        (field(64 + LEN_BITS), field(64))
    }

    /// One past the last base replaced.
    pub(crate) fn end(self) -> u64 {
        self.start() + self.lens().0 as u64
    }

    /// What kind of edit it is, its alleles not being empty.
    pub(crate) fn edit_type(self) -> EditType {
        let (reference, alternate) = self.lens();
        EditType::of_lengths(reference, alternate)
    }

    /// The alleles, unless they were hashed.
    pub(crate) fn alleles(self) -> Option<(String, String)> {
        let (r, a) = self.lens();
        let is_held = r <= MAX_ALLELE_LEN && a <= MAX_ALLELE_LEN;
        is_held.then(|| (letters((self.0 >> 32) as u32, r), letters(self.0 as u32, a)))
    }

    /// The edit in a window that begins at `window_start`; `None` before it, and for alleles that
    /// are no edit.
    pub(crate) fn relative_to(self, window_start: u64) -> Option<RelEdit> {
        let rel_pos = usize::try_from(self.start().checked_sub(window_start)?).ok()?;
        let (reference, alternate) = self.alleles()?;
        RelEdit::new(rel_pos, &reference, &alternate).ok()
    }
}

/// Shows no position and no base.
impl fmt::Debug for PackedEdit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (r, a) = self.lens();
        write!(f, "PackedEdit({r}>{a})")
    }
}

/// Two bits a base, of the last 16 bases; `None` for another letter than `ACGT`.
fn bits(bases: &[u8]) -> Option<u32> {
    let add = |bits: u32, &letter: &u8| Some(bits << 2 | Base::from_letter(letter)? as u32);
    bases.iter().try_fold(0, add)
}

fn letters(bits: u32, len: usize) -> String {
    let letter = |i: usize| char::from(b"ACGT"[(bits >> (2 * i) & 3) as usize]);
    (0..len).rev().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn long_alleles_are_told_apart_and_not_given_back() {
        let long = |alternate: &[u8]| PackedEdit::new(0, 7, b"A", alternate).unwrap();
        let (a, b) = (long(&[b'C'; 17]), long(&[b'C'; 18]));
        assert_ne!(a, b);
        assert_eq!((a.start(), a.alleles()), (7, None));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert_eq!(PackedEdit::new(1 << 20, 0, b"A", b"C"), None);
        assert_eq!(PackedEdit::new(0, 1 << 34, b"A", b"C"), None);
        assert_eq!(PackedEdit::new(0, 0, b"N", b"C"), None);
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out_in_genome_order(
            a in (0u32..1 << 20, 0u64..1 << 34, "[ACGT]{0,16}", "[ACGT]{0,16}"),
            b in (0u32..3, 0u64..9, "[ACGT]{0,16}", "[ACGT]{0,16}"),
            c in (0u32..3, 0u64..9, "[ACGT]{0,16}", "[ACGT]{0,16}"),
        ) {
            let pack = |(contig, start, r, a): &(u32, u64, String, String)| {
                PackedEdit::new(*contig, *start, r.as_bytes(), a.as_bytes()).unwrap()
            };
            let packed = pack(&a);
            prop_assert_eq!((packed.contig(), packed.start()), (a.0, a.1));
            prop_assert_eq!(packed.end(), a.1 + a.2.len() as u64);
            prop_assert_eq!(packed.alleles(), Some((a.2.clone(), a.3.clone())));
            if (b.0, b.1) != (c.0, c.1) {
                prop_assert_eq!(pack(&b) < pack(&c), (b.0, b.1) < (c.0, c.1));
            }
            prop_assert!(PackedEdit::floor(b.0, b.1).unwrap() <= pack(&b));
        }
    }
}
