//! A stretch of one contig.

use std::{ops::Range, path::Path};

use geno_core::{Coded, ErrorCode};

use crate::{
    Contig, Fasta,
    holdout::{ReadEntriesError, entry::Entry, read_bed},
};

/// A stretch of a contig of a reference.
///
/// # Examples
///
/// ```
/// use geno_data::{Fasta, Region};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("ref.fa");
/// std::fs::write(&path, ">20\nACGTACGT\n")?;
/// let fasta = Fasta::open(&path)?;
///
/// let region = Region::parse("chr20:3-5", &fasta)?;
/// assert_eq!((region.contig(&fasta).name(), region.bases()), ("20", 2..5));
/// assert_eq!(Region::parse("20", &fasta)?.bases(), 0..8);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Region {
    /// Which contig of the reference.
    contig: usize,
    bases: Range<u64>,
}

/// Why a text is no region of a reference.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RegionError {
    /// The text is neither `CONTIG` nor `CONTIG:START-END`.
    #[error("region is not CONTIG or CONTIG:START-END")]
    Form,
    /// The reference has no such contig.
    #[error("region is on a contig that the reference does not have")]
    UnknownContig,
    /// The region is empty, or reaches past its contig.
    #[error("region does not lie on its contig of {len} bases")]
    PastContig {
        /// Length of the contig.
        len: u64,
    },
}

impl Coded for RegionError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Form => ErrorCode::InputGeneric,
            Self::UnknownContig => ErrorCode::InputUnknownContig,
            Self::PastContig { .. } => ErrorCode::InputOutOfWindow,
        }
    }
}

impl Region {
    /// Reads `CONTIG` or `CONTIG:START-END`, 1-based and with its last base, as samtools writes it.
    /// Numbers may have commas. The contig's name may hold colons.
    ///
    /// # Errors
    ///
    /// [`RegionError`].
    pub fn parse(text: &str, fasta: &Fasta) -> Result<Self, RegionError> {
        if let Some(contig) = fasta.resolve(text) {
            return Ok(Self {
                contig: fasta.index_of(contig),
                bases: 0..contig.len(),
            });
        }
        let (name, bases) = text.rsplit_once(':').ok_or(RegionError::UnknownContig)?;
        let (first, last) = bases.split_once('-').ok_or(RegionError::Form)?;
        let contig = fasta.resolve(name).ok_or(RegionError::UnknownContig)?;
        let number = |text: &str| text.replace(',', "").parse::<u64>().ok();
        let (first, last) = number(first).zip(number(last)).ok_or(RegionError::Form)?;
        // The empty stretch stands for a first base of 0.
        Self::new(fasta, contig, first.checked_sub(1).unwrap_or(last)..last)
    }

    /// A stretch of a contig, 0-based and half-open.
    ///
    /// # Errors
    ///
    /// [`RegionError::PastContig`] for one that is empty or reaches past the contig.
    pub fn new(fasta: &Fasta, contig: &Contig, bases: Range<u64>) -> Result<Self, RegionError> {
        let len = contig.len();
        match bases.start < bases.end && bases.end <= len {
            true => Ok(Self {
                contig: fasta.index_of(contig),
                bases,
            }),
            false => Err(RegionError::PastContig { len }),
        }
    }

    /// What the intervals of a BED file have of this stretch, 0-based on the contig, in the order of
    /// the file. Contigs may be spelled in any way, and those that the reference has not are passed
    /// over.
    ///
    /// # Errors
    ///
    /// [`ReadEntriesError`] if the file cannot be read, or for the first line that is no interval.
    pub fn read_bed(
        &self,
        path: &Path,
        fasta: &Fasta,
    ) -> Result<Vec<Range<u64>>, ReadEntriesError> {
        let mut found = Vec::new();
        read_bed(path, |entry| {
            let Entry::Interval { contig, range } = entry else {
                return Ok(());
            };
            let contig = fasta.resolve(&contig);
            if contig.is_some_and(|contig| fasta.index_of(contig) == self.contig) {
                let start = range.start.max(self.bases.start);
                let end = range.end.min(self.bases.end);
                found.extend((start < end).then_some(start..end));
            }
            Ok::<_, ReadEntriesError>(())
        })?;
        Ok(found)
    }

    /// The contig.
    pub fn contig<'a>(&self, fasta: &'a Fasta) -> &'a Contig {
        &fasta.contigs()[self.contig]
    }

    /// The bases, 0-based and half-open.
    pub fn bases(&self) -> Range<u64> {
        self.bases.clone()
    }

    /// Which contig of the reference it lies on.
    pub(crate) fn contig_index(&self) -> usize {
        self.contig
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_of_a_file_are_cut_to_the_region() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name| folder.path().join(name);
        std::fs::write(path("ref.fa"), ">20\nACGTACGTAC\n>21\nACGT\n").unwrap();
        let fasta = Fasta::open(path("ref.fa")).unwrap();
        let region = Region::parse("20:3-8", &fasta).unwrap();
        let bed = "# targets\nchr20\t0\t4\n21\t0\t4\n20\t7\t99\n20\t8\t9\n77\t0\t4\n";
        std::fs::write(path("targets"), bed).unwrap();
        let found = region.read_bed(&path("targets"), &fasta).unwrap();
        assert_eq!(found, [2..4, 7..8]);

        std::fs::write(path("targets"), "20\t7\t3\n").unwrap();
        assert!(region.read_bed(&path("targets"), &fasta).is_err());
        let contig = fasta.resolve("21").unwrap();
        let past = RegionError::PastContig { len: 4 };
        assert_eq!(Region::new(&fasta, contig, 2..5), Err(past));
        assert_eq!(Region::new(&fasta, contig, 2..2), Err(past));
    }

    #[test]
    fn texts_that_are_no_region_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ref.fa");
        std::fs::write(&path, ">HLA:1\nACGTACGT\n>20\nACGT\n").unwrap();
        let fasta = Fasta::open(&path).unwrap();
        let parse = |text| Region::parse(text, &fasta);
        assert_eq!(parse("HLA:1").unwrap().bases(), 0..8);
        assert_eq!(parse("HLA:1:2-8").unwrap().bases(), 1..8);
        assert_eq!(parse("20:1-1").unwrap().bases(), 0..1);
        let past = RegionError::PastContig { len: 4 };
        for (text, error) in [
            ("21", RegionError::UnknownContig),
            ("21:1-2", RegionError::UnknownContig),
            ("20:1", RegionError::Form),
            ("20:a-2", RegionError::Form),
            ("20:0-2", past),
            ("20:3-2", past),
            ("20:1-5", past),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }
}
