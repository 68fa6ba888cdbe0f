//! From codons to amino acids.

use geno_core::contig_aliases;

/// A genetic code, by its number at NCBI.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum GeneticCode {
    /// Table 1, with `ATG` alone as start: that of the nucleus.
    Standard,
    /// Table 2: that of the mitochondria of vertebrates.
    VertebrateMitochondrial,
}

/// The amino acids of the codons `TTT`, `TTC`, `TTA`, `TTG`, `TCT` and so on; `*` is a stop.
const STANDARD: &[u8; 64] = b"FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG";
const VERTEBRATE_MITOCHONDRIAL: &[u8; 64] =
    b"FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSS**VVVVAAAADDEEGGGG";

/// A codon with a base that is not known.
pub(crate) const UNKNOWN: u8 = b'X';
pub(crate) const STOP: u8 = b'*';

impl GeneticCode {
    /// The code of a contig, told by its name.
    pub(crate) fn of_contig(name: &str) -> Self {
        match contig_aliases(name).iter().any(|alias| alias == "MT") {
            true => Self::VertebrateMitochondrial,
            false => Self::Standard,
        }
    }

    /// The amino acid of a codon in upper case, [`STOP`] or [`UNKNOWN`].
    pub(crate) fn amino_acid(self, codon: &[u8]) -> u8 {
        let table = match self {
            Self::Standard => STANDARD,
            Self::VertebrateMitochondrial => VERTEBRATE_MITOCHONDRIAL,
        };
        let digit = |base: &u8| b"TCAG".iter().position(|letter| letter == base);
        let place = codon
            .iter()
            .try_fold(0, |place, base| Some(place * 4 + digit(base)?));
        place.map_or(UNKNOWN, |place| table[place])
    }

    /// The amino acids of whole codons; up to two bases at the end are left out.
    pub(crate) fn translate(self, bases: &[u8]) -> Vec<u8> {
        let codons = bases.chunks_exact(3);
        codons.map(|codon| self.amino_acid(codon)).collect()
    }

    pub(crate) fn is_stop(self, codon: &[u8]) -> bool {
        self.amino_acid(codon) == STOP
    }

    pub(crate) fn is_start(self, codon: &[u8]) -> bool {
        match self {
            Self::Standard => codon == b"ATG",
            Self::VertebrateMitochondrial => {
                matches!(codon, b"ATG" | b"ATA" | b"ATC" | b"ATT" | b"GTG")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codons_give_the_amino_acids_of_the_table() {
        let code = GeneticCode::of_contig("chr1");
        assert_eq!(code.translate(b"ATGTGGTGATAATAGAGANTGGG"), b"MW***RX");
        assert!(code.is_start(b"ATG") && !code.is_start(b"ATA"));
    }

    #[test]
    fn mitochondria_read_four_codons_otherwise() {
        for name in ["MT", "chrM", "NC_012920.1"] {
            let code = GeneticCode::of_contig(name);
            assert_eq!(code.translate(b"TGAATAAGAAGGATT"), b"WM**I", "{name}");
            assert!(code.is_start(b"ATT"));
        }
    }
}
