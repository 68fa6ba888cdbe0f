//! Haplotypes of a phased VCF as a stream.

use std::path::PathBuf;

use geno_data::{CarriedHaplotypes, CarriedRow, Fasta, HaplotypeOptions, PhasedError, Region};
use tempfile::TempDir;

struct Files {
    folder: TempDir,
    fasta: Fasta,
}

fn options() -> HaplotypeOptions {
    HaplotypeOptions {
        max_edits: 3,
        max_gap: 10,
        samples: None,
        region: None,
    }
}

impl Files {
    /// Two contigs of `A` alone.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ref.fa");
        let bases = "A".repeat(300);
        std::fs::write(&path, format!(">20\n{bases}\n>21\n{bases}\n")).unwrap();
        let fasta = Fasta::open(&path).unwrap();
        Self { folder, fasta }
    }

    fn vcf(&self, rows: &[&str]) -> PathBuf {
        let path = self.folder.path().join("phased.vcf");
        let columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb";
        let rows = rows.join("\n").replace(' ', "\t");
        std::fs::write(&path, format!("##fileformat=VCFv4.2\n{columns}\n{rows}\n")).unwrap();
        path
    }

    /// Haplotypes as `POSALT+…xCOPIES`, rejected rows as `line:CODE`.
    fn read(&self, rows: &[&str], options: &HaplotypeOptions) -> (Vec<String>, Vec<String>) {
        let vcf = self.vcf(rows);
        let (mut found, mut rejected) = (Vec::new(), Vec::new());
        for row in CarriedHaplotypes::open(&vcf, &self.fasta, options).unwrap() {
            match row.unwrap() {
                CarriedRow::Haplotype(haplotype) => {
                    let edits = haplotype.edits();
                    let edits = edits.map(|edit| format!("{}{}", edit.pos(), edit.alternate()));
                    let edits = edits.collect::<Vec<_>>().join("+");
                    found.push(format!("{edits}x{}", haplotype.n_copies()));
                }
                CarriedRow::Rejected(row) => {
                    rejected.push(format!("{}: {}", row.line, row.reason));
                }
            }
        }
        (found, rejected)
    }
}

fn row(pos: u64, alt: &str, a: &str, b: &str) -> String {
    format!("20 {pos} . A {alt} . . . GT {a} {b}")
}

fn read(rows: &[String], options: &HaplotypeOptions) -> (Vec<String>, Vec<String>) {
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    Files::new().read(&rows, options)
}

#[test]
fn each_different_haplotype_comes_once_in_the_order_of_its_first_variant() {
    let rows = [
        row(10, "C,G", "0|1", "2|1"),
        row(15, "C", "1|1", "0|1"),
        row(26, "C", "1|1", "0|0"),
    ];
    // Copies: a has 15C and 10C+15C, b has 10G and 10C+15C; 26 is 11 bases further.
    let (found, rejected) = read(&rows, &options());
    assert_eq!(found, ["10C+15Cx2", "10Gx1", "15Cx1", "26Cx2"]);
    assert!(rejected.is_empty());
}

#[test]
fn the_reference_alone_and_haploid_calls() {
    let rows = [row(10, "C", "0|0", "0"), row(12, "C", "1", "0|0")];
    assert_eq!(read(&rows, &options()).0, ["12Cx1"]);
}

#[test]
fn a_dense_stretch_is_cut_after_the_most_edits() {
    let rows = [10, 12, 14, 16].map(|pos| row(pos, "C", "0|1", "0|0"));
    assert_eq!(read(&rows, &options()).0, ["10C+12C+14Cx1", "16Cx1"]);
}

#[test]
fn rows_that_cannot_be_used_are_told_with_their_reason() {
    let rows = [
        row(10, "C", "1|0", "0|0"),
        row(12, "C", "0/1", ".|1"),
        row(14, "C", "1|0", "0|1"),
        row(15, "<DEL>", "0|0", "0|1"),
        row(17, "C", "0|0", "0|1"),
        "20 18 . G C . . . GT 0|1 0|0".to_owned(),
        "20 19 . A C . . . DP 3 4".to_owned(),
        row(11, "C", "0|1", "0|0"),
        "22 1 . A C . . . GT 0|1 0|0".to_owned(),
        "21 30 . A C . . . GT 0|1 0|0".to_owned(),
        row(40, "C", "0|1", "0|0"),
    ];
    let (found, rejected) = read(&rows, &options());
    // The unphased call of `a` at 12 and the missing one of `b` end what they carry.
    assert_eq!(found, ["10Cx1", "14Cx2", "17Cx1", "30Cx1"]);
    assert_eq!(
        rejected,
        [
            "4: 1 calls have two alleles and no phase",
            "4: 1 calls are missing",
            "6: symbolic alternate allele",
            "8: reference allele differs from contig `20`: are both of the same build?",
            "9: row has no genotypes",
            "10: row is out of order",
            "11: reference has no contig of that name",
            "13: row is out of order",
        ]
    );
}

#[test]
fn edits_of_one_base_are_a_rejected_row_and_no_haplotype() {
    let rows = [
        "20 10 . AAA A . . . GT 0|1 0|1".to_owned(),
        row(12, "C", "0|1", "0|0"),
        // The same allele in a second row, and an insertion on the base of a substitution.
        row(40, "C", "0|1", "0|0"),
        row(40, "C", "1|1", "0|0"),
        row(60, "C", "0|1", "0|0"),
        row(60, "AC", "0|1", "0|0"),
    ];
    let (found, rejected) = read(&rows, &options());
    assert_eq!(found, ["10Ax1", "40Cx1"]);
    let reason = "a chromosome copy carries another edit of the same base";
    assert_eq!(rejected, [4, 5, 8].map(|line| format!("{line}: {reason}")));
}

#[test]
fn samples_and_regions_are_chosen() {
    let rows = [
        row(10, "C", "0|1", "1|1"),
        row(15, "C", "1|1", "0|0"),
        row(20, "<DEL>", "0|1", "0|0"),
        row(40, "C", "1|1", "0|1"),
    ];
    let b = HaplotypeOptions {
        samples: Some(vec!["b".to_owned()]),
        ..options()
    };
    assert_eq!(read(&rows, &b).0, ["10Cx2", "40Cx1"]);

    let files = Files::new();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let within = |region| HaplotypeOptions {
        region: Some(Region::parse(region, &files.fasta).unwrap()),
        ..options()
    };
    // Where a haplotype begins counts.
    let (found, rejected) = files.read(&rows, &within("20:11-30"));
    assert_eq!((found, rejected.len()), (vec!["15Cx1".to_owned()], 1));
    let (found, rejected) = files.read(&rows, &within("chr20:1-10"));
    assert_eq!((found.len(), rejected.len()), (2, 0));
    assert!(files.read(&rows, &within("21")).0.is_empty());
}

#[test]
fn a_sample_that_is_not_there_is_an_error() {
    let files = Files::new();
    let vcf = files.vcf(&[&row(10, "C", "0|1", "0|0")]);
    let options = HaplotypeOptions {
        samples: Some(vec!["a".to_owned(), "c".to_owned()]),
        ..options()
    };
    let error = CarriedHaplotypes::open(&vcf, &files.fasta, &options).err();
    assert!(matches!(
        error,
        Some(PhasedError::UnknownSample { number: 2 })
    ));
}
