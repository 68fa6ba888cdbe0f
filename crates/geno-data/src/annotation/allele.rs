//! An allele without the bases that it shares with the reference.

use std::ops::Range;

use geno_action::EditSpec;

/// The bases that an edit replaces, and those it puts there, both as few as can be.
///
/// Bases that both alleles end with are dropped first and then those that both begin with, so an
/// indel in a repeat lies as far left as its row allows.
pub(crate) struct Allele {
    /// What is replaced, 0-based; empty for an insertion, which comes before `start`.
    pub(crate) region: Range<u64>,
    /// What is put there, on the strand of the reference.
    pub(crate) alternate: Vec<u8>,
}

impl Allele {
    pub(crate) fn of(edit: &EditSpec) -> Self {
        let (mut reference, mut alternate) =
            (edit.reference().as_bytes(), edit.alternate().as_bytes());
        while let ([rest @ .., a], [other_rest @ .., b]) = (reference, alternate)
            && a == b
        {
            (reference, alternate) = (rest, other_rest);
        }
        let mut start = edit.pos() - 1;
        while let ([a, rest @ ..], [b, other_rest @ ..]) = (reference, alternate)
            && a == b
        {
            (reference, alternate) = (rest, other_rest);
            start += 1;
        }
        Self {
            region: start..start + reference.len() as u64,
            alternate: alternate.to_owned(),
        }
    }

    /// Whether it changes a base of a range, or adds bases between two of the range.
    pub(crate) fn touches(&self, range: &Range<u64>) -> bool {
        match self.region.is_empty() {
            true => range.start < self.region.start && self.region.start < range.end,
            false => range.start < self.region.end && self.region.start < range.end,
        }
    }

    /// Whether all it changes is within a range; an insertion, if it is between two of its bases.
    pub(crate) fn is_within(&self, range: &Range<u64>) -> bool {
        self.touches(range) && range.start <= self.region.start && self.region.end <= range.end
    }

    /// The bases it replaces, and for an insertion those on either side of it: never empty.
    pub(crate) fn footprint(&self) -> Range<u64> {
        match self.region.is_empty() {
            true => self.region.start.saturating_sub(1)..self.region.start + 1,
            false => self.region.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allele(reference: &str, alternate: &str) -> (Range<u64>, String) {
        let edit = EditSpec::new("1", 101, reference, alternate).unwrap();
        let allele = Allele::of(&edit);
        (allele.region, String::from_utf8(allele.alternate).unwrap())
    }

    #[test]
    fn shared_bases_are_dropped_from_the_right_first() {
        assert_eq!(allele("A", "C"), (100..101, "C".to_owned()));
        assert_eq!(allele("CAA", "CA"), (101..102, String::new()));
        assert_eq!(allele("C", "CAA"), (101..101, "AA".to_owned()));
        assert_eq!(allele("ACG", "ATG"), (101..102, "T".to_owned()));
        assert_eq!(allele("AC", "GT"), (100..102, "GT".to_owned()));
    }

    #[test]
    fn an_insertion_touches_what_holds_both_its_neighbours() {
        let edit = EditSpec::new("1", 100, "A", "AT").unwrap();
        let insertion = Allele::of(&edit);
        assert_eq!(insertion.footprint(), 99..101);
        assert!(insertion.touches(&(99..101)));
        assert!(!insertion.touches(&(100..110)));
        assert!(!insertion.touches(&(90..100)));
    }
}
