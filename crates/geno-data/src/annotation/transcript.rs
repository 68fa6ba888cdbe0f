//! Transcripts: where their exons lie and what of them is translated.

use std::ops::Range;

/// The strand that a transcript is read from.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Strand {
    /// The strand of the reference.
    Forward,
    /// The other one.
    Reverse,
}

/// A transcript of a gene. Positions are 0-based and half-open.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Transcript {
    /// Its identifier, as in the file.
    pub id: String,
    /// The gene's name, or its identifier where it has none.
    pub gene: Option<String>,
    /// What it makes, such as `protein_coding`, in the file's words.
    pub biotype: Option<String>,
    /// The contig as the file names it.
    pub contig: String,
    /// The strand.
    pub strand: Strand,
    /// The exons in the order of the contig, none touching another; at least one.
    pub exons: Vec<Range<u64>>,
    /// What of them is translated.
    pub translation: Translation,
    /// Whether the file calls it canonical: `Ensembl_canonical`, `MANE_Select`, `RefSeq Select`.
    pub is_canonical: bool,
}

/// What of a transcript is translated.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Translation {
    /// A coding sequence.
    Coding(CodingRegion),
    /// Nothing.
    None,
    /// The file holds exons alone, so nobody knows.
    Unknown,
}

/// Where a coding sequence lies.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CodingRegion {
    /// Its parts in the order of the contig, stop codon included; at least one.
    pub segments: Vec<Range<u64>>,
    /// Bases before the first whole codon, 0 to 2; `None` where the file does not say.
    pub phase: Option<u8>,
    /// Whether the file says that the start codon is missing.
    pub is_start_missing: bool,
    /// Whether the phases of the parts agree with their lengths. They do not where the ribosome
    /// slips, and what a base codes for is then not told.
    pub is_consistent: bool,
}

impl Transcript {
    /// From its first exon to its last.
    pub fn span(&self) -> Range<u64> {
        self.exons[0].start..self.exons[self.exons.len() - 1].end
    }

    /// The introns in the order of the contig.
    pub fn introns(&self) -> impl Iterator<Item = Range<u64>> {
        let pairs = self.exons.windows(2);
        pairs.map(|exons| exons[0].end..exons[1].start)
    }

    /// The bases shortly before its start, where a promoter is looked for; `None` for exons alone.
    pub(crate) fn upstream(&self, distance: u64) -> Option<Range<u64>> {
        let span = self.span();
        match (&self.translation, self.strand) {
            (Translation::Unknown, _) => None,
            (_, Strand::Forward) => Some(span.start.saturating_sub(distance)..span.start),
            (_, Strand::Reverse) => Some(span.end..span.end.saturating_add(distance)),
        }
    }
}

impl CodingRegion {
    /// From its first base to its last.
    pub fn span(&self) -> Range<u64> {
        self.segments[0].start..self.segments[self.segments.len() - 1].end
    }
}

/// Sorts ranges and joins those that touch or overlap.
pub(crate) fn merged(mut ranges: Vec<Range<u64>>) -> Vec<Range<u64>> {
    ranges.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<u64>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_touch_are_joined() {
        assert_eq!(merged(vec![5..9, 0..3, 3..4, 6..7]), [0..4, 5..9]);
    }
}
