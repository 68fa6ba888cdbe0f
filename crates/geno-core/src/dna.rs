//! The DNA alphabet.

/// One of the four bases.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Base {
    /// Adenine.
    A,
    /// Cytosine.
    C,
    /// Guanine.
    G,
    /// Thymine.
    T,
}

impl Base {
    /// The four bases, in the order of the alphabet.
    pub const ALL: [Self; 4] = [Self::A, Self::C, Self::G, Self::T];

    /// Reads an upper-case letter.
    pub fn from_letter(letter: u8) -> Option<Self> {
        match letter {
            b'A' => Some(Self::A),
            b'C' => Some(Self::C),
            b'G' => Some(Self::G),
            b'T' => Some(Self::T),
            _ => None,
        }
    }

    /// The upper-case letter.
    pub fn letter(self) -> u8 {
        b"ACGT"[self as usize]
    }

    /// The base it pairs with.
    pub fn complement(self) -> Self {
        match self {
            Self::A => Self::T,
            Self::C => Self::G,
            Self::G => Self::C,
            Self::T => Self::A,
        }
    }
}

/// Whether every letter is one of `ACGT`. True of an empty sequence.
pub fn is_acgt(sequence: &[u8]) -> bool {
    sequence
        .iter()
        .all(|&letter| Base::from_letter(letter).is_some())
}

/// The other strand, read in its own direction. Letters other than `ACGT` stay as they are.
///
/// ```
/// assert_eq!(geno_core::reverse_complement(b"AACGN"), b"NCGTT");
/// ```
pub fn reverse_complement(sequence: &[u8]) -> Vec<u8> {
    let complement =
        |&letter| Base::from_letter(letter).map_or(letter, |base| base.complement().letter());
    sequence.iter().rev().map(complement).collect()
}

/// The share of G and C among the called bases.
///
/// `(G + C) / (A + C + G + T)`, whatever the case; `None` when no base is called.
///
/// ```
/// assert_eq!(geno_core::gc_fraction(b"GCNNat"), Some(0.5));
/// assert_eq!(geno_core::gc_fraction(b"NNN"), None);
/// ```
pub fn gc_fraction(sequence: &[u8]) -> Option<f64> {
    let (mut gc, mut called) = (0u64, 0u64);
    for letter in sequence {
        let is_gc = matches!(letter, b'G' | b'C' | b'g' | b'c');
        gc += u64::from(is_gc);
        called += u64::from(is_gc || matches!(letter, b'A' | b'T' | b'a' | b't'));
    }
    (called > 0).then(|| gc as f64 / called as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complement_twice_is_the_base_itself() {
        for base in Base::ALL {
            assert_eq!(base.complement().complement(), base);
            assert_eq!(Base::from_letter(base.letter()), Some(base));
        }
    }

    #[test]
    fn lower_case_and_n_are_not_called_upper_case_bases() {
        assert!(is_acgt(b"ACGT"));
        assert!(!is_acgt(b"ACGt"));
        assert!(!is_acgt(b"N"));
    }
}
