//! What one chromosome copy carries, from files written here.

use std::fs;

use geno_action::EditSpec;
use geno_core::{Coded, ErrorCode};
use geno_data::{ChromosomeCopy, CopyError, Fasta, Region, RejectReason, read_copy};

const BASES: &str = "AAAACCCCGGGGTTTT";

/// The edits of a copy of sample `b`, from rows of POS, REF, ALT, FORMAT and both genotypes.
fn read(
    rows: &[[&str; 6]],
    region: &str,
    sample: Option<&str>,
    copy: ChromosomeCopy,
) -> Result<Vec<(u64, String)>, CopyError> {
    let folder = tempfile::tempdir().unwrap();
    let (fasta, vcf) = (folder.path().join("ref.fa"), folder.path().join("x.vcf"));
    fs::write(&fasta, format!(">20\n{BASES}\n")).unwrap();
    let mut text = "##fileformat=VCFv4.2\n".to_owned();
    text += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb\n";
    for [pos, reference, alternate, format, a, b] in rows {
        text +=
            &format!("chr20\t{pos}\t.\t{reference}\t{alternate}\t.\t.\t.\t{format}\t{a}\t{b}\n");
    }
    fs::write(&vcf, text).unwrap();
    let fasta = Fasta::open(&fasta).unwrap();
    let region = Region::parse(region, &fasta).unwrap();
    let edits = read_copy(&vcf, &fasta, &region, sample, copy)?;
    let brief = |edit: &EditSpec| (edit.pos(), edit.alternate().to_owned());
    Ok(edits.iter().map(brief).collect())
}

fn second(rows: &[[&str; 6]]) -> Result<Vec<(u64, String)>, CopyError> {
    read(rows, "20:3-12", Some("b"), ChromosomeCopy::Second)
}

#[test]
fn each_copy_has_its_alleles_of_the_stretch() {
    let rows = [
        ["2", "A", "G", "GT", "1|1", "1/0"],
        ["3", "A", "C,G", "GT:PS", "0/1:.", "1|2:7"],
        ["5", "CC", "C", "GT", "0|0", "0|1"],
        ["9", "G", "<DEL>,T", "GT", "0|1", "2|2"],
        ["13", "T", "A", "GT", "0|0", "."],
    ];
    // A call without a phase set stands in that of the contig, which is another than set 7.
    let error = second(&rows).unwrap_err();
    assert!(
        matches!(error, CopyError::OtherPhaseSet { line: 5 }),
        "{error:?}"
    );

    let rows = [
        rows[0],
        rows[1],
        ["5", "CC", "C", "GT:PS", "0|0:1", "0|1:7"],
        rows[3],
        rows[4],
    ];
    let of = |copy| read(&rows, "20:3-12", Some("b"), copy).unwrap();
    let edit = |pos, alternate: &str| (pos, alternate.to_owned());
    assert_eq!(of(ChromosomeCopy::First), [edit(3, "C"), edit(9, "T")]);
    let expected = [edit(3, "G"), edit(5, "C"), edit(9, "T")];
    assert_eq!(of(ChromosomeCopy::Second), expected);
}

#[test]
fn what_is_not_known_of_a_copy_is_an_error() {
    let row = |reference, alternate, genotype| ["5", reference, alternate, "GT", "0|0", genotype];
    let reason = |row: [&str; 6]| match second(&[row]).unwrap_err() {
        CopyError::Row { line: 3, source } => source,
        other => panic!("{other:?}"),
    };
    let unphased = RejectReason::Unphased { n_calls: 1 };
    assert_eq!(reason(row("C", "T", "0/1")), unphased);
    let missing = RejectReason::MissingCalls { n_calls: 1 };
    assert_eq!(reason(row("C", "T", "0|.")), missing);
    assert_eq!(
        reason(row("C", "<DEL>", "0|1")),
        RejectReason::SymbolicAllele
    );
    assert_eq!(reason(row("C", "T", "0|2")), RejectReason::NoAlternate);
    let mismatch = reason(row("G", "T", "0|1"));
    assert_eq!(mismatch.code(), ErrorCode::InputRefMismatch);
    assert_eq!(
        reason(["x", "C", "T", "GT", "0|0", "0|1"]),
        RejectReason::BadPosition
    );
    let no_genotypes = reason(["5", "C", "T", "DP", "0", "0"]);
    assert_eq!(no_genotypes, RejectReason::NoGenotypes);
    let haploid = second(&[row("C", "T", "1")]).unwrap_err();
    assert!(
        matches!(haploid, CopyError::OneCopy { line: 3 }),
        "{haploid:?}"
    );

    let overlap = [
        ["5", "CCC", "C", "GT", "0|0", "0|1"],
        ["6", "C", "T", "GT", "0|0", "0|1"],
    ];
    let error = second(&overlap).unwrap_err();
    assert_eq!(error.code(), ErrorCode::InputOverlappingEdits);

    let one = [row("C", "T", "0|1")];
    let nobody = read(&one, "20:1-9", None, ChromosomeCopy::First).unwrap_err();
    assert!(
        matches!(nobody, CopyError::WhichSample { n: 2 }),
        "{nobody:?}"
    );
    let unknown = read(&one, "20:1-9", Some("c"), ChromosomeCopy::First);
    assert!(matches!(unknown, Err(CopyError::Read(_))), "{unknown:?}");
}
