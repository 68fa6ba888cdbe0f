//! Whole rows of a VCF file, as they are written.

use std::fmt;

use geno_action::{EditError, EditSpec};
use geno_core::is_acgt;

use super::{
    reject::{RejectReason, RejectedRow},
    row::{Columns, Place, edit},
};

/// Most bytes of a row of which more than the first columns are read, so that no file, however hostile, takes more memory.
pub const MAX_ROW_LEN: usize = 1 << 26;

/// The next row of a VCF that is annotated.
#[derive(Clone, Debug)]
pub enum RawVcfRow<'a> {
    /// A row to give values to.
    Row(RawRow<'a>),
    /// What is no VCF row. It is left out of the output, which no program would read with it.
    Rejected(RejectedRow),
}

/// A row as it stands in a file.
///
/// Its `Debug` shows the line alone.
#[derive(Clone, Copy)]
pub struct RawRow<'a> {
    place: Place,
    chrom: &'a str,
    position: u64,
    reference: &'a str,
    alternate: &'a str,
}

impl<'a> RawRow<'a> {
    /// Reads the columns up to ALT; `is_whole` says whether `text` is all of the line.
    pub(crate) fn read(text: &'a [u8], is_whole: bool, place: Place) -> RawVcfRow<'a> {
        let (columns, fault) = Columns::split(text, is_whole);
        let position = columns.pos.parse().ok();
        let is_number = columns.pos.bytes().all(|byte| byte.is_ascii_digit());
        let fault = match (fault, position) {
            (Some(fault), _) => fault,
            (None, Some(position)) if is_number && is_whole && !columns.chrom.is_empty() => {
                return RawVcfRow::Row(Self {
                    place,
                    chrom: columns.chrom,
                    position,
                    reference: columns.reference,
                    alternate: columns.alternate,
                });
            }
            (None, _) if !is_whole => RejectReason::RowTooLong,
            (None, _) if columns.chrom.is_empty() => EditError::NoContig.into(),
            (None, _) => RejectReason::BadPosition,
        };
        RawVcfRow::Rejected(columns.rejected(place, fault, None))
    }

    /// The line of the file, 1-based.
    pub fn line(&self) -> u64 {
        self.place.line
    }

    /// The row among the rows after the header, 0-based; as [`Variant::record`](crate::Variant).
    pub fn record(&self) -> u64 {
        self.place.record
    }

    /// CHROM, as written.
    pub fn chrom(&self) -> &'a str {
        self.chrom
    }

    /// POS: 1-based, 0 for the telomere before the first base.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// REF, as written.
    pub fn reference(&self) -> &'a str {
        self.reference
    }

    /// The alleles of ALT, as written, `*` and `<NON_REF>` among them; none where it is `.`.
    pub fn alternates(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let is_none = matches!(self.alternate, "." | "");
        self.alternate
            .split(',')
            .take(if is_none { 0 } else { usize::MAX })
    }

    /// The edit of each of them, as [`VcfReader`](crate::VcfReader) reads it, or why it makes none.
    pub fn edits(&self) -> impl Iterator<Item = Result<EditSpec, RejectReason>> + use<'a> {
        let reference = self.reference.to_ascii_uppercase();
        let fault = match self.position {
            0 => Some(RejectReason::BadPosition),
            _ if reference.is_empty() || !is_acgt(reference.as_bytes()) => {
                let allele = "reference";
                Some(EditError::NotDna { allele }.into())
            }
            _ => None,
        };
        let (chrom, position) = (self.chrom, self.position);
        self.alternates().map(move |alternate| match &fault {
            Some(fault) => Err(fault.clone()),
            None => edit(chrom, position, &reference, alternate),
        })
    }
}

impl fmt::Debug for RawRow<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawRow")
            .field("line", &self.place.line)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::VcfRow, *};

    const PLACE: Place = Place { line: 9, record: 3 };

    fn reason(text: &[u8], is_whole: bool) -> RejectReason {
        match RawRow::read(text, is_whole, PLACE) {
            RawVcfRow::Rejected(row) => row.reason,
            RawVcfRow::Row(row) => panic!("{row:?} was read"),
        }
    }

    #[test]
    fn a_row_is_read_as_it_stands() {
        let RawVcfRow::Row(row) = RawRow::read(b"NC_000020.11\t0\t.\tn\tA,*,<DEL>", true, PLACE)
        else {
            panic!("rejected");
        };
        assert_eq!(
            (row.chrom(), row.position(), row.reference()),
            ("NC_000020.11", 0, "n")
        );
        assert_eq!(row.alternates().collect::<Vec<_>>(), ["A", "*", "<DEL>"]);
        assert_eq!(format!("{row:?}"), "RawRow { line: 9, .. }");
    }

    #[test]
    fn the_edits_of_a_row_are_those_of_the_reader() {
        for text in [
            "20\t7\t.\tac\tA,*,<DEL>,acgt\t.",
            "20\t7\t.\tN\tA,C",
            "20\t0\t.\tA\tC",
            "20\t7\t.\tA\tA,G]1:2],ACGTACGTACGTACGTACGT",
        ] {
            let RawVcfRow::Row(row) = RawRow::read(text.as_bytes(), true, PLACE) else {
                panic!("{text} is rejected");
            };
            let edits: Vec<_> = row.edits().collect();
            let mut rows = std::collections::VecDeque::new();
            super::super::row::parse(text.as_bytes(), true, PLACE, &mut rows);
            for (i, read) in rows.iter().enumerate() {
                match read {
                    VcfRow::Variant(variant) => assert_eq!(Ok(variant.edit()), edits[i].as_ref()),
                    VcfRow::Rejected(row) => assert_eq!(Err(&row.reason), edits[i].as_ref()),
                }
            }
            assert!(edits.len() >= rows.len(), "{text}");
        }
    }

    #[test]
    fn a_row_without_alternate_has_none() {
        let RawVcfRow::Row(row) = RawRow::read(b"1\t5\t.\tA\t.\t9", true, PLACE) else {
            panic!("rejected");
        };
        assert_eq!(row.alternates().count(), 0);
    }

    #[test]
    fn what_no_program_would_read_is_rejected() {
        assert_eq!(
            reason(b"1\t5\t.\tA", true),
            RejectReason::TooFewColumns { found: 4 }
        );
        assert_eq!(reason(b"1\t-5\t.\tA\tC", true), RejectReason::BadPosition);
        assert_eq!(reason(b"1\t+5\t.\tA\tC", true), RejectReason::BadPosition);
        assert_eq!(reason(b"1\t5\t.\tA\tC\t9", false), RejectReason::RowTooLong);
        assert_eq!(reason(b"1\t5\t\xff\tA\tC\t9", true), RejectReason::NotUtf8);
        let no_contig = geno_action::EditError::NoContig.into();
        assert_eq!(reason(b"\t5\t.\tA\tC\t9", true), no_contig);
    }
}
