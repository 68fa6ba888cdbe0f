//! Sets of offsets in a window.

use std::ops::Range;

/// Offsets of a window, numbered from the left.
#[derive(Clone, Default)]
pub(crate) struct Places {
    /// Not empty, sorted, with a gap between neighbours.
    ranges: Vec<Range<usize>>,
    /// How many offsets lie before each range.
    before: Vec<usize>,
    len: usize,
}

impl Places {
    /// The union of ranges, which may overlap and be empty.
    pub(crate) fn new(ranges: impl IntoIterator<Item = Range<usize>>) -> Self {
        let mut ranges: Vec<_> = ranges.into_iter().filter(|r| !r.is_empty()).collect();
        ranges.sort_by_key(|range| range.start);
        let mut places = Self::default();
        for range in ranges {
            match places.ranges.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => places.ranges.push(range),
            }
        }
        for range in &places.ranges {
            places.before.push(places.len);
            places.len += range.len();
        }
        places
    }

    /// The offsets at which `len` neighbours begin that lie in one of the ranges together.
    pub(crate) fn starts<'r>(
        ranges: impl IntoIterator<Item = &'r Range<usize>>,
        len: usize,
    ) -> Self {
        let starts = |range: &Range<usize>| range.start..(range.end + 1).saturating_sub(len);
        Self::new(ranges.into_iter().map(starts))
    }

    /// The offsets that both hold.
    pub(crate) fn intersection(&self, other: &Self) -> Self {
        let (mut i, mut j) = (0, 0);
        let mut common = Vec::new();
        while let (Some(a), Some(b)) = (self.ranges.get(i), other.ranges.get(j)) {
            common.push(a.start.max(b.start)..a.end.min(b.end));
            if a.end <= b.end {
                i += 1;
            } else {
                j += 1;
            }
        }
        Self::new(common)
    }

    pub(crate) fn ranges(&self) -> &[Range<usize>] {
        &self.ranges
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn contains(&self, offset: usize) -> bool {
        self.count(offset..offset + 1) == 1
    }

    /// How many offsets lie in a range.
    pub(crate) fn count(&self, range: Range<usize>) -> usize {
        self.n_before(range.end) - self.n_before(range.start.min(range.end))
    }

    /// The offsets from one on, in order.
    pub(crate) fn from(&self, offset: usize) -> impl Iterator<Item = usize> {
        let first = self.ranges.partition_point(|range| range.end <= offset);
        let ranges = self.ranges[first..].iter();
        ranges.flat_map(move |range| range.start.max(offset)..range.end)
    }

    fn n_before(&self, offset: usize) -> usize {
        let i = self.ranges.partition_point(|range| range.start < offset);
        match i.checked_sub(1) {
            None => 0,
            Some(i) => self.before[i] + self.ranges[i].len().min(offset - self.ranges[i].start),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn ranges() -> impl Strategy<Value = Vec<Range<usize>>> {
        vec(
            (0usize..40, 0usize..9).prop_map(|(start, len)| start..start + len),
            0..8,
        )
    }

    fn set(ranges: &[Range<usize>]) -> BTreeSet<usize> {
        ranges.iter().cloned().flatten().collect()
    }

    #[test]
    fn neighbours_begin_where_all_of_them_lie_in_one_range() {
        let places = Places::starts(&[2..5, 5..7], 2);
        assert_eq!(places.from(0).collect::<Vec<_>>(), [2, 3, 5]);
        assert_eq!(Places::starts(&[2..4, 9..11], 3).len(), 0);
    }

    proptest! {
        #[test]
        fn places_are_sets(a in ranges(), b in ranges(), cut in 0usize..50, len in 0usize..50) {
            let (places, others) = (Places::new(a.clone()), Places::new(b.clone()));
            let (a, b) = (set(&a), set(&b));
            prop_assert_eq!(places.len(), a.len());
            prop_assert!(places.from(0).eq(a.iter().copied()));
            prop_assert!(places.intersection(&others).from(0).eq(a.intersection(&b).copied()));
            let inside = a.iter().filter(|o| (cut..cut + len).contains(o)).count();
            prop_assert_eq!(places.count(cut..cut + len), inside);
            prop_assert!(places.from(cut).eq(a.range(cut..).copied()));
            prop_assert_eq!(places.contains(cut), a.contains(&cut));
        }
    }
}
