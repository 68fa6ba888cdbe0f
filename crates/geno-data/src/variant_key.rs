//! Variants in the one form that all their spellings share, for comparing files.

use std::fmt;

use crate::{
    Fasta, FetchError, contig_table::ContigTable, holdout::Aligner, normal_edit::NormalEdit,
    packed_edit::PackedEdit,
};

/// A variant that can be compared with those of the same [`VariantKeys`].
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct VariantKey(PackedEdit);

/// Brings variants into the form that all their spellings share.
///
/// A contig is one under all its names (`20`, `chr20`, `NC_000020.11`), and alleles are without the
/// bases they share. With a reference, insertions and deletions stand at the left end of the repeat
/// that they lie in; without one, two spellings of them are two variants.
///
/// # Source
///
/// Tan, Abecasis and Kang, *Unified representation of genetic variants*, 2015.
///
/// # Examples
///
/// ```
/// use geno_data::VariantKeys;
///
/// let mut keys = VariantKeys::new(None);
/// let key = keys.add("chr20", 100, "CA", "CT")?;
/// assert_eq!(keys.find("20", 101, "a", "t")?, key);
/// assert_eq!(keys.find("21", 101, "A", "T")?, None);
/// assert_eq!(keys.add("20", 100, "A", "<DEL>")?, None);
/// # Ok::<_, geno_data::FetchError>(())
/// ```
#[derive(Debug)]
pub struct VariantKeys<'a> {
    contigs: ContigTable,
    aligner: Aligner<'a>,
    /// The contig looked up last, with its number if it has one: files are mostly sorted.
    last: Option<(String, Option<u32>)>,
}

impl<'a> VariantKeys<'a> {
    /// With the reference that insertions and deletions are aligned to, if there is one.
    pub fn new(fasta: Option<&'a Fasta>) -> Self {
        Self {
            contigs: ContigTable::default(),
            aligner: Aligner::new(fasta),
            last: None,
        }
    }

    /// The key of a variant at a 1-based position, on a contig that may be new; none for alleles
    /// that are not of `ACGT` or do not differ.
    ///
    /// # Errors
    ///
    /// [`FetchError`] if the reference cannot be read.
    pub fn add(
        &mut self,
        chrom: &str,
        pos: u64,
        reference: &str,
        alternate: &str,
    ) -> Result<Option<VariantKey>, FetchError> {
        let contig = self.contigs.intern(chrom);
        self.last = None;
        self.key(contig, chrom, pos, reference, alternate)
    }

    /// As [`VariantKeys::add`]; none on a contig that no added variant lies on.
    ///
    /// # Errors
    ///
    /// As [`VariantKeys::add`].
    pub fn find(
        &mut self,
        chrom: &str,
        pos: u64,
        reference: &str,
        alternate: &str,
    ) -> Result<Option<VariantKey>, FetchError> {
        let contig = match &self.last {
            Some((name, contig)) if name == chrom => *contig,
            _ => {
                let contig = self.contigs.get(chrom);
                self.last = Some((chrom.to_owned(), contig));
                contig
            }
        };
        match contig {
            Some(contig) => self.key(contig, chrom, pos, reference, alternate),
            None => Ok(None),
        }
    }

    fn key(
        &self,
        contig: u32,
        chrom: &str,
        pos: u64,
        reference: &str,
        alternate: &str,
    ) -> Result<Option<VariantKey>, FetchError> {
        let Some(start) = pos.checked_sub(1) else {
            return Ok(None);
        };
        let (reference, alternate) = (
            reference.to_ascii_uppercase(),
            alternate.to_ascii_uppercase(),
        );
        let trimmed = NormalEdit::trimmed(start, reference.as_bytes(), alternate.as_bytes());
        if trimmed.is_empty() {
            return Ok(None);
        }
        // Nothing is fetched for a substitution: it is where it is.
        let edit = match trimmed.can_move() {
            false => trimmed,
            true => {
                let form = self
                    .aligner
                    .normal_form(chrom, pos, &reference, &alternate)?;
                form.0
            }
        };
        Ok(PackedEdit::of(contig, &edit).map(VariantKey))
    }
}

/// Shows no position and no base.
impl fmt::Debug for VariantKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_a_reference_spellings_of_a_deletion_meet() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ref.fa");
        std::fs::write(&path, ">chr20\nGCACACAT\n").unwrap();
        let fasta = Fasta::open(&path).unwrap();
        let mut keys = VariantKeys::new(Some(&fasta));
        let key = keys.add("20", 1, "GCA", "G").unwrap().unwrap();
        let other = |keys: &mut VariantKeys<'_>| keys.find("NC_000020.10", 4, "CAC", "C");
        assert_eq!(other(&mut keys).unwrap(), Some(key));
        let mut keys = VariantKeys::new(None);
        let key = keys.add("20", 1, "GCA", "G").unwrap();
        assert_ne!(other(&mut keys).unwrap(), key);
    }

    #[test]
    fn what_is_no_edit_has_no_key() {
        let mut keys = VariantKeys::new(None);
        for (pos, reference, alternate) in
            [(0, "A", "C"), (1, "A", "a"), (1, "N", "C"), (1, "A", "*")]
        {
            assert_eq!(keys.add("1", pos, reference, alternate).unwrap(), None);
        }
        // A contig that was looked for before it was added is found.
        assert_eq!(keys.find("2", 1, "A", "C").unwrap(), None);
        let key = keys.add("2", 1, "A", "C").unwrap();
        assert!(key.is_some());
        assert_eq!(keys.find("2", 1, "A", "C").unwrap(), key);
    }
}
