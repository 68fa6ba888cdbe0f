//! Human chromosomes as array files number them.

use std::fmt;

/// A human chromosome: 1 to 22, X, Y or the mitochondrion.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Chromosome(u8);

/// What the chromosome column of a row says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Placement {
    /// On a chromosome.
    On(Chromosome),
    /// In a region that X and Y share; positions are those of X.
    Pseudoautosomal,
    /// Nowhere: the service could not place the marker.
    Unplaced,
}

const X: u8 = 23;
const Y: u8 = 24;
const MT: u8 = 26;

/// One more than the highest [`Chromosome::rank`].
pub(crate) const N_RANKS: usize = MT as usize;

impl Chromosome {
    pub(crate) const X: Self = Self(X);
    pub(crate) const Y: Self = Self(Y);
    pub(crate) const MT: Self = Self(MT);

    /// Every chromosome, in the order of a genome.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (1..=Y).chain([MT]).map(Self)
    }

    /// Whether nobody has two of it, outside what it shares with X.
    pub(crate) fn is_haploid(self) -> bool {
        self.0 == Y || self.0 == MT
    }

    /// Place among the chromosomes, from 0.
    pub(crate) fn rank(self) -> usize {
        usize::from(self.0 - 1)
    }

    /// Reads a name or a number: `chr` is optional, and 23 is X, 24 Y, 25 the pseudoautosomal
    /// regions and 26 the mitochondrion, as PLINK numbers them. Also reads the accessions of
    /// RefSeq, by which dbSNP calls chromosomes.
    pub(crate) fn parse(text: &str) -> Option<Placement> {
        if let Some(accession) = text.strip_prefix("NC_") {
            return Self::of_accession(accession).map(Placement::On);
        }
        let bare = match text.get(..3) {
            Some(prefix) if prefix.eq_ignore_ascii_case("chr") => &text[3..],
            _ => text,
        };
        let is = |names: &[&str]| names.iter().any(|name| bare.eq_ignore_ascii_case(name));
        if is(&["X"]) {
            return Some(Placement::On(Self::X));
        }
        if is(&["Y"]) {
            return Some(Placement::On(Self::Y));
        }
        if is(&["M", "MT"]) {
            return Some(Placement::On(Self::MT));
        }
        if is(&["XY", "PAR"]) {
            return Some(Placement::Pseudoautosomal);
        }
        if is(&["-", "--", ".", "NA", "UN"]) {
            return Some(Placement::Unplaced);
        }
        let is_number = (1..=2).contains(&bare.len()) && bare.bytes().all(|b| b.is_ascii_digit());
        match bare.parse::<u8>().ok().filter(|_| is_number)? {
            0 => Some(Placement::Unplaced),
            25 => Some(Placement::Pseudoautosomal),
            number @ 1..=MT => Some(Placement::On(Self(number))),
            _ => None,
        }
    }

    /// `NC_000001.11` is chromosome 1, `NC_000023.11` X and `NC_000024.10` Y in some build each.
    fn of_accession(accession: &str) -> Option<Self> {
        let (number, version) = accession.split_once('.')?;
        let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if number.len() != 6 || !is_number(number) || !is_number(version) {
            return None;
        }
        match number.parse().ok()? {
            12_920 => Some(Self::MT),
            number @ 1..=24u32 => u8::try_from(number).ok().map(Self),
            _ => None,
        }
    }
}

impl fmt::Display for Chromosome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            X => f.write_str("X"),
            Y => f.write_str("Y"),
            MT => f.write_str("MT"),
            number => write!(f, "{number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_beyond_22_are_the_other_chromosomes() {
        for (text, name) in [
            ("1", "1"),
            ("chr22", "22"),
            ("23", "X"),
            ("x", "X"),
            ("24", "Y"),
            ("26", "MT"),
            ("M", "MT"),
            ("chrM", "MT"),
            ("NC_000001.11", "1"),
            ("NC_000024.9", "Y"),
            ("NC_012920.1", "MT"),
        ] {
            let Some(Placement::On(chromosome)) = Chromosome::parse(text) else {
                panic!("{text} is no chromosome");
            };
            assert_eq!(chromosome.to_string(), name);
        }
        for text in ["25", "XY", "PAR"] {
            assert_eq!(Chromosome::parse(text), Some(Placement::Pseudoautosomal));
        }
        for text in ["0", "--", "chr0"] {
            assert_eq!(Chromosome::parse(text), Some(Placement::Unplaced));
        }
        for text in [
            "",
            "27",
            "chr",
            "1x",
            "+1",
            "001",
            "é",
            "2.0",
            "NC_1.1",
            "NC_001807.4",
        ] {
            assert_eq!(Chromosome::parse(text), None, "{text}");
        }
    }

    #[test]
    fn chromosomes_are_listed_in_the_order_of_a_genome() {
        let names: Vec<_> = Chromosome::all().map(|c| c.to_string()).collect();
        assert_eq!((names.len(), &names[0][..], &names[22][..]), (25, "1", "X"));
        assert_eq!(names[23..], ["Y", "MT"]);
    }
}
