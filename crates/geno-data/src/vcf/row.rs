//! One row of a VCF file.

use std::collections::VecDeque;

use geno_action::EditSpec;
use geno_core::is_acgt;
use memchr::memchr_iter;

use super::{
    reject::{RejectReason, RejectedRow, shorten},
    stated_context::{ContextKeys, StatedContext},
    variant::Variant,
};

/// What a row of a VCF file gives for each of its alternate alleles.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum VcfRow {
    /// An allele that can be scored, if it fits the reference.
    Variant(Variant),
    /// An allele or a whole row that cannot.
    Rejected(RejectedRow),
}

/// Where a row stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// The line of the file, 1-based.
    pub(crate) line: u64,
    /// The row among the rows after the header, 0-based.
    pub(crate) record: u64,
}

/// Number of columns that are read: CHROM, POS, ID, REF, ALT.
const N_COLUMNS: usize = 5;

/// Reads a row and appends what it gives, at least one item.
///
/// `is_whole` says whether `text` is all of the line.
pub(crate) fn parse(text: &[u8], is_whole: bool, place: Place, rows: &mut VecDeque<VcfRow>) {
    parse_with_context(text, is_whole, place, None, rows);
}

/// As [`parse`], with what the row states of its alleles' surroundings under these keys.
pub(super) fn parse_with_context(
    text: &[u8],
    is_whole: bool,
    place: Place,
    keys: Option<&ContextKeys>,
    rows: &mut VecDeque<VcfRow>,
) {
    let (columns, fault) = Columns::split(text, is_whole);
    if let Some(reason) = fault {
        rows.push_back(columns.reject(place, reason, None));
        return;
    }
    let Some(position) = parse_position(columns.pos) else {
        rows.push_back(columns.reject(place, RejectReason::BadPosition, None));
        return;
    };
    let reference = columns.reference.to_ascii_uppercase();
    if reference.is_empty() || !is_acgt(reference.as_bytes()) {
        let reason = geno_action::EditError::NotDna {
            allele: "reference",
        };
        rows.push_back(columns.reject(place, reason.into(), None));
        return;
    }
    let alternates: Vec<_> = columns.alternate.split(',').collect();
    let contexts = match keys {
        None => vec![StatedContext::default(); alternates.len()],
        Some(_) if !is_whole => {
            rows.push_back(columns.reject(place, RejectReason::RowTooLong, None));
            return;
        }
        Some(keys) => match keys.read(text, &reference, &alternates) {
            Ok(contexts) => contexts,
            Err(reason) => {
                rows.push_back(columns.reject(place, reason, None));
                return;
            }
        },
    };
    for (i, alternate) in alternates.into_iter().enumerate() {
        let row = match edit(columns.chrom, position, &reference, alternate) {
            Ok(edit) => VcfRow::Variant(Variant {
                line: place.line,
                record: place.record,
                allele: i + 1,
                id: columns.id.to_owned(),
                edit,
                context: contexts[i],
                notation: None,
            }),
            Err(reason) => columns.reject(place, reason, Some(alternate)),
        };
        rows.push_back(row);
    }
}

/// Rejects a row that another reader could not use, with the columns that can be read.
#[cfg(feature = "parquet")]
pub(crate) fn reject(text: &[u8], line: u64, reason: RejectReason) -> RejectedRow {
    let (columns, _) = Columns::split(text, true);
    let place = Place { line, record: 0 };
    columns.rejected(place, reason, None)
}

/// A number of at least 1, in digits alone.
pub(crate) fn parse_position(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let position = text.parse().ok().filter(|&position| position >= 1)?;
    is_number.then_some(position)
}

/// The edit that one alternate makes; `reference` is in upper case.
pub(crate) fn edit(
    chrom: &str,
    position: u64,
    reference: &str,
    alternate: &str,
) -> Result<EditSpec, RejectReason> {
    match alternate.as_bytes() {
        b"" | b"." => Err(RejectReason::NoAlternate),
        b"*" => Err(RejectReason::StarAllele),
        [b'<', ..] => Err(RejectReason::SymbolicAllele),
        [b'.', ..] | [.., b'.'] => Err(RejectReason::Breakend),
        bases if bases.iter().any(|b| matches!(b, b'[' | b']')) => Err(RejectReason::Breakend),
        _ => {
            let alternate = alternate.to_ascii_uppercase();
            Ok(EditSpec::new(chrom, position, reference, &alternate)?)
        }
    }
}

/// The columns of a row that are read.
#[derive(Default)]
pub(crate) struct Columns<'a> {
    pub(crate) chrom: &'a str,
    pub(crate) pos: &'a str,
    pub(crate) id: &'a str,
    pub(crate) reference: &'a str,
    pub(crate) alternate: &'a str,
    /// How many of them were there.
    pub(crate) found: usize,
}

impl<'a> Columns<'a> {
    /// Splits a row, as far as it goes, and says why if that is not far enough.
    pub(crate) fn split(text: &'a [u8], is_whole: bool) -> (Self, Option<RejectReason>) {
        let mut columns = [""; N_COLUMNS];
        let (mut found, mut begin) = (0, 0);
        let ends = memchr_iter(b'\t', text).chain(is_whole.then_some(text.len()));
        let mut fault = None;
        for end in ends.take(N_COLUMNS) {
            match std::str::from_utf8(&text[begin..end]) {
                Ok(column) => columns[found] = column,
                Err(_) => {
                    fault = Some(RejectReason::NotUtf8);
                    break;
                }
            }
            (found, begin) = (found + 1, end + 1);
        }
        let [chrom, pos, id, reference, alternate] = columns;
        let columns = Self {
            chrom,
            pos,
            id,
            reference,
            alternate,
            found,
        };
        if fault.is_none() && found < N_COLUMNS {
            fault = Some(match is_whole {
                true => RejectReason::TooFewColumns { found },
                false => RejectReason::TooLong,
            });
        }
        (columns, fault)
    }

    fn reject(&self, place: Place, reason: RejectReason, allele: Option<&str>) -> VcfRow {
        VcfRow::Rejected(self.rejected(place, reason, allele))
    }

    pub(crate) fn rejected(
        &self,
        place: Place,
        reason: RejectReason,
        allele: Option<&str>,
    ) -> RejectedRow {
        let keep = |i: usize, column: &str| (i < self.found).then(|| shorten(column));
        RejectedRow {
            line: place.line,
            reason,
            chrom: keep(0, self.chrom),
            pos: keep(1, self.pos),
            reference: keep(3, self.reference),
            alternate: keep(4, allele.unwrap_or(self.alternate)),
            notation: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use geno_action::EditError;
    use proptest::prelude::*;

    use super::*;

    fn rows(text: &[u8]) -> Vec<VcfRow> {
        let mut rows = VecDeque::new();
        parse(text, true, Place { line: 7, record: 2 }, &mut rows);
        rows.into()
    }

    fn reason(text: &str) -> RejectReason {
        match rows(text.as_bytes()).pop() {
            Some(VcfRow::Rejected(row)) => row.reason,
            other => panic!("{text:?} gave {other:?}"),
        }
    }

    #[test]
    fn each_alternate_is_a_variant_of_its_own() {
        let rows = rows(b"chr1\t10\trs1\tt\tA,*,tg\t.\tPASS");
        let [
            VcfRow::Variant(first),
            VcfRow::Rejected(star),
            VcfRow::Variant(third),
        ] = &rows[..]
        else {
            panic!("{rows:?}");
        };
        assert_eq!((first.allele(), third.allele()), (1, 3));
        assert_eq!((third.line(), third.record(), third.id()), (7, 2, "rs1"));
        assert_eq!(*third.edit(), EditSpec::new("chr1", 10, "T", "TG").unwrap());
        assert_eq!(star.reason, RejectReason::StarAllele);
        assert_eq!(star.alternate.as_deref(), Some("*"));
        assert_eq!(star.reference.as_deref(), Some("t"));
    }

    #[test]
    fn each_kind_of_bad_row_has_its_reason() {
        let not_dna = |allele| RejectReason::Edit(EditError::NotDna { allele });
        for (text, expected) in [
            ("", RejectReason::TooFewColumns { found: 1 }),
            ("1\t10\t.\tA", RejectReason::TooFewColumns { found: 4 }),
            ("1\tten\t.\tA\tC", RejectReason::BadPosition),
            ("1\t+1\t.\tA\tC", RejectReason::BadPosition),
            ("1\t-1\t.\tA\tC", RejectReason::BadPosition),
            ("1\t0\t.\tA\tC", RejectReason::BadPosition),
            (
                "1\t99999999999999999999\t.\tA\tC",
                RejectReason::BadPosition,
            ),
            ("1\t1\t.\t\tC", not_dna("reference")),
            ("1\t1\t.\tN\tC", not_dna("reference")),
            ("1\t1\t.\tA\tR", not_dna("alternate")),
            ("1\t1\t.\tA\t", RejectReason::NoAlternate),
            ("1\t1\t.\tA\t.", RejectReason::NoAlternate),
            ("1\t1\t.\tA\t*", RejectReason::StarAllele),
            ("1\t1\t.\tA\t<DEL>", RejectReason::SymbolicAllele),
            ("1\t1\t.\tA\tA]17:198982]", RejectReason::Breakend),
            ("1\t1\t.\tA\t]13:123456]T", RejectReason::Breakend),
            ("1\t1\t.\tA\t.A", RejectReason::Breakend),
            ("1\t1\t.\tA\tA.", RejectReason::Breakend),
            ("1\t1\t.\tA\ta", RejectReason::Edit(EditError::NoChange)),
            ("\t1\t.\tA\tC", RejectReason::Edit(EditError::NoContig)),
            (
                "1\t1\t.\tA\tACGTACGTACGTACGTA",
                RejectReason::Edit(EditError::TooLong {
                    reference: 1,
                    alternate: 17,
                }),
            ),
        ] {
            assert_eq!(reason(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_row_that_cannot_be_read_keeps_what_could() {
        let [VcfRow::Rejected(row)] = &rows(b"chr1\t10\t\xff\tA\tC")[..] else {
            panic!("not one rejected row");
        };
        assert_eq!(row.reason, RejectReason::NotUtf8);
        assert_eq!(row.chrom.as_deref(), Some("chr1"));
        assert_eq!(row.pos.as_deref(), Some("10"));
        assert_eq!((&row.reference, &row.alternate), (&None, &None));
    }

    #[test]
    fn a_cut_row_is_read_if_its_columns_are_whole() {
        let place = Place { line: 1, record: 0 };
        let mut rows = VecDeque::new();
        parse(b"1\t5\t.\tA\tC\t.\tPA", false, place, &mut rows);
        assert!(matches!(rows.pop_back(), Some(VcfRow::Variant(_))));
        parse(b"1\t5\t.\tA\tC", false, place, &mut rows);
        let Some(VcfRow::Rejected(row)) = rows.pop_back() else {
            panic!("a cut allele was read");
        };
        assert_eq!(row.reason, RejectReason::TooLong);
    }

    proptest! {
        #[test]
        fn any_bytes_give_at_least_one_row_without_panic(
            text in "[ACGTacgtN0-9.,*<>\\[\\]\t]{0,48}", bytes: Vec<u8>, is_whole: bool,
        ) {
            for text in [text.as_bytes(), &bytes] {
                let mut rows = VecDeque::new();
                parse(text, is_whole, Place { line: 1, record: 0 }, &mut rows);
                prop_assert!(!rows.is_empty());
            }
        }
    }
}
