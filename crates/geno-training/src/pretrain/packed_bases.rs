//! Known bases, four in a byte.

use std::ops::Range;

use geno_core::Base;

/// A growing sequence of known bases, four in a byte.
#[derive(Clone, Debug, Default)]
pub(super) struct PackedBases {
    bytes: Vec<u8>,
    len: u64,
}

impl PackedBases {
    /// Adds a base at the end.
    pub(super) fn push(&mut self, base: Base) {
        let place = self.len % 4;
        if place == 0 {
            self.bytes.push(0);
        }
        let last = self.bytes.last_mut().expect("a byte with room");
        *last |= (base as u8) << (2 * place);
        self.len += 1;
    }

    /// How many bases it holds.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// The bases of a stretch, from either end.
    ///
    /// # Panics
    ///
    /// If the stretch reaches past the end.
    pub(super) fn bases(&self, range: Range<u64>) -> impl DoubleEndedIterator<Item = Base> {
        assert!(range.end <= self.len, "bases that there are");
        range.map(|i| {
            let byte = self.bytes[(i / 4) as usize];
            Base::ALL[usize::from(byte >> (2 * (i % 4)) & 3)]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bases_come_back_as_they_went_in() {
        let letters = b"ACGTTGCAAC";
        let mut packed = PackedBases::default();
        for letter in letters {
            packed.push(Base::from_letter(*letter).unwrap());
        }
        let found = |range| packed.bases(range).map(Base::letter).collect::<Vec<_>>();
        assert_eq!(found(0..10), letters);
        assert_eq!(found(3..9), letters[3..9]);
        assert_eq!((packed.len(), packed.bytes.len()), (10, 3));
    }
}
