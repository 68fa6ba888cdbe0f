//! What an array read at one marker.

use geno_core::Base;

/// The alleles of one marker, as the service wrote them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Genotype {
    /// The array read nothing.
    NoCall,
    /// The array read one of two alleles.
    HalfCall,
    /// One or two bases.
    Bases(Alleles<Base>),
    /// One or two lengths of an indel.
    Indel(Alleles<Length>),
}

/// One allele, or two.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Alleles<T> {
    pub(crate) first: T,
    pub(crate) second: Option<T>,
}

/// The longer or the shorter allele of an indel; which bases these are no array file says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Length {
    /// `I`.
    Inserted,
    /// `D`.
    Deleted,
}

impl<T: Copy + Eq> Alleles<T> {
    pub(crate) fn iter(&self) -> impl Iterator<Item = T> {
        [Some(self.first), self.second].into_iter().flatten()
    }

    pub(crate) fn map<U>(self, mut f: impl FnMut(T) -> U) -> Alleles<U> {
        Alleles {
            first: f(self.first),
            second: self.second.map(f),
        }
    }

    pub(crate) fn contains(&self, allele: T) -> bool {
        self.iter().any(|other| other == allele)
    }

    /// Whether two alleles were read and they differ.
    pub(crate) fn is_heterozygous(&self) -> bool {
        self.second.is_some_and(|second| second != self.first)
    }
}

/// One symbol of a genotype.
#[derive(Clone, Copy)]
enum Symbol {
    Missing,
    Base(Base),
    Length(Length),
}

impl Symbol {
    fn read(text: &[u8]) -> Option<Self> {
        let &[letter] = text else {
            return None;
        };
        match letter.to_ascii_uppercase() {
            b'-' | b'0' | b'N' | b'.' => Some(Self::Missing),
            b'I' => Some(Self::Length(Length::Inserted)),
            b'D' => Some(Self::Length(Length::Deleted)),
            letter => Base::from_letter(letter).map(Self::Base),
        }
    }
}

impl Genotype {
    /// Reads a genotype in one column: `AG`, `A`, `--`, `DI`, also `A/G` and `A G`.
    ///
    /// `None` if it is anything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if matches!(text, "" | "NO_CALL" | "NC") {
            return Some(Self::NoCall);
        }
        let is_between = |byte: &u8| matches!(byte, b'/' | b'|' | b' ' | b'\t');
        let mut symbols = [None; 2];
        let letters = text.bytes().filter(|byte| !is_between(byte));
        for (n, letter) in letters.enumerate() {
            *symbols.get_mut(n)? = Some(Symbol::read(&[letter])?);
        }
        Self::of(symbols[0]?, symbols[1])
    }

    /// Reads a genotype in two columns.
    pub(crate) fn parse_pair(first: &str, second: &str) -> Option<Self> {
        let first = Symbol::read(first.as_bytes())?;
        let second = Symbol::read(second.as_bytes())?;
        Self::of(first, Some(second))
    }

    fn of(first: Symbol, second: Option<Symbol>) -> Option<Self> {
        let pair = |first, second| Alleles { first, second };
        Some(match (first, second) {
            (Symbol::Missing, None | Some(Symbol::Missing)) => Self::NoCall,
            (Symbol::Missing, Some(_)) | (_, Some(Symbol::Missing)) => Self::HalfCall,
            (Symbol::Base(base), None) => Self::Bases(pair(base, None)),
            (Symbol::Base(a), Some(Symbol::Base(b))) => Self::Bases(pair(a, Some(b))),
            (Symbol::Length(length), None) => Self::Indel(Alleles {
                first: length,
                second: None,
            }),
            (Symbol::Length(a), Some(Symbol::Length(b))) => Self::Indel(Alleles {
                first: a,
                second: Some(b),
            }),
            (Symbol::Base(_), Some(Symbol::Length(_)))
            | (Symbol::Length(_), Some(Symbol::Base(_))) => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bases(text: &str) -> String {
        match Genotype::parse(text) {
            Some(Genotype::Bases(alleles)) => alleles
                .iter()
                .map(|base| char::from(base.letter()))
                .collect(),
            other => panic!("{text:?} is {other:?}"),
        }
    }

    #[test]
    fn one_or_two_bases_are_read_in_their_order() {
        assert_eq!(bases("AG"), "AG");
        assert_eq!(bases("ga"), "GA");
        assert_eq!(bases("T"), "T");
        assert_eq!(bases("A/G"), "AG");
        assert_eq!(bases("A G"), "AG");
        assert_eq!(Genotype::parse_pair("A", "C"), Genotype::parse("AC"),);
    }

    #[test]
    fn missing_alleles_are_no_bases() {
        for text in [
            "", "-", "--", "0", "00", "N", "NN", "NO_CALL", ".", "./.", "0 0",
        ] {
            assert_eq!(Genotype::parse(text), Some(Genotype::NoCall), "{text:?}");
        }
        assert_eq!(Genotype::parse("A-"), Some(Genotype::HalfCall));
        assert_eq!(Genotype::parse_pair("0", "A"), Some(Genotype::HalfCall));
        assert_eq!(Genotype::parse_pair("0", "0"), Some(Genotype::NoCall));
    }

    #[test]
    fn lengths_of_indels_are_not_mixed_with_bases() {
        for text in ["II", "DD", "DI", "ID", "I", "D"] {
            assert!(matches!(Genotype::parse(text), Some(Genotype::Indel(_))));
        }
        for text in ["AI", "DA", "AGT", "AT/A", "X", "é", "/", "1"] {
            assert_eq!(Genotype::parse(text), None, "{text}");
        }
    }
}
