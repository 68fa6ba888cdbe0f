//! Where a sequence of the Carbon corpus comes from.

use std::{fmt, str::FromStr};

use geno_core::{Coded, ErrorCode};

/// One of the four parts of the Carbon pretraining corpus.
///
/// Labels are read whatever their case, with spaces, `_`, `-` or `/` between their words:
///
/// | source | labels |
/// |---|---|
/// | `eukaryotic_genes` | `eukaryotic genes`, `eukaryotic gene`, `generator`, `generator style annotated` |
/// | `mrna` | `mrna`, `mrna transcripts`, `transcript`, `transcripts` |
/// | `splice_mrna` | `splice mrna`, `splice enriched mrna` |
/// | `gtdb` | `gtdb`, `gtdb bacterial genomes`, `bacterial genomes` |
///
/// ```
/// use geno_data::CorpusSource;
///
/// assert_eq!("Generator-style annotated".parse(), Ok(CorpusSource::EukaryoticGenes));
/// assert_eq!(CorpusSource::SpliceMrna.to_string(), "splice_mrna");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum CorpusSource {
    /// Genes of eukaryotes with their surroundings.
    EukaryoticGenes,
    /// Messenger RNAs.
    Mrna,
    /// Messenger RNAs chosen for their splice sites.
    SpliceMrna,
    /// Genomes of bacteria and archaea from the Genome Taxonomy Database.
    Gtdb,
}

/// A label that names no part of the corpus.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("source is none of eukaryotic_genes, mrna, splice_mrna and gtdb")]
pub struct UnknownSource;

impl Coded for UnknownSource {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl CorpusSource {
    /// Every source, in the order of [`SourceMix::carbon`](super::SourceMix::carbon).
    pub const ALL: [Self; 4] = [
        Self::EukaryoticGenes,
        Self::Mrna,
        Self::SpliceMrna,
        Self::Gtdb,
    ];

    /// The name used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EukaryoticGenes => "eukaryotic_genes",
            Self::Mrna => "mrna",
            Self::SpliceMrna => "splice_mrna",
            Self::Gtdb => "gtdb",
        }
    }
}

impl fmt::Display for CorpusSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for CorpusSource {
    type Err = UnknownSource;

    fn from_str(label: &str) -> Result<Self, UnknownSource> {
        let between_words = |c: char| c.is_whitespace() || matches!(c, '-' | '/' | '_');
        let lower = label.to_lowercase();
        let words = lower.split(between_words).filter(|word| !word.is_empty());
        let words: Vec<&str> = words.collect();
        match &words[..] {
            ["eukaryotic", "genes" | "gene"]
            | ["generator"]
            | ["generator", "style", "annotated"] => Ok(Self::EukaryoticGenes),
            ["mrna"] | ["mrna", "transcripts"] | ["transcript" | "transcripts"] => Ok(Self::Mrna),
            ["splice", "mrna"] | ["splice", "enriched", "mrna"] => Ok(Self::SpliceMrna),
            ["gtdb"] | ["gtdb", "bacterial", "genomes"] | ["bacterial", "genomes"] => {
                Ok(Self::Gtdb)
            }
            _ => Err(UnknownSource),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Each was given to `normalize_source_label` of the Python package, which refuses the first one
    // only, although its documentation names it.
    #[test]
    fn documented_labels_are_read() {
        use CorpusSource::*;
        let labels = [
            ("generator-style annotated", EukaryoticGenes),
            ("GENERATOR", EukaryoticGenes),
            (" Eukaryotic  Gene ", EukaryoticGenes),
            ("eukaryotic_genes", EukaryoticGenes),
            ("mRNA/transcripts", Mrna),
            ("Transcript", Mrna),
            ("splice-enriched mRNA", SpliceMrna),
            ("splice_mrna", SpliceMrna),
            ("GTDB bacterial-genomes", Gtdb),
            ("bacterial genomes", Gtdb),
        ];
        for (label, source) in labels {
            assert_eq!(label.parse(), Ok(source), "{label}");
        }
        for source in CorpusSource::ALL {
            assert_eq!(source.as_str().parse(), Ok(source));
        }
    }

    #[test]
    fn other_labels_are_refused() {
        for label in [
            "",
            "  ",
            "mrnas",
            "genes",
            "generator style",
            "gtdb genomes",
        ] {
            assert_eq!(label.parse::<CorpusSource>(), Err(UnknownSource), "{label}");
        }
    }
}
