//! The services whose raw data can be read.

use std::fmt;

/// A service that lets its customers download what it read of their genome.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum RawDataProvider {
    /// 23andMe: tab-separated `rsid chromosome position genotype`.
    TwentyThreeAndMe,
    /// AncestryDNA: tab-separated `rsid chromosome position allele1 allele2`.
    Ancestry,
    /// MyHeritage, and FamilyTreeDNA, whose files look the same: quoted `RSID,CHROMOSOME,POSITION,RESULT`.
    MyHeritage,
    /// Sequencing.com: JSON rows that name their own REF and ALT.
    Sequencing,
}

impl RawDataProvider {
    /// Every provider.
    pub const ALL: [Self; 4] = [
        Self::TwentyThreeAndMe,
        Self::Ancestry,
        Self::MyHeritage,
        Self::Sequencing,
    ];

    /// The name as the service spells it, which is also INFO `SOURCE` of what is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::TwentyThreeAndMe => "23andMe",
            Self::Ancestry => "AncestryDNA",
            Self::MyHeritage => "MyHeritage",
            Self::Sequencing => "Sequencing.com",
        }
    }

    /// The provider that a line of a file's head names, as each of them does in a comment.
    pub(crate) fn named_in(line: &str) -> Option<Self> {
        let line = line.to_ascii_lowercase();
        Self::ALL
            .into_iter()
            .find(|provider| line.contains(&provider.name().to_ascii_lowercase()))
    }
}

impl fmt::Display for RawDataProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
