//! Tandem repeats, found in the sequence itself.

use std::ops::Range;

/// Fewest copies of a unit of 1, 2, … 6 bases that count as a repeat: the defaults of MISA (Beier
/// and others, 2017).
const MIN_COPIES: [usize; 6] = [10, 6, 5, 5, 5, 5];

/// Bases on either side of a locus that are enough to tell.
pub(crate) const FLANK: u64 = 64;

/// The length of the unit of a perfect tandem repeat that shares a base with `locus`, the shortest
/// if there are several. Case does not count, and an unknown base repeats nothing.
///
/// ```text
/// G ACACACACACAC T     unit 2, copies 6
/// ```
pub(crate) fn tandem_unit(bases: &[u8], locus: Range<usize>) -> Option<usize> {
    (1..=MIN_COPIES.len()).find(|&unit| {
        let min_len = unit * MIN_COPIES[unit - 1];
        let repeats = |i: usize| {
            let base = bases[i].to_ascii_uppercase();
            base != b'N' && base == bases[i + unit].to_ascii_uppercase()
        };
        let last = bases.len().saturating_sub(unit);
        let mut start = 0;
        while start < last {
            let len = (start..last).take_while(|&i| repeats(i)).count();
            let stretch = start..start + len + unit;
            let overlaps = stretch.start < locus.end && locus.start < stretch.end;
            if len > 0 && stretch.len() >= min_len && overlaps {
                return true;
            }
            start += len + 1;
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn unit(before: &str, repeat: &str, after: &str, locus: Range<usize>) -> Option<usize> {
        tandem_unit([before, repeat, after].concat().as_bytes(), locus)
    }

    #[test]
    fn enough_copies_of_a_unit_are_a_repeat() {
        assert_eq!(unit("GC", &"A".repeat(10), "GC", 5..6), Some(1));
        assert_eq!(unit("GC", &"A".repeat(9), "GC", 5..6), None);
        assert_eq!(unit("GT", &"aC".repeat(6), "GT", 13..14), Some(2));
        assert_eq!(unit("TT", &"CAG".repeat(5), "TT", 2..3), Some(3));
        assert_eq!(unit("TT", &"CAG".repeat(4), "TT", 2..3), None);
        assert_eq!(unit("", &"N".repeat(20), "", 5..6), None);
    }

    #[test]
    fn only_a_repeat_at_the_locus_counts() {
        assert_eq!(unit("GC", &"A".repeat(10), "GC", 1..2), None);
        assert_eq!(unit("GC", &"A".repeat(10), "GC", 12..13), None);
        assert_eq!(unit("GC", &"A".repeat(10), "GC", 11..12), Some(1));
        assert_eq!(unit("GC", &"A".repeat(10), "GC", 1..3), Some(1));
    }

    proptest! {
        #[test]
        fn a_repeat_is_found_where_one_was_put(
            unit_bases in "[ACGT]{1,6}", before in "[ACGT]{0,20}", after in "[ACGT]{0,20}",
            place in 0usize..100,
        ) {
            let repeat = unit_bases.repeat(10);
            let text = [before.as_str(), &repeat, &after].concat();
            let locus = before.len() + place % repeat.len();
            let found = tandem_unit(text.as_bytes(), locus..locus + 1);
            prop_assert!(found.is_some_and(|unit| unit <= unit_bases.len()));
        }

        #[test]
        fn a_sequence_without_equal_neighbours_has_no_short_unit(len in 0usize..80) {
            // Differences of a growing step: no unit up to 6 repeats often enough.
            let bases: Vec<u8> = (0..len).map(|i| b"ACGT"[(i / 7 + i * i / 3) % 4]).collect();
            if let Some(unit) = tandem_unit(&bases, 0..len) {
                let shifted = bases.windows(unit + 1).filter(|w| w[0] == w[unit]).count();
                prop_assert!(shifted + unit >= unit * MIN_COPIES[unit - 1]);
            }
        }
    }
}
