//! Rows of BED files.

use std::ops::Range;

use super::{
    feature::{checked_region, parse_strand},
    rows::RowFault,
    transcript::Strand,
};

/// A row of a BED file of three to six columns, or twelve.
pub(crate) struct BedRow<'a> {
    pub(crate) contig: &'a str,
    pub(crate) region: Range<u64>,
    pub(crate) name: Option<&'a str>,
    pub(crate) strand: Option<Strand>,
    /// Exons and coding region, where the row has its twelve columns.
    pub(crate) blocks: Option<Blocks>,
}

/// A whole transcript in a row.
pub(crate) struct Blocks {
    pub(crate) exons: Vec<Range<u64>>,
    /// Empty if nothing is translated.
    pub(crate) coding: Range<u64>,
}

impl<'a> BedRow<'a> {
    pub(crate) fn parse(row: &'a str) -> Result<Self, RowFault> {
        let separator = if row.contains('\t') { '\t' } else { ' ' };
        let columns: Vec<&str> = row.split(separator).collect();
        let [contig, start, end, more @ ..] = columns.as_slice() else {
            return Err(RowFault::TooFewColumns);
        };
        let region = checked_region(number(start)?, number(end)?)?;
        Ok(Self {
            contig,
            name: more
                .first()
                .copied()
                .filter(|name| !matches!(*name, "" | ".")),
            strand: match more.get(2) {
                Some(strand) => parse_strand(strand)?,
                None => None,
            },
            blocks: match more {
                [_, _, _, thick_start, thick_end, _, _, sizes, starts, ..] => {
                    let exons = blocks(&region, sizes, starts).ok_or(RowFault::BadBlocks)?;
                    let coding = number(thick_start)?..number(thick_end)?;
                    if coding.start < region.start && !coding.is_empty() || coding.end > region.end
                    {
                        return Err(RowFault::BadBlocks);
                    }
                    Some(Blocks { exons, coding })
                }
                _ => None,
            },
            region,
        })
    }
}

fn number(text: &str) -> Result<u64, RowFault> {
    text.parse().map_err(|_| RowFault::BadInterval)
}

/// The blocks of a row, which have to rise and stay within its region.
fn blocks(region: &Range<u64>, sizes: &str, starts: &str) -> Option<Vec<Range<u64>>> {
    let numbers = |list: &str| -> Option<Vec<u64>> {
        let list = list.trim_end_matches(',');
        list.split(',').map(|number| number.parse().ok()).collect()
    };
    let (sizes, starts) = (numbers(sizes)?, numbers(starts)?);
    let mut blocks: Vec<Range<u64>> = Vec::with_capacity(starts.len());
    for (size, start) in sizes.iter().zip(&starts) {
        let start = region.start.checked_add(*start)?;
        let block = start..start.checked_add(*size)?;
        let follows = blocks.last().is_none_or(|last| last.end <= block.start);
        if block.is_empty() || block.end > region.end || !follows {
            return None;
        }
        blocks.push(block);
    }
    (sizes.len() == starts.len()).then_some(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_columns_are_enough() {
        let row = BedRow::parse("chr1\t10\t20").unwrap();
        assert_eq!((row.contig, row.region), ("chr1", 10..20));
        assert_eq!((row.name, row.strand), (None, None));
    }

    #[test]
    fn twelve_columns_are_a_transcript() {
        let text = "1\t10\t40\tNM_1\t0\t-\t15\t35\t0\t2\t10,5,\t0,25,";
        let blocks = BedRow::parse(text).unwrap().blocks.unwrap();
        assert_eq!(blocks.exons, [10..20, 35..40]);
        assert_eq!(blocks.coding, 15..35);
    }

    #[test]
    fn rows_that_contradict_themselves_are_refused() {
        for (row, expected) in [
            ("1\t10", RowFault::TooFewColumns),
            ("1\t10\t10", RowFault::BadInterval),
            ("1\t-1\t10", RowFault::BadInterval),
            ("1\t1\t9\tn\t0\tx", RowFault::BadStrand),
            ("1\t1\t9\tn\t0\t+\t1\t9\t0\t1\t9,\t0,", RowFault::BadBlocks),
            (
                "1\t1\t9\tn\t0\t+\t1\t9\t0\t2\t4,4\t0,3",
                RowFault::BadBlocks,
            ),
            ("1\t1\t9\tn\t0\t+\t1\t10\t0\t1\t8\t0", RowFault::BadBlocks),
        ] {
            assert_eq!(BedRow::parse(row).err(), Some(expected), "{row}");
        }
    }
}
