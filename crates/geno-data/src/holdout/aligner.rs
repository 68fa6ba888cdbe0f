//! Brings edits of a genome into normal form.

use crate::{
    fasta::{Contig, Fasta, FetchError},
    normal_edit::NormalEdit,
};

/// Bases first read at either side of an edit; doubled while a repeat reaches further.
const FLANK: u64 = 256;

/// How far the form of an edit can be trusted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Alignment {
    /// It is the form that all spellings share.
    Exact,
    /// An insertion or deletion, and no reference that tells the repeat it may lie in.
    NoReference,
    /// The reference has no such contig.
    UnknownContig,
    /// The reference has other bases there, or ends before.
    Mismatch,
}

/// Left-aligns edits against a reference genome, if there is one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Aligner<'a> {
    fasta: Option<&'a Fasta>,
}

impl<'a> Aligner<'a> {
    pub(crate) fn new(fasta: Option<&'a Fasta>) -> Self {
        Self { fasta }
    }

    /// The normal form of the edit at the 1-based `pos`, alleles in upper case.
    pub(crate) fn normal_form(
        &self,
        chrom: &str,
        pos: u64,
        reference: &str,
        alternate: &str,
    ) -> Result<(NormalEdit, Alignment), FetchError> {
        let start = pos.saturating_sub(1);
        let mut edit = NormalEdit::trimmed(start, reference.as_bytes(), alternate.as_bytes());
        let Some(fasta) = self.fasta else {
            let alignment = match edit.can_move() {
                true => Alignment::NoReference,
                false => Alignment::Exact,
            };
            return Ok((edit, alignment));
        };
        let Some(contig) = fasta.resolve(chrom) else {
            return Ok((edit, Alignment::UnknownContig));
        };
        let end = start.saturating_add(reference.len() as u64);
        if end > contig.len() || sequence(fasta, contig, start, end)? != reference.as_bytes() {
            return Ok((edit, Alignment::Mismatch));
        }
        let mut flank = FLANK;
        while edit.can_move() {
            let from = start.saturating_sub(flank);
            let to = end.saturating_add(flank).min(contig.len());
            let bases = sequence(fasta, contig, from, to)?;
            let mut moved = edit.clone();
            let open = moved.align(&bases, from);
            if (!open.left || from == 0) && (!open.right || to == contig.len()) {
                edit = moved;
                break;
            }
            flank *= 2;
        }
        Ok((edit, Alignment::Exact))
    }
}

fn sequence(fasta: &Fasta, contig: &Contig, from: u64, to: u64) -> Result<Vec<u8>, FetchError> {
    let mut bases = fasta.fetch(contig, from, to)?;
    bases.make_ascii_uppercase();
    Ok(bases)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fasta(text: &str) -> (tempfile::TempDir, Fasta) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ref.fa");
        std::fs::write(&path, text).unwrap();
        let fasta = Fasta::open(&path).unwrap();
        (folder, fasta)
    }

    #[test]
    fn a_repeat_longer_than_one_read_is_walked_to_its_end() {
        let (_folder, fasta) = fasta(&format!(">chr1\nG{}T\n", "a".repeat(3_000)));
        let aligner = Aligner::new(Some(&fasta));
        let (edit, alignment) = aligner.normal_form("1", 2_500, "AA", "A").unwrap();
        assert_eq!((edit.start, alignment), (1, Alignment::Exact));
        assert_eq!(edit.touched, 1..3_001);
    }

    #[test]
    fn what_does_not_fit_the_reference_is_said() {
        let (_folder, fasta) = fasta(">chr1\nACGT\n");
        let aligner = Aligner::new(Some(&fasta));
        let alignment = |chrom, pos, r| aligner.normal_form(chrom, pos, r, "T").unwrap().1;
        assert_eq!(alignment("1", 2, "C"), Alignment::Exact);
        assert_eq!(alignment("1", 2, "G"), Alignment::Mismatch);
        assert_eq!(alignment("1", 5, "A"), Alignment::Mismatch);
        assert_eq!(alignment("2", 2, "C"), Alignment::UnknownContig);
    }

    #[test]
    fn without_a_reference_substitutions_are_exact_and_deletions_are_not() {
        let aligner = Aligner::new(None);
        let alignment = |r, a| aligner.normal_form("1", 2, r, a).unwrap().1;
        assert_eq!(alignment("CA", "CT"), Alignment::Exact);
        assert_eq!(alignment("CA", "C"), Alignment::NoReference);
    }
}
