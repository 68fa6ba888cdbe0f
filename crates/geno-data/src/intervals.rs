//! Intervals of a genome, in memory, to ask which of them a region overlaps.
//!
//! The intervals of a contig are sorted by their start, a longer one before a shorter one, and each
//! is linked to the nearest one before it that ends later. Since that one starts no later either,
//! it encloses the other. A query finds by bisection the last interval that starts before its end
//! and walks back from there: from an interval that ends too early it follows the link, because all
//! those passed over end no later. That takes `O(log n)`, and for each hit as many steps as
//! intervals enclose each other, which in an annotation is few.
//!
//! The scheme is that of SuperIntervals (Cleal, 2025), on arrays that can be looked at safely.

use std::{cmp::Reverse, collections::HashMap, iter, ops::Range};

use geno_core::contig_aliases;

/// Half-open, 0-based intervals on the contigs of a genome, each with a value. It is built once and
/// then only read, by any number of threads.
///
/// # Examples
///
/// ```
/// use geno_data::IntervalIndex;
///
/// let index = IntervalIndex::new([
///     ("chr20", 100..200, "gene"),
///     ("chr20", 120..130, "exon"),
///     ("chr21", 0..50, "gene"),
/// ]);
/// let intervals = index.contig("20").unwrap();
/// let hits: Vec<_> = intervals.overlaps(125..126).collect();
/// assert_eq!(hits, [(120..130, &"exon"), (100..200, &"gene")]);
/// assert_eq!(intervals.overlaps(200..300).count(), 0);
/// ```
#[derive(Clone, Debug)]
pub struct IntervalIndex<T> {
    contigs: Vec<(String, Intervals<T>)>,
    by_name: HashMap<String, usize>,
}

impl<T> IntervalIndex<T> {
    /// Builds the index of `(contig, interval, value)`, which may come in any order.
    ///
    /// Two spellings of a contig ([`contig_aliases`]) are one. An empty interval overlaps nothing
    /// and is left out. What lies beyond 2³² bases, where no contig reaches, is cut off.
    pub fn new<N: AsRef<str>>(intervals: impl IntoIterator<Item = (N, Range<u64>, T)>) -> Self {
        let mut unsorted: Vec<(String, Vec<_>)> = Vec::new();
        let mut by_name = HashMap::new();
        for (name, interval, value) in intervals {
            let name = name.as_ref();
            let i = *match find(&by_name, name) {
                Some(i) => i,
                None => {
                    unsorted.push((name.to_owned(), Vec::new()));
                    by_name.entry(name.to_owned()).or_insert(unsorted.len() - 1)
                }
            };
            unsorted[i].1.push((interval, value));
        }
        let build = |(name, intervals)| (name, Intervals::new(intervals));
        Self {
            contigs: unsorted.into_iter().map(build).collect(),
            by_name,
        }
    }

    /// The intervals of a contig, under any of its spellings.
    ///
    /// Another spelling than the one it was built with takes longer to find; ask once for many
    /// queries.
    pub fn contig(&self, name: &str) -> Option<&Intervals<T>> {
        find(&self.by_name, name).map(|&i| &self.contigs[i].1)
    }

    /// The contigs that hold an interval, in the order in which they first came.
    pub fn contigs(&self) -> impl Iterator<Item = (&str, &Intervals<T>)> {
        let contigs = self.contigs.iter();
        contigs.map(|(name, intervals)| (name.as_str(), intervals))
    }

    /// The number of intervals.
    pub fn len(&self) -> usize {
        self.contigs().map(|(_, intervals)| intervals.len()).sum()
    }

    /// Whether there is no interval.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn find<'a>(by_name: &'a HashMap<String, usize>, name: &str) -> Option<&'a usize> {
    let by_alias = || {
        let aliases = contig_aliases(name);
        aliases.iter().find_map(|alias| by_name.get(alias))
    };
    by_name.get(name).or_else(by_alias)
}

/// Intervals between two landmarks. What is looked at of them fills a few cache lines.
const STRIDE: usize = 16;

/// In place of a link, where no interval before encloses another.
const NONE: u32 = u32::MAX;

/// The intervals of one contig.
#[derive(Clone, Debug)]
pub struct Intervals<T> {
    /// The first of every [`STRIDE`] starts, few enough to stay in a processor's cache.
    landmarks: Vec<u32>,
    places: Vec<Place>,
    values: Vec<T>,
}

/// Where an interval lies, in little memory: most of a query's time is waiting for it.
#[derive(Clone, Copy, Debug)]
struct Place {
    start: u32,
    end: u32,
    /// The nearest interval before it that ends later, or [`NONE`].
    enclosing: u32,
}

impl Place {
    fn interval(self) -> Range<u64> {
        self.start.into()..self.end.into()
    }
}

impl<T> Intervals<T> {
    fn new(intervals: Vec<(Range<u64>, T)>) -> Self {
        let cut = |(interval, value): (Range<u64>, T)| {
            let interval = position(interval.start)..position(interval.end);
            (!interval.is_empty()).then_some((interval, value))
        };
        let mut intervals: Vec<(Range<u32>, T)> = intervals.into_iter().filter_map(cut).collect();
        intervals.sort_by_key(|(interval, _)| (interval.start, Reverse(interval.end)));

        let mut places: Vec<Place> = Vec::with_capacity(intervals.len());
        let mut values = Vec::with_capacity(intervals.len());
        for (interval, value) in intervals {
            let mut enclosing = before(places.len());
            while let Some(place) = places.get(enclosing as usize)
                && place.end <= interval.end
            {
                enclosing = place.enclosing;
            }
            places.push(Place {
                start: interval.start,
                end: interval.end,
                enclosing,
            });
            values.push(value);
        }
        let landmarks = places.iter().step_by(STRIDE).map(|place| place.start);
        Self {
            landmarks: landmarks.collect(),
            places,
            values,
        }
    }

    /// How many intervals start before a position.
    fn n_before(&self, position: u32) -> usize {
        let landmark = self.landmarks.partition_point(|&start| start < position);
        let begin = landmark.saturating_sub(1) * STRIDE;
        let end = self.places.len().min(begin + STRIDE);
        begin + self.places[begin..end].partition_point(|place| place.start < position)
    }

    /// The intervals that share a position with the region, those that start last first.
    ///
    /// Of intervals that start at one position a shorter one comes first. An empty region overlaps
    /// nothing.
    pub fn overlaps(&self, region: Range<u64>) -> impl Iterator<Item = (Range<u64>, &T)> {
        let n_before = match region.is_empty() {
            true => 0,
            false => self.n_before(position(region.end)),
        };
        let start = position(region.start);
        let mut next = before(n_before);
        iter::from_fn(move || {
            loop {
                let i = next as usize;
                let place = self.places.get(i)?;
                if place.end > start {
                    next = before(i);
                    return Some((place.interval(), &self.values[i]));
                }
                next = place.enclosing;
            }
        })
    }

    /// Every interval, those that start first first.
    pub fn iter(&self) -> impl Iterator<Item = (Range<u64>, &T)> {
        let intervals = self.places.iter().map(|place| place.interval());
        iter::zip(intervals, &self.values)
    }

    /// The number of intervals.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// A position as it is kept.
fn position(position: u64) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

/// The place before the first `n`, or [`NONE`]. A contig holds fewer than 2³² intervals.
fn before(n: usize) -> u32 {
    n.checked_sub(1).map_or(NONE, |i| {
        u32::try_from(i).expect("four billion intervals fit no memory")
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_a_contig_are_one_contig() {
        let index = IntervalIndex::new([("chr1", 0..1, 'a'), ("1", 5..6, 'b'), ("MT", 0..9, 'c')]);
        assert_eq!(index.contigs().count(), 2);
        for name in ["1", "chr1", "NC_000001.11"] {
            assert_eq!(index.contig(name).unwrap().len(), 2, "{name}");
        }
        assert_eq!(index.contig("chrM").unwrap().len(), 1);
        assert!(index.contig("2").is_none());
    }

    #[test]
    fn accessions_of_two_builds_do_not_meet() {
        let index = IntervalIndex::new([("NC_000001.11", 0..1, ())]);
        assert!(index.contig("chr1").is_some());
        assert!(index.contig("NC_000001.10").is_none());
    }

    #[test]
    fn positions_at_both_ends_are_found_and_those_beyond_are_cut_off() {
        let end = u64::from(u32::MAX);
        let index = IntervalIndex::new([
            ("1", 0..1, 'a'),
            ("1", end - 1..u64::MAX, 'y'),
            ("1", end..u64::MAX, 'z'),
        ]);
        let intervals = index.contig("1").unwrap();
        let found: Vec<_> = intervals.overlaps(0..u64::MAX).collect();
        assert_eq!(found, [(end - 1..end, &'y'), (0..1, &'a')]);
        assert_eq!(intervals.overlaps(1..end - 1).count(), 0);
        assert_eq!(intervals.overlaps(end..u64::MAX).count(), 0);
    }

    fn interval() -> impl Strategy<Value = Range<u64>> {
        (0u64..60, prop_oneof![4 => 0u64..8, 1 => 0u64..60])
            .prop_map(|(start, len)| start..start + len)
    }

    proptest! {
        #[test]
        fn a_query_finds_what_looking_at_every_interval_finds(
            intervals in prop::collection::vec(interval(), 0..100), region in interval(),
        ) {
            let with_values = intervals.iter().cloned().enumerate();
            let index = IntervalIndex::new(with_values.map(|(i, interval)| ("1", interval, i)));
            let shares = |interval: &Range<u64>| region.clone().any(|p| interval.contains(&p));
            let expected: Vec<usize> =
                (0..intervals.len()).filter(|&i| shares(&intervals[i])).collect();

            let hits: Vec<(Range<u64>, usize)> = index
                .contig("1")
                .map_or(Vec::new(), |contig| {
                    contig.overlaps(region.clone()).map(|(r, &i)| (r, i)).collect()
                });

            let mut found: Vec<usize> = hits.iter().map(|(_, i)| *i).collect();
            found.sort_unstable();
            prop_assert_eq!(found, expected);
            for (range, i) in &hits {
                prop_assert_eq!(range, &intervals[*i]);
            }
            prop_assert!(hits.is_sorted_by_key(|(range, _)| Reverse(range.start)));
        }
    }
}
