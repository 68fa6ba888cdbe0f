//! Windows along a genome, in its regions, and from files.

use std::{fs, path::Path};

use geno_core::{Coded, ErrorCode, StateContract};
use geno_data::{Fasta, ReferenceLoci, ReferenceWindow, ReferenceWindows, SiteWindows};
use tempfile::{TempDir, tempdir};

fn genome() -> (TempDir, Fasta) {
    let folder = tempdir().unwrap();
    let path = folder.path().join("ref.fa");
    fs::write(
        &path,
        format!(">1\n{}\n>2\nACGTA\n>3\n", "ACGGT".repeat(20)),
    )
    .unwrap();
    let fasta = Fasta::open(path).unwrap();
    (folder, fasta)
}

fn windows() -> SiteWindows {
    SiteWindows::centered(36, StateContract::L2NormalizedV2)
}

fn along<'a>(fasta: &'a Fasta, bed: Option<&'a Path>, every: u64) -> ReferenceLoci<'a> {
    let windows = windows();
    ReferenceLoci::Genome {
        fasta,
        bed,
        every,
        windows,
    }
}

/// Contig and 0-based locus on it of each window.
fn loci(windows: &mut ReferenceWindows<'_>) -> Vec<(String, u64)> {
    windows
        .map(|window| {
            let ReferenceWindow {
                contig,
                window,
                locus,
            } = window.unwrap();
            (contig, window.start() + locus as u64)
        })
        .collect()
}

fn named(loci: &[(&str, u64)]) -> Vec<(String, u64)> {
    let owned = |(contig, locus): &(&str, u64)| ((*contig).to_owned(), *locus);
    loci.iter().map(owned).collect()
}

#[test]
fn a_genome_is_walked_contig_by_contig() {
    let (_folder, fasta) = genome();
    let mut windows = ReferenceWindows::open(along(&fasta, None, 40)).unwrap();
    assert_eq!(windows.progress().read, 0);
    let expected = [("1", 0), ("1", 40), ("1", 80), ("2", 0)];
    assert_eq!(loci(&mut windows), named(&expected));
    assert_eq!(windows.progress().read, 105);
    assert_eq!(windows.progress().total, Some(105));
}

#[test]
fn a_window_is_the_one_that_scoring_takes() {
    let (_folder, fasta) = genome();
    let found = ReferenceWindows::open(along(&fasta, None, 1)).unwrap();
    let mut n = 0;
    for window in found {
        let window = window.unwrap();
        let contig = fasta.resolve(&window.contig).unwrap();
        let locus = window.window.start() + window.locus as u64;
        let expected = windows().window(&fasta, contig, locus).unwrap();
        assert_eq!(window.window, expected);
        n += 1;
    }
    assert_eq!(n, 105);
}

#[test]
fn regions_that_do_not_fit_are_counted_and_left_out() {
    let (folder, fasta) = genome();
    let bed = folder.path().join("some.bed");
    let rows = "track x\nchr1\t10\t13\tname\n2\t0\t6\n7\t0\t1\n1\t5\t5\n\n1\t99\t100\n";
    fs::write(&bed, rows).unwrap();
    let mut windows = ReferenceWindows::open(along(&fasta, Some(&bed), 2)).unwrap();
    let expected = [("1", 10), ("1", 12), ("1", 99)];
    assert_eq!(loci(&mut windows), named(&expected));
    let rejected: Vec<_> = windows
        .rejected()
        .iter()
        .map(|(code, n)| (*code, *n))
        .collect();
    assert_eq!(
        rejected,
        [
            (ErrorCode::InputGeneric.as_str(), 1),
            (ErrorCode::InputOutOfWindow.as_str(), 1),
            (ErrorCode::InputUnknownContig.as_str(), 1),
        ]
    );
}

#[test]
fn a_file_of_windows_gives_their_middles() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("windows.jsonl");
    let rows = [
        r#"{"record_id":"r1","source":"gtdb","start_bp":5,"end_bp":13,"sequence":"ACGTACGT"}"#,
        r#"{"record_id":"r2","source":"x","chrom":"20","start_bp":7,"sequence":"acgtn"}"#,
        r#"{"record_id":"r3","source":"x","sequence":"AC!"}"#,
    ];
    fs::write(&path, rows.join("\n")).unwrap();
    let mut windows = ReferenceWindows::open(ReferenceLoci::File(&path)).unwrap();
    let found: Vec<_> = windows.by_ref().map(Result::unwrap).collect();
    let parts: Vec<_> = found
        .iter()
        .map(|w| (w.contig.as_str(), w.window.start(), w.locus))
        .collect();
    assert_eq!(parts, [("r1", 5, 4), ("20", 7, 2)]);
    assert_eq!(windows.rejected().values().sum::<u64>(), 1);
}

#[test]
fn a_file_that_is_not_there_is_an_error() {
    let missing = Path::new("no such windows.jsonl");
    let error = ReferenceWindows::open(ReferenceLoci::File(missing)).err();
    assert_eq!(error.unwrap().code(), ErrorCode::ResourceIo);
}

#[test]
fn unknown_bases_are_passed_over() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("gap.fa");
    fs::write(&path, ">1\nACGTNNNNRACGT\n").unwrap();
    let fasta = Fasta::open(path).unwrap();
    let mut windows = ReferenceWindows::open(along(&fasta, None, 1)).unwrap();
    assert_eq!(loci(&mut windows).len(), 8);
    assert_eq!(windows.unknown(), 5);
}
