//! Which alleles a shard holds.

use geno_core::is_acgt;
use serde::{Deserialize, Serialize};

/// Alleles that a shard does not hold, by kind.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct AlleleCounts {
    /// Breakends such as `G]17:198982]`.
    pub breakend: u64,
    /// Alleles equal to REF.
    pub no_change: u64,
    /// Alleles with other letters than ACGT, or whose REF has them.
    pub not_acgt: u64,
    /// `*`, missing because of another row's deletion.
    pub star: u64,
    /// Names without bases, such as `<DEL>` and `<NON_REF>`.
    pub symbolic: u64,
    /// Alleles longer than asked for, or whose REF is.
    pub too_long: u64,
}

impl AlleleCounts {
    /// All of them.
    pub fn total(&self) -> u64 {
        let Self {
            breakend,
            no_change,
            not_acgt,
            star,
            symbolic,
            too_long,
        } = self;
        breakend + no_change + not_acgt + star + symbolic + too_long
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.breakend += other.breakend;
        self.no_change += other.no_change;
        self.not_acgt += other.not_acgt;
        self.star += other.star;
        self.symbolic += other.symbolic;
        self.too_long += other.too_long;
    }

    /// Whether a shard can hold an allele; if not, it is counted. Both are in upper case.
    pub(super) fn admit(&mut self, reference: &str, alternate: &str, max_len: usize) -> bool {
        let count = match alternate.as_bytes() {
            b"*" => &mut self.star,
            [b'<', ..] => &mut self.symbolic,
            [b'.', ..] | [.., b'.'] => &mut self.breakend,
            bases if bases.iter().any(|b| matches!(b, b'[' | b']')) => &mut self.breakend,
            bases if !is_bases(reference.as_bytes()) || !is_bases(bases) => &mut self.not_acgt,
            bases if reference.len() > max_len || bases.len() > max_len => &mut self.too_long,
            _ if reference == alternate => &mut self.no_change,
            _ => return true,
        };
        *count += 1;
        false
    }
}

fn is_bases(allele: &[u8]) -> bool {
    !allele.is_empty() && is_acgt(allele)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_allele_has_its_count() {
        let mut counts = AlleleCounts::default();
        for (reference, alternate) in [
            ("A", "*"),
            ("N", "<DEL>"),
            ("A", "<NON_REF>"),
            ("A", "A]17:198982]"),
            ("A", ".A"),
            ("A", "N"),
            ("R", "A"),
            ("", "A"),
            ("A", "ACGTA"),
            ("ACGTA", "A"),
            ("A", "A"),
        ] {
            assert!(!counts.admit(reference, alternate, 4), "{alternate}");
        }
        assert!(counts.admit("A", "ACGT", 4));
        let expected = AlleleCounts {
            breakend: 2,
            no_change: 1,
            not_acgt: 3,
            star: 1,
            symbolic: 2,
            too_long: 2,
        };
        assert_eq!((counts, counts.total()), (expected, 11));
    }
}
