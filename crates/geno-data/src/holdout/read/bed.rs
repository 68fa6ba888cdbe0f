//! Intervals of BED lines.

use super::{super::entry::Entry, EntryFault};
use crate::bed::{BedFault, interval};

/// The interval of a line; none for a comment, `track` or `browser` line.
pub(crate) fn entry(line: &[u8]) -> Result<Option<Entry>, EntryFault> {
    let line = str::from_utf8(line).map_err(|_| EntryFault::Bed)?;
    let interval = interval(line).map_err(|fault| match fault {
        BedFault::NoInterval => EntryFault::Bed,
        BedFault::Empty { start, end } => EntryFault::EmptyInterval { start, end },
    })?;
    Ok(interval.map(|(contig, range)| Entry::Interval {
        contig: contig.to_owned(),
        range,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_columns_are_read_and_more_are_let_be() {
        let expected = Entry::Interval {
            contig: "chr20".into(),
            range: 100..250,
        };
        for line in ["chr20\t100\t250", "chr20 100 250 name 0 +"] {
            assert_eq!(entry(line.as_bytes()).unwrap().as_ref(), Some(&expected));
        }
        assert_eq!(entry(b"#chrom\tstart\tend").unwrap(), None);
        assert_eq!(entry(b"track name=x").unwrap(), None);
    }

    #[test]
    fn lines_without_an_interval_are_errors() {
        for line in [
            "chr20\t100",
            "chr20\ta\t2",
            "chr20\t9\t9",
            "chr20\t-1\t9",
            "\u{ff}",
        ] {
            assert!(entry(line.as_bytes()).is_err(), "{line}");
        }
    }
}
