//! Bad input: its own code, no file under a final name, and every good row still scored.

use std::{collections::BTreeMap, fs, path::Path, sync::atomic::AtomicBool};

use geno_core::{Coded, ErrorCode};
use geno_provenance::Json;
use geno_runtime::{Completion, Runtime, ScoreSummary, ScoreVcfError};
use geno_tests::fixture;
use tempfile::TempDir;

use crate::scoring::{Run, rows, runtime};

const HEADER: &str = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\n";

/// A folder with a contig of 900 bases, `ACGT` over and over, and a VCF.
fn folder(vcf: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("ref.fa"),
        format!(">chr1\n{}\n", "ACGT".repeat(225)),
    )
    .unwrap();
    fs::write(folder.path().join("in.vcf"), vcf).unwrap();
    folder
}

fn score(folder: &TempDir, strict: bool) -> Result<ScoreSummary, ScoreVcfError> {
    let (vcf, fasta) = (folder.path().join("in.vcf"), folder.path().join("ref.fa"));
    let run = Run {
        vcf: &vcf,
        fasta: &fasta,
        folder: folder.path(),
        batch_size: 4,
        strict,
    };
    run.score(&small())
}

/// The demo model; windows here are shorter than its own.
fn small() -> Runtime {
    runtime(&fixture("demo/model"))
}

fn outputs(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.retain(|name| !["in.vcf", "ref.fa", "ref.fa.fai"].contains(&&**name));
    names.sort();
    names
}

const MIXED: &str = "\
1\t401\tgood1\tA\tC
1\t402\tsymbolic\tC\t<DEL>
1\t402\tstar\tC\t*
1\t402\tmismatch\tG\tT
7\t402\tcontig\tC\tT
1\t901\tpast\tA\tT
1\t402\tlong\tC\tCAAAAAAAAAAAAAAAA
1\tx\tpos\tC\tT
1\t402
1\t402\tnone\tC\t.
1\t402\tsame\tC\tC
1\t402\tgood2\tC\tT,G
1\t1\tstart\tA\tG
1\t900\tend\tT\tTA
1\t897\tend_del\tACGT\tA
";

#[test]
fn bad_rows_go_to_the_sidecar_and_good_ones_are_scored() {
    let folder = folder(format!("{HEADER}{MIXED}").as_bytes());
    let summary = score(&folder, false).unwrap();
    assert_eq!(summary.scored, 6);
    let expected = BTreeMap::from([
        ("INPUT.INVALID_EDIT", 1),
        ("INPUT.NO_ALTERNATE", 1),
        ("INPUT.OUT_OF_WINDOW", 1),
        ("INPUT.REF_MISMATCH", 1),
        ("INPUT.STAR_ALLELE", 1),
        ("INPUT.SYMBOLIC_ALLELE", 1),
        ("INPUT.UNKNOWN_CONTIG", 1),
        ("INPUT.UNSUPPORTED_EDIT", 1),
        ("INPUT.VCF_PARSE", 2),
    ]);
    assert_eq!(summary.rejected, expected);
    assert_eq!(
        outputs(folder.path()),
        ["receipts.jsonl", "rejected.jsonl", "scores.jsonl"]
    );

    let mut lines: Vec<u64> = rows(&folder.path().join("rejected.jsonl"))
        .iter()
        .map(|row| row.get("line").and_then(Json::as_u64).unwrap())
        .collect();
    lines.sort_unstable();
    assert_eq!(lines, (4..=13).collect::<Vec<_>>());
}

#[test]
fn strict_stops_at_the_first_bad_row_and_writes_nothing() {
    let folder = folder(format!("{HEADER}{MIXED}").as_bytes());
    let error = score(&folder, true).unwrap_err();
    assert_eq!(error.code(), ErrorCode::InputSymbolicAllele);
    assert!(
        error
            .to_string()
            .starts_with("line 4 of the VCF is rejected"),
        "{error}"
    );
    assert_eq!(outputs(folder.path()), [""; 0]);
}

#[test]
fn files_that_are_no_whole_vcf_have_codes_of_their_own() {
    let mut truncated = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    truncated.extend([0x4b, 0x4c]);
    for (vcf, code) in [
        (b"".as_slice(), ErrorCode::InputEmpty),
        (HEADER.as_bytes(), ErrorCode::InputEmpty),
        (b"hello\n", ErrorCode::InputVcfParse),
        (&truncated, ErrorCode::InputTruncated),
    ] {
        let folder = folder(vcf);
        assert_eq!(score(&folder, false).unwrap_err().code(), code);
        assert_eq!(outputs(folder.path()), [""; 0]);
    }
}

#[test]
fn a_stopped_run_leaves_nothing() {
    let folder = folder(format!("{HEADER}1\t401\t.\tA\tC\n").as_bytes());
    let (vcf, fasta) = (folder.path().join("in.vcf"), folder.path().join("ref.fa"));
    let run = Run {
        vcf: &vcf,
        fasta: &fasta,
        folder: folder.path(),
        batch_size: 4,
        strict: false,
    };
    let stopped = run.score_until(&small(), &AtomicBool::new(true)).unwrap();
    assert_eq!(stopped, Completion::Interrupted);
    assert_eq!(outputs(folder.path()), [""; 0]);
}

#[test]
fn a_sidecar_of_an_earlier_run_does_not_stay() {
    let folder = folder(format!("{HEADER}1\t401\t.\tA\tC\n").as_bytes());
    fs::write(folder.path().join("rejected.jsonl"), "old").unwrap();
    score(&folder, false).unwrap();
    assert_eq!(outputs(folder.path()), ["receipts.jsonl", "scores.jsonl"]);
}

#[test]
fn a_folder_that_is_not_there_cannot_hold_outputs() {
    let folder = folder(format!("{HEADER}1\t401\t.\tA\tC\n").as_bytes());
    let (vcf, fasta) = (folder.path().join("in.vcf"), folder.path().join("ref.fa"));
    let missing = folder.path().join("missing");
    let run = Run {
        vcf: &vcf,
        fasta: &fasta,
        folder: &missing,
        batch_size: 4,
        strict: false,
    };
    assert_eq!(
        run.score(&small()).unwrap_err().code(),
        ErrorCode::ResourceIo
    );
}
