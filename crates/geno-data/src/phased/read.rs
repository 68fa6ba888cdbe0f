//! Reads the genotypes of a VCF file.

use std::path::Path;

use geno_core::{Coded, ErrorCode};
use memchr::memchr_iter;

use super::{PhasedHaplotypes, collect::Collector};
use crate::{
    fasta::FetchError,
    vcf::{Progress, VcfError, source::Source},
};

/// Longest row that is read: ten million samples and more.
pub(super) const MAX_ROW_LEN: usize = 1 << 26;

/// Rows between two reports of progress.
const ROWS_A_REPORT: u64 = 256;

/// What a phased VCF held, and what of it could not be used.
#[derive(Clone, Debug, Default, Eq, PartialEq, serde::Serialize)]
pub struct PhasedCounts {
    /// Samples.
    pub samples: u64,
    /// Rows.
    pub rows: u64,
    /// Alternate alleles of bases, too long ones among them.
    pub alleles: u64,
    /// Other alternate alleles: symbolic, `*`, or of a row that does not parse.
    pub rejected_alleles: u64,
    /// Heterozygous calls without phase.
    pub unphased_calls: u64,
    /// Calls that are missing or of more than two alleles.
    pub missing_calls: u64,
    /// Rows without genotypes, or too long to be read.
    pub rows_without_genotypes: u64,
    /// Rows that come after one further right on their contig.
    pub unsorted_rows: u64,
    /// Different groups of neighbouring variants on one chromosome copy.
    pub groups: u64,
}

/// Why phased genotypes could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PhasedError {
    /// The file.
    #[error(transparent)]
    Vcf(#[from] VcfError),
    /// The header names no sample.
    #[error("VCF file has no samples")]
    NoSamples,
    /// A contig number or a position beyond what any genome has.
    #[error("more than a million contigs, or a position past 17 billion")]
    OutOfRange,
    /// The reference cannot be read.
    #[error(transparent)]
    Fasta(#[from] FetchError),
    /// A sample that was asked for is not there.
    #[error("sample {number} of those asked for is not in the VCF file")]
    UnknownSample {
        /// Which of them, counted from 1.
        number: usize,
    },
}

impl Coded for PhasedError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Vcf(error) => error.code(),
            Self::NoSamples | Self::OutOfRange => ErrorCode::InputVcfParse,
            Self::Fasta(error) => error.code(),
            Self::UnknownSample { .. } => ErrorCode::InputGeneric,
        }
    }
}

impl PhasedHaplotypes {
    /// Reads a VCF file with phased genotypes, or the standard input for `-`, a row at a time.
    ///
    /// A copy's group ends where what it carries is not known: at a missing or unphased call, at an
    /// allele that makes no edit, and where the phase set (`PS`) changes. Phase without a `PS` holds
    /// along the contig.
    ///
    /// # Errors
    ///
    /// [`PhasedError`] if the file cannot be read or has no samples.
    ///
    /// # Examples
    ///
    /// ```
    /// use geno_data::PhasedHaplotypes;
    ///
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("phased.vcf");
    /// let columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb";
    /// let rows = "20\t100\t.\tA\tC\t.\t.\t.\tGT\t0|1\t1|0\n20\t120\t.\tG\tT\t.\t.\t.\tGT\t0|1\t0|1";
    /// std::fs::write(&path, format!("##fileformat=VCFv4.2\n{columns}\n{rows}\n"))?;
    ///
    /// // Of four chromosome copies one carries both.
    /// let haplotypes = PhasedHaplotypes::read(&path, 30, |_| {})?;
    /// assert_eq!((haplotypes.len(), haplotypes.n_pairs_within(30)), (1, 1));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn read(
        path: &Path,
        max_gap: u64,
        mut on_progress: impl FnMut(Progress),
    ) -> Result<Self, PhasedError> {
        let mut source = Source::open(path)?;
        source.read_header(MAX_ROW_LEN, |_| {})?;
        let n_samples = memchr_iter(b'\t', &source.text).count().saturating_sub(8);
        if n_samples == 0 {
            return Err(PhasedError::NoSamples);
        }
        let mut collector = Collector::new(n_samples, max_gap);
        while let Some((place, is_whole)) = source.next_row(MAX_ROW_LEN)? {
            collector.row(&source.text, is_whole, place)?;
            if collector.found.counts.rows.is_multiple_of(ROWS_A_REPORT) {
                on_progress(source.input.progress());
            }
        }
        Ok(collector.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packed_edit::PackedEdit;

    fn read(rows: &[&str]) -> Result<PhasedHaplotypes, PhasedError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.vcf");
        let columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb";
        let rows = rows.join("\n").replace(' ', "\t");
        std::fs::write(&path, format!("##fileformat=VCFv4.2\n{columns}\n{rows}\n")).unwrap();
        PhasedHaplotypes::read(&path, 30, |_| {})
    }

    fn row(pos: u64, alt: &str, format: &str, a: &str, b: &str) -> String {
        format!("20 {pos} . A {alt} . . . {format} {a} {b}")
    }

    fn starts(haplotypes: &PhasedHaplotypes) -> Vec<(Vec<u64>, u32)> {
        let groups = haplotypes.starting_in("chr20", 0..u64::from(u32::MAX));
        let starts = |group: super::super::CarriedTogether<'_>| {
            (
                group.variants().map(PackedEdit::start).collect(),
                group.n_copies(),
            )
        };
        groups.map(starts).collect()
    }

    #[test]
    fn copies_are_followed_each_on_its_own() {
        let rows = [
            row(101, "C", "GT", "0|1", "1|0"),
            row(111, "C", "GT", "1|0", "1|0"),
            row(121, "C", "GT", "0|1", "1/1"),
            row(161, "C", "GT", "1|1", "1|1"),
        ];
        let haplotypes = read(&rows.each_ref().map(String::as_str)).unwrap();
        let expected = [(vec![100, 110, 120], 1), (vec![100, 120], 1)];
        assert_eq!(starts(&haplotypes), expected);
        assert_eq!(haplotypes.n_pairs_within(30), 3);
        assert_eq!(haplotypes.n_pairs_within(10), 2);
        assert_eq!(haplotypes.starting_in("20", 101..200).len(), 0);
        assert_eq!(haplotypes.starting_in("21", 0..200).len(), 0);
    }

    #[test]
    fn what_is_not_known_ends_a_group() {
        for middle in [
            row(111, "C", "GT", "0/1", "0|0"),
            row(111, "C", "GT", ".|.", "0|0"),
            row(111, "<DEL>", "GT", "0|1", "0|0"),
            row(111, "C,<DEL>", "GT", "1|2", "0|0"),
            row(111, "C", "DP", "3", "4"),
        ] {
            let before = row(101, "C", "GT", "0|1", "0|0");
            let after = row(121, "C", "GT", "0|1", "0|0");
            let haplotypes = read(&[&before, &middle, &after]).unwrap();
            assert!(haplotypes.is_empty(), "{middle}");
        }
    }

    #[test]
    fn phase_sets_are_kept_apart() {
        let sets = |a: &str, b: &str| {
            let rows = [
                row(101, "C", "GT:PS", a, "0|0:."),
                row(111, "C", "GT:PS", b, "0|0:."),
            ];
            read(&rows.each_ref().map(String::as_str)).unwrap().len()
        };
        assert_eq!(sets("0|1:7", "0|1:7"), 1);
        assert_eq!(sets("0|1:7", "0|1:8"), 0);
        assert_eq!(sets("1|1:7", "0|1:8"), 1);
        assert_eq!(sets("0|1:x", "0|1:y"), 0);
        assert_eq!(sets("0|1", "0|1:."), 1);
    }

    #[test]
    fn contigs_and_unsorted_rows_do_not_run_into_each_other() {
        let on = |contig: &str, pos| row(pos, "C", "GT", "0|1", "0|0").replacen("20", contig, 1);
        let rows = [on("1", 101), on("2", 111), on("2", 121), on("2", 115)];
        let haplotypes = read(&rows.each_ref().map(String::as_str)).unwrap();
        assert_eq!(haplotypes.len(), 1);
        assert_eq!(haplotypes.counts().unsorted_rows, 1);
        assert_eq!(haplotypes.starting_in("2", 110..111).len(), 1);
    }

    #[test]
    fn a_file_without_samples_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.vcf");
        let text = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\n1\t1\t.\tA\tC\n";
        std::fs::write(&path, text).unwrap();
        let error = PhasedHaplotypes::read(&path, 30, |_| {}).unwrap_err();
        assert!(matches!(error, PhasedError::NoSamples));
    }
}
