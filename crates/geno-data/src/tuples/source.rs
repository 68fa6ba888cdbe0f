//! Where edits come from.

use std::{fmt, str::FromStr};

use geno_core::{Coded, ErrorCode};
use serde::{Serialize, Serializer};

/// A source of edits.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum EditSource {
    /// Variants that are common in gnomAD, or in any other population.
    GnomadCommon,
    /// Substitutions of one base, made up.
    SyntheticSnv,
    /// Insertions and deletions, made up, half of each.
    SyntheticIndel,
    /// Variants of ClinVar.
    Clinvar,
    /// Several variants that one chromosome copy carries.
    Phased,
    /// Substitutions of neighbouring bases, made up.
    SyntheticMnv,
    /// Replacements by another number of bases, made up.
    SyntheticDelins,
    /// Made-up edits of every type, by the type weights.
    Synthetic,
}

/// A text that names no source of edits.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "expected gnomad_common, clinvar, phased, synthetic, synthetic_snv, synthetic_indel, \
     synthetic_mnv or synthetic_delins"
)]
pub struct UnknownEditSource;

impl Coded for UnknownEditSource {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl EditSource {
    /// Every source.
    pub const ALL: [Self; 8] = [
        Self::GnomadCommon,
        Self::SyntheticSnv,
        Self::SyntheticIndel,
        Self::Clinvar,
        Self::Phased,
        Self::SyntheticMnv,
        Self::SyntheticDelins,
        Self::Synthetic,
    ];

    /// The name used in tuples and reports; the first four are the Python package's.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GnomadCommon => "gnomad_common",
            Self::SyntheticSnv => "synthetic_snv",
            Self::SyntheticIndel => "synthetic_indel",
            Self::Clinvar => "clinvar",
            Self::Phased => "phased",
            Self::SyntheticMnv => "synthetic_mnv",
            Self::SyntheticDelins => "synthetic_delins",
            Self::Synthetic => "synthetic",
        }
    }

    /// Whether its edits stand at places of a genome, so that a window needs one too.
    pub fn is_placed(self) -> bool {
        matches!(self, Self::GnomadCommon | Self::Clinvar | Self::Phased)
    }
}

impl fmt::Display for EditSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for EditSource {
    type Err = UnknownEditSource;

    fn from_str(text: &str) -> Result<Self, UnknownEditSource> {
        let named = |source: &Self| source.as_str() == text;
        Self::ALL.into_iter().find(named).ok_or(UnknownEditSource)
    }
}

impl Serialize for EditSource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for source in EditSource::ALL {
            assert_eq!(source.as_str().parse(), Ok(source));
        }
        assert_eq!("gnomad".parse::<EditSource>(), Err(UnknownEditSource));
    }
}
