//! Reads the genotypes of a VCF file.

use std::{collections::VecDeque, path::Path};

use geno_action::EditError;
use geno_core::{Coded, ErrorCode, is_acgt};
use memchr::memchr_iter;

use super::{
    Group, PhasedHaplotypes,
    call::Call,
    runs::{Phase, Runs},
};
use crate::{
    contig_table::ContigTable,
    packed_edit::PackedEdit,
    vcf::{
        Progress, RejectReason, VcfError, VcfRow,
        row::{self, Place},
        source::Source,
    },
};

/// Longest row that is read: ten million samples and more.
const MAX_ROW_LEN: usize = 1 << 26;

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
}

impl Coded for PhasedError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Vcf(error) => error.code(),
            Self::NoSamples | Self::OutOfRange => ErrorCode::InputVcfParse,
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

struct Collector {
    found: PhasedHaplotypes,
    n_samples: usize,
    runs: Runs,
    /// Contig and start of the last row.
    last: Option<(u32, u64)>,
    alleles: VecDeque<VcfRow>,
}

impl Collector {
    fn new(n_samples: usize, max_gap: u64) -> Self {
        Self {
            found: PhasedHaplotypes {
                contigs: ContigTable::default(),
                max_gap,
                sites: Vec::new(),
                groups: Vec::new(),
                members: Vec::new(),
                counts: PhasedCounts {
                    samples: n_samples as u64,
                    ..PhasedCounts::default()
                },
            },
            n_samples,
            runs: Runs::new(2 * n_samples, max_gap),
            last: None,
            alleles: VecDeque::new(),
        }
    }

    fn row(&mut self, text: &[u8], is_whole: bool, place: Place) -> Result<(), PhasedError> {
        self.found.counts.rows += 1;
        self.alleles.clear();
        row::parse(text, is_whole, place, &mut self.alleles);
        let sites = self.sites()?;
        let Some(start) = self.enter(&sites) else {
            return Ok(());
        };
        let mut columns = text.split(|&byte| byte == b'\t').skip(8);
        let format = columns.next().unwrap_or_default();
        let field = |name: &[u8]| format.split(|&byte| byte == b':').position(|f| f == name);
        let Some(gt) = field(b"GT").filter(|_| is_whole) else {
            self.found.counts.rows_without_genotypes += 1;
            self.runs.interrupt_all();
            return Ok(());
        };
        let ps = field(b"PS");
        for sample in 0..self.n_samples {
            let fields = columns.next().unwrap_or_default();
            let mut fields = fields.split(|&byte| byte == b':');
            let call = Call::parse(fields.clone().nth(gt).unwrap_or_default());
            let phase_set = ps.and_then(|ps| fields.nth(ps));
            self.call(sample, call, phase_set, start, &sites);
        }
        Ok(())
    }

    /// The number of each alternate allele of the row that makes an edit.
    fn sites(&mut self) -> Result<Vec<Option<u32>>, PhasedError> {
        let mut sites = Vec::with_capacity(self.alleles.len());
        for allele in &self.alleles {
            let Some(packed) = pack(&mut self.found.contigs, allele) else {
                self.found.counts.rejected_alleles += 1;
                sites.push(None);
                continue;
            };
            let site = u32::try_from(self.found.sites.len()).ok();
            sites.push(Some(site.ok_or(PhasedError::OutOfRange)?));
            self.found
                .sites
                .push(packed.ok_or(PhasedError::OutOfRange)?);
            self.found.counts.alleles += 1;
        }
        Ok(sites)
    }

    /// Moves on to a row; its start, unless none of its alleles makes an edit.
    fn enter(&mut self, sites: &[Option<u32>]) -> Option<u64> {
        let Some(site) = sites.iter().flatten().next() else {
            // Whoever carries such an allele is no longer followed; who it is does not matter.
            self.runs.interrupt_all();
            return None;
        };
        let site = self.found.sites[*site as usize];
        let here = (site.contig(), site.start());
        match self.last {
            Some((contig, _)) if contig != here.0 => self.close(),
            Some((_, start)) if here.1 < start => {
                self.found.counts.unsorted_rows += 1;
                self.runs.interrupt_all();
            }
            _ => {}
        }
        self.last = Some(here);
        Some(here.1)
    }

    fn call(
        &mut self,
        sample: usize,
        call: Call,
        phase_set: Option<&[u8]>,
        start: u64,
        sites: &[Option<u32>],
    ) {
        let copies = [2 * sample, 2 * sample + 1];
        let (first, second) = match call {
            Call::Phased(first, second) => (first, second),
            Call::Unphased | Call::Missing => {
                self.found.counts.unphased_calls += u64::from(call == Call::Unphased);
                self.found.counts.missing_calls += u64::from(call == Call::Missing);
                copies
                    .into_iter()
                    .for_each(|copy| self.runs.interrupt(copy));
                return;
            }
        };
        let phase = match second {
            Some(second) if second != first => phase(phase_set),
            _ => Phase::Any,
        };
        for (copy, allele) in copies.into_iter().zip([Some(first), second]) {
            let Some(allele) = allele.filter(|&allele| allele > 0) else {
                continue;
            };
            match sites.get(allele as usize - 1) {
                Some(Some(site)) => self.runs.carry(copy, *site, start, phase),
                _ => self.runs.interrupt(copy),
            }
        }
    }

    /// Takes the groups of the contig that ends.
    fn close(&mut self) {
        for (sites, n_copies) in self.runs.take() {
            self.found.groups.push(Group {
                first_member: self.found.members.len(),
                n_members: sites.len() as u32,
                n_copies,
            });
            self.found.members.extend(sites);
        }
    }

    fn finish(mut self) -> PhasedHaplotypes {
        self.close();
        let mut found = self.found;
        let mut groups = std::mem::take(&mut found.groups);
        groups.sort_by_key(|group| found.first(group));
        found.groups = groups;
        found.counts.groups = found.groups.len() as u64;
        found
    }
}

/// An allele of bases, also one that is too long for an edit: whoever carries it can be followed. The
/// inner value is missing where contig or position exceed what can be packed.
fn pack(contigs: &mut ContigTable, allele: &VcfRow) -> Option<Option<PackedEdit>> {
    let (chrom, pos, reference, alternate) = match allele {
        VcfRow::Variant(variant) => {
            let edit = variant.edit();
            (edit.chrom(), edit.pos(), edit.reference(), edit.alternate())
        }
        VcfRow::Rejected(row) => {
            if !matches!(row.reason, RejectReason::Edit(EditError::TooLong { .. })) {
                return None;
            }
            let (chrom, pos) = (row.chrom.as_deref()?, row.pos.as_deref()?.parse().ok()?);
            (
                chrom,
                pos,
                row.reference.as_deref()?,
                row.alternate.as_deref()?,
            )
        }
    };
    let (reference, alternate) = (
        reference.to_ascii_uppercase(),
        alternate.to_ascii_uppercase(),
    );
    // A text that was cut does not end in a base.
    if !is_acgt(reference.as_bytes()) || !is_acgt(alternate.as_bytes()) {
        return None;
    }
    let contig = contigs.intern(chrom);
    Some(PackedEdit::new(
        contig,
        pos - 1,
        reference.as_bytes(),
        alternate.as_bytes(),
    ))
}

fn phase(phase_set: Option<&[u8]>) -> Phase {
    match phase_set {
        None | Some(b"." | b"") => Phase::Contig,
        Some(text) => {
            let number = str::from_utf8(text).ok().and_then(|text| text.parse().ok());
            // A set that is no number is told by its bytes.
            let hash =
                |hash: u64, &byte: &u8| hash.wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte);
            Phase::Set(number.unwrap_or_else(|| text.iter().fold(1 << 63, hash)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
