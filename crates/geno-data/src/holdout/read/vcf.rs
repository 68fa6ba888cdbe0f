//! Variants of VCF files, of any length.

use std::path::Path;

use geno_core::is_acgt;

use super::{super::entry::Entry, EntryFault, ReadEntriesError};
use crate::vcf::{RejectReason, RejectedRow, VcfReader, VcfRow};

pub(crate) fn read<E: From<ReadEntriesError>>(
    path: &Path,
    mut visit: impl FnMut(Entry) -> Result<(), E>,
) -> Result<(), E> {
    for row in VcfReader::open(path).map_err(ReadEntriesError::Vcf)? {
        let entry = match row.map_err(ReadEntriesError::Vcf)? {
            VcfRow::Variant(variant) => {
                let edit = variant.edit();
                Entry::Variant {
                    contig: edit.chrom().to_owned(),
                    pos: edit.pos(),
                    reference: edit.reference().to_owned(),
                    alternate: edit.alternate().to_owned(),
                }
            }
            VcfRow::Rejected(row) => rejected(&row).ok_or_else(|| ReadEntriesError::Line {
                path: path.to_owned(),
                line: row.line,
                source: EntryFault::Columns,
            })?,
        };
        visit(entry)?;
    }
    Ok(())
}

/// What a row names that no model can take: alleles too long for it, or the stretch that a
/// symbolic allele or a breakend stands on.
fn rejected(row: &RejectedRow) -> Option<Entry> {
    let contig = row.chrom.clone().filter(|contig| !contig.is_empty())?;
    let pos: u64 = row.pos.as_ref()?.parse().ok().filter(|&pos| pos > 0)?;
    let reference = row.reference.as_ref()?.to_ascii_uppercase();
    let alternate = row.alternate.as_ref()?.to_ascii_uppercase();
    let changes_nothing = ["<NON_REF>", "<*>"].contains(&alternate.as_str());
    match row.reason {
        RejectReason::NoAlternate | RejectReason::StarAllele => return Some(Entry::Nothing),
        _ if changes_nothing || reference == alternate => return Some(Entry::Nothing),
        _ => {}
    }
    let is_dna = |allele: &str| !allele.is_empty() && is_acgt(allele.as_bytes());
    if is_dna(&reference) && is_dna(&alternate) {
        return Some(Entry::Variant {
            contig,
            pos,
            reference,
            alternate,
        });
    }
    // A cut text is longer than what is left of it.
    let len = match &row.reason {
        RejectReason::Edit(geno_action::EditError::TooLong { reference, .. }) => *reference,
        _ => reference.len().max(1),
    };
    let start = pos - 1;
    let range = start..start.saturating_add(len as u64);
    Some(Entry::Interval { contig, range })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(rows: &str) -> Result<Vec<Entry>, ReadEntriesError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.vcf");
        let text = format!("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\n{rows}\n");
        std::fs::write(&path, text).unwrap();
        let mut entries = Vec::new();
        read::<ReadEntriesError>(&path, |entry| {
            entries.push(entry);
            Ok(())
        })?;
        Ok(entries)
    }

    #[test]
    fn alleles_that_no_model_takes_are_still_named() {
        let long = "A".repeat(20);
        let rows = format!("20\t5\t.\t{long}\tA,<DEL>,<NON_REF>,*\n20\t9\t.\tN\tA");
        let interval = |range| Entry::Interval {
            contig: "20".into(),
            range,
        };
        let expected = [
            Entry::Variant {
                contig: "20".into(),
                pos: 5,
                reference: long,
                alternate: "A".into(),
            },
            interval(4..24),
            Entry::Nothing,
            Entry::Nothing,
            interval(8..9),
        ];
        assert_eq!(entries(&rows).unwrap(), expected);
    }

    #[test]
    fn a_row_that_cannot_be_read_is_not_passed_over() {
        for row in ["20\tx\t.\tA\tC", "20\t5\t.\tA"] {
            let error = entries(row).unwrap_err();
            assert!(
                matches!(error, ReadEntriesError::Line { line: 3, .. }),
                "{row}"
            );
        }
    }
}
