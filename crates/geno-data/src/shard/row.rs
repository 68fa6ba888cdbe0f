//! One row of a VCF file, up to its INFO column.

use memchr::memchr_iter;

use super::contig::shard_contig;
use crate::vcf::{RejectReason, row::parse_position};

/// The columns of a row that shards are made from.
pub(super) struct Row<'a> {
    /// As shards spell it.
    pub(super) chrom: &'a str,
    pub(super) pos: i64,
    pub(super) id: &'a str,
    /// In upper case.
    pub(super) reference: String,
    /// The whole column, in upper case.
    alternate: String,
    pub(super) filter: &'a [u8],
    pub(super) info: &'a [u8],
}

/// CHROM, POS, ID, REF, ALT, QUAL, FILTER, INFO.
const N_COLUMNS: usize = 8;

impl<'a> Row<'a> {
    /// Splits a line, which has no terminator.
    pub(super) fn split(line: &'a [u8]) -> Result<Self, RejectReason> {
        let mut columns = [&line[..0]; N_COLUMNS];
        let (mut found, mut begin) = (0, 0);
        let ends = memchr_iter(b'\t', line).chain([line.len()]);
        for end in ends.take(N_COLUMNS) {
            columns[found] = &line[begin..end];
            (found, begin) = (found + 1, end + 1);
        }
        if found < N_COLUMNS {
            return Err(RejectReason::NoInfo { found });
        }
        let [chrom, pos, id, reference, alternate, _, filter, info] = columns;
        let text = |column| std::str::from_utf8(column).map_err(|_| RejectReason::NotUtf8);
        let pos = parse_position(text(pos)?).and_then(|pos| i64::try_from(pos).ok());
        let row = Self {
            chrom: shard_contig(text(chrom)?),
            pos: pos.ok_or(RejectReason::BadPosition)?,
            id: text(id)?,
            reference: text(reference)?.to_ascii_uppercase(),
            alternate: text(alternate)?.to_ascii_uppercase(),
            filter,
            info,
        };
        match row.chrom.is_empty() {
            true => Err(geno_action::EditError::NoContig.into()),
            false => Ok(row),
        }
    }

    /// The alternate alleles, each with its place in the column, from 0. What is empty or `.` is
    /// none, but has a place.
    pub(super) fn alternates(&self) -> impl Iterator<Item = (usize, &str)> {
        let alternates = self.alternate.split(',').enumerate();
        alternates.filter(|(_, alternate)| !matches!(*alternate, "" | "."))
    }

    /// How many places the column has.
    pub(super) fn n_places(&self) -> usize {
        self.alternate.split(',').count()
    }
}

#[cfg(test)]
mod tests {
    use geno_action::EditError;

    use super::*;

    #[test]
    fn alleles_keep_their_places() {
        let row = Row::split(b"chrX\t7\trs1\ta\tC,.,g\t.\tPASS\tAF=1\tGT\t0|1").unwrap();
        assert_eq!((row.chrom, row.pos, row.id), ("X", 7, "rs1"));
        assert_eq!(
            (row.reference.as_str(), row.filter, row.info),
            ("A", &b"PASS"[..], &b"AF=1"[..])
        );
        let alternates: Vec<_> = row.alternates().collect();
        assert_eq!((alternates, row.n_places()), (vec![(0, "C"), (2, "G")], 3));
    }

    #[test]
    fn each_kind_of_bad_row_has_its_reason() {
        for (line, expected) in [
            (
                &b"1\t2\t.\tA\tC\t.\tPASS"[..],
                RejectReason::NoInfo { found: 7 },
            ),
            (b"", RejectReason::NoInfo { found: 1 }),
            (b"1\t0\t.\tA\tC\t.\t.\t.", RejectReason::BadPosition),
            (b"1\t1e3\t.\tA\tC\t.\t.\t.", RejectReason::BadPosition),
            (
                b"1\t9223372036854775808\t.\tA\tC\t.\t.\t.",
                RejectReason::BadPosition,
            ),
            (b"1\t1\t\xff\tA\tC\t.\t.\t.", RejectReason::NotUtf8),
            (b"chr\t1\t.\tA\tC\t.\t.\t.", EditError::NoContig.into()),
        ] {
            assert_eq!(Row::split(line).err(), Some(expected));
        }
    }
}
