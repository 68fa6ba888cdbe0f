//! What an allele does to a transcript, in the words of the Sequence Ontology.

use std::fmt;

use geno_core::{RegionClass, classify_region};

/// What an allele does to a transcript.
///
/// The order is that of Ensembl's table of calculated consequences, the most severe first; terms of
/// that table that are not here are not told apart. [`Consequence::region`] is the class under which
/// surprise is compared.
///
/// | term | region class |
/// |---|---|
/// | `splice_acceptor_variant`, `splice_donor_variant`, `splice_region_variant` | `splice` |
/// | `stop_gained`, `frameshift_variant`, `stop_lost`, `start_lost` | `coding_nonsense` |
/// | `inframe_insertion`, `inframe_deletion`, `missense_variant`, `protein_altering_variant` | `coding_missense` |
/// | `synonymous_variant`, `stop_retained_variant`, `start_retained_variant` | `coding_synonymous` |
/// | `5_prime_UTR_variant` | `utr5` |
/// | `3_prime_UTR_variant` | `utr3` |
/// | `intron_variant` | `intron` |
/// | `upstream_gene_variant` | `promoter` |
/// | `intergenic_variant` | `intergenic` |
/// | `coding_sequence_variant`, `incomplete_terminal_codon_variant`, `non_coding_transcript_exon_variant` | `other` |
///
/// ```
/// use geno_core::RegionClass;
/// use geno_data::Consequence;
///
/// assert!(Consequence::StopGained < Consequence::Missense);
/// assert_eq!(Consequence::StopGained.term(), "stop_gained");
/// assert_eq!(Consequence::StopGained.region(), RegionClass::CodingNonsense);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Consequence {
    /// One of the last two bases of an intron is changed.
    SpliceAcceptor,
    /// One of the first two bases of an intron is changed.
    SpliceDonor,
    /// The protein ends early.
    StopGained,
    /// The codons after it are read in another frame.
    Frameshift,
    /// The stop codon is no longer one.
    StopLost,
    /// The start codon is no longer one.
    StartLost,
    /// Amino acids are added.
    InframeInsertion,
    /// Amino acids are lost.
    InframeDeletion,
    /// Amino acids are replaced by as many others.
    Missense,
    /// Amino acids are replaced by more or fewer others.
    ProteinAltering,
    /// One of the last three bases of an exon, or of the third to eighth of an intron.
    SpliceRegion,
    /// The last codon of a coding sequence that is annotated without its end.
    IncompleteTerminalCodon,
    /// The start codon is changed and still one.
    StartRetained,
    /// The stop codon is changed and still one.
    StopRetained,
    /// The protein stays the same.
    Synonymous,
    /// In a coding sequence, to what effect cannot be said.
    CodingSequence,
    /// In the untranslated start of a transcript.
    FivePrimeUtr,
    /// In the untranslated end of a transcript.
    ThreePrimeUtr,
    /// In an exon of a transcript that makes no protein.
    NonCodingExon,
    /// In an intron.
    Intron,
    /// Before the start of a transcript.
    UpstreamGene,
    /// In no transcript, nor shortly before one.
    Intergenic,
}

impl Consequence {
    /// Every consequence, the most severe first.
    pub const ALL: [Self; 22] = [
        Self::SpliceAcceptor,
        Self::SpliceDonor,
        Self::StopGained,
        Self::Frameshift,
        Self::StopLost,
        Self::StartLost,
        Self::InframeInsertion,
        Self::InframeDeletion,
        Self::Missense,
        Self::ProteinAltering,
        Self::SpliceRegion,
        Self::IncompleteTerminalCodon,
        Self::StartRetained,
        Self::StopRetained,
        Self::Synonymous,
        Self::CodingSequence,
        Self::FivePrimeUtr,
        Self::ThreePrimeUtr,
        Self::NonCodingExon,
        Self::Intron,
        Self::UpstreamGene,
        Self::Intergenic,
    ];

    /// The term of the Sequence Ontology.
    pub fn term(self) -> &'static str {
        match self {
            Self::SpliceAcceptor => "splice_acceptor_variant",
            Self::SpliceDonor => "splice_donor_variant",
            Self::StopGained => "stop_gained",
            Self::Frameshift => "frameshift_variant",
            Self::StopLost => "stop_lost",
            Self::StartLost => "start_lost",
            Self::InframeInsertion => "inframe_insertion",
            Self::InframeDeletion => "inframe_deletion",
            Self::Missense => "missense_variant",
            Self::ProteinAltering => "protein_altering_variant",
            Self::SpliceRegion => "splice_region_variant",
            Self::IncompleteTerminalCodon => "incomplete_terminal_codon_variant",
            Self::StartRetained => "start_retained_variant",
            Self::StopRetained => "stop_retained_variant",
            Self::Synonymous => "synonymous_variant",
            Self::CodingSequence => "coding_sequence_variant",
            Self::FivePrimeUtr => "5_prime_UTR_variant",
            Self::ThreePrimeUtr => "3_prime_UTR_variant",
            Self::NonCodingExon => "non_coding_transcript_exon_variant",
            Self::Intron => "intron_variant",
            Self::UpstreamGene => "upstream_gene_variant",
            Self::Intergenic => "intergenic_variant",
        }
    }

    /// The class of the region, that of its term but for two.
    ///
    /// A retained start or stop leaves the protein as it is, so it is synonymous;
    /// [`classify_region`] knows the one word not and counts the other as nonsense, as published
    /// tables did.
    pub fn region(self) -> RegionClass {
        match self {
            Self::StartRetained | Self::StopRetained => RegionClass::CodingSynonymous,
            _ => classify_region([self.term()]),
        }
    }
}

impl fmt::Display for Consequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.term())
    }
}

/// All that an allele does to one transcript. Prints as terms joined by `&`, the most severe first.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Consequences(u32);

impl Consequences {
    /// Adds a consequence.
    pub(crate) fn insert(&mut self, consequence: Consequence) {
        self.0 |= 1 << consequence as u32;
    }

    /// Whether it is among them.
    pub fn contains(self, consequence: Consequence) -> bool {
        self.0 & 1 << consequence as u32 != 0
    }

    /// Each of them, the most severe first.
    pub fn iter(self) -> impl Iterator<Item = Consequence> {
        let all = Consequence::ALL.into_iter();
        all.filter(move |&consequence| self.contains(consequence))
    }

    /// The most severe one; `None` if there is none.
    pub fn worst(self) -> Option<Consequence> {
        self.iter().next()
    }
}

impl fmt::Display for Consequences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, consequence) in self.iter().enumerate() {
            let separator = if i == 0 { "" } else { "&" };
            write!(f, "{separator}{consequence}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_listed_in_their_order() {
        for (i, consequence) in Consequence::ALL.into_iter().enumerate() {
            assert_eq!(consequence as usize, i);
        }
        assert_eq!(Consequence::Intergenic as usize + 1, Consequence::ALL.len());
    }

    #[test]
    fn only_terms_without_a_known_effect_are_of_class_other() {
        let other: Vec<&str> = Consequence::ALL
            .into_iter()
            .filter(|consequence| consequence.region() == RegionClass::Other)
            .map(Consequence::term)
            .collect();
        assert_eq!(
            other,
            [
                "incomplete_terminal_codon_variant",
                "coding_sequence_variant",
                "non_coding_transcript_exon_variant"
            ]
        );
    }

    #[test]
    fn the_worst_of_several_comes_first() {
        let mut found = Consequences::default();
        assert_eq!((found.worst(), found.to_string()), (None, String::new()));
        found.insert(Consequence::Synonymous);
        found.insert(Consequence::SpliceRegion);
        assert_eq!(found.worst(), Some(Consequence::SpliceRegion));
        assert_eq!(
            found.to_string(),
            "splice_region_variant&synonymous_variant"
        );
    }
}
