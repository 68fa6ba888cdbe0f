//! The interval of a BED line.

use std::ops::Range;

/// Why a line has none.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum BedFault {
    /// The columns are no contig and two positions.
    NoInterval,
    /// The interval holds no base.
    Empty { start: u64, end: u64 },
}

/// Contig and range, 0-based and half-open, of a line; none of a blank line, a comment, `track` or
/// `browser`.
pub(crate) fn interval(line: &str) -> Result<Option<(&str, Range<u64>)>, BedFault> {
    let mut columns = line.split([' ', '\t']).filter(|column| !column.is_empty());
    let Some(contig) = columns.next() else {
        return Ok(None);
    };
    if contig.starts_with('#') || ["track", "browser"].contains(&contig) {
        return Ok(None);
    }
    let mut number = || columns.next()?.parse().ok();
    let (start, end) = number().zip(number()).ok_or(BedFault::NoInterval)?;
    match start < end {
        true => Ok(Some((contig, start..end))),
        false => Err(BedFault::Empty { start, end }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_columns_are_read_and_more_are_let_be() {
        for line in ["chr20\t100\t250", "chr20 100 250 name 0 +"] {
            assert_eq!(interval(line), Ok(Some(("chr20", 100..250))));
        }
        for line in [
            "#chrom\tstart\tend",
            "track name=x",
            "browser position x",
            "",
            " ",
        ] {
            assert_eq!(interval(line), Ok(None), "{line}");
        }
    }

    #[test]
    fn lines_without_an_interval_are_faults() {
        for line in ["chr20\t100", "chr20\ta\t2", "chr20\t-1\t9"] {
            assert_eq!(interval(line), Err(BedFault::NoInterval), "{line}");
        }
        let empty = BedFault::Empty { start: 9, end: 9 };
        assert_eq!(interval("chr20\t9\t9"), Err(empty));
    }
}
