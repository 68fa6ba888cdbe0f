//! Kinds of edits, told apart by the lengths of their alleles.

use std::{fmt, str::FromStr};

use geno_core::UnknownName;

/// Longest allele the models take, in bases.
pub const MAX_ALLELE_LEN: usize = 16;

/// What an edit does to the length of the sequence.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
pub enum EditType {
    /// One base becomes another.
    Snv = 0,
    /// One base becomes several.
    Ins = 1,
    /// Several bases become one.
    Del = 2,
    /// Several bases become as many others.
    Mnv = 3,
    /// Several bases become several others of another number.
    Indel = 4,
}

impl EditType {
    /// Every type, by number.
    pub const ALL: [Self; 5] = [Self::Snv, Self::Ins, Self::Del, Self::Mnv, Self::Indel];

    /// The type of an edit with alleles of these lengths, both at least 1.
    pub fn of_lengths(reference: usize, alternate: usize) -> Self {
        match (reference, alternate) {
            (1, 1) => Self::Snv,
            (1, _) => Self::Ins,
            (_, 1) => Self::Del,
            (r, a) if r == a => Self::Mnv,
            _ => Self::Indel,
        }
    }

    /// The number that commitments and type embeddings use.
    pub fn id(self) -> u8 {
        self as u8
    }

    /// The name used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Snv => "SNV",
            Self::Ins => "INS",
            Self::Del => "DEL",
            Self::Mnv => "MNV",
            Self::Indel => "INDEL",
        }
    }
}

impl FromStr for EditType {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let found = Self::ALL.into_iter().find(|one| one.as_str() == name);
        found.ok_or_else(|| UnknownName {
            what: "edit type",
            name: name.to_owned(),
            expected: &["SNV", "INS", "DEL", "MNV", "INDEL"],
        })
    }
}

impl fmt::Display for EditType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_anchor_base_does_not_decide_the_type() {
        let types = [(1, 1), (1, 3), (3, 1), (2, 2), (2, 3), (3, 2)]
            .map(|(r, a)| EditType::of_lengths(r, a));
        use EditType::*;
        assert_eq!(types, [Snv, Ins, Del, Mnv, Indel, Indel]);
    }

    #[test]
    fn names_read_back() {
        for edit_type in EditType::ALL {
            assert_eq!(edit_type.as_str().parse(), Ok(edit_type));
        }
        let error = "snv".parse::<EditType>().unwrap_err();
        assert_eq!(error.expected, EditType::ALL.map(EditType::as_str));
    }

    #[test]
    fn ids_are_positions_in_the_list() {
        for (i, edit_type) in EditType::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(edit_type.id()), i);
        }
    }
}
