//! Batch size and threads never change a byte of the output.

use std::{fs, io::Write};

use geno_runtime::Runtime;
use geno_tests::fixture;

use crate::scoring::{Run, runtime};

/// Scores, receipts: the first rows of the demo's variants and a site of three alternates.
fn outputs(runtime: &Runtime, batch_size: usize, threads: usize) -> (Vec<u8>, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let vcf = folder.path().join("variants.vcf");
    let all = fs::read_to_string(fixture("demo/variants.vcf")).unwrap();
    let mut file = fs::File::create(&vcf).unwrap();
    for line in all.lines().take(5 + 12) {
        writeln!(file, "{line}").unwrap();
    }
    // Base 3,350,000 of the slice, as its FASTA has it.
    let fasta = folder.path().join("ref.fa.gz");
    fs::copy(fixture("demo/GRCh37.20.fa.gz"), &fasta).unwrap();
    let reference = geno_data_base(&fasta, 3_350_000);
    let others: Vec<_> = ["A", "C", "G", "T"]
        .into_iter()
        .filter(|b| *b != reference)
        .collect();
    writeln!(
        file,
        "20\t3350000\t.\t{reference}\t{}\t.\tPASS\t.",
        others.join(",")
    )
    .unwrap();

    let run = Run {
        vcf: &vcf,
        fasta: &fasta,
        folder: folder.path(),
        batch_size,
        strict: true,
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    let summary = pool.install(|| run.score(runtime)).unwrap();
    assert_eq!(summary.scored, 15);
    (
        fs::read(run.scores()).unwrap(),
        fs::read(run.receipts()).unwrap(),
    )
}

fn geno_data_base(fasta: &std::path::Path, pos: u64) -> String {
    let fasta = geno_data::Fasta::open(fasta).unwrap();
    let contig = fasta.resolve("20").unwrap();
    String::from_utf8(fasta.fetch(contig, pos - 1, pos).unwrap()).unwrap()
}

#[test]
fn outputs_are_the_same_for_every_batch_size_and_number_of_threads() {
    let runtime = runtime(&fixture("demo/model"));
    let expected = outputs(&runtime, 64, 2);
    for (batch_size, threads) in [(1, 1), (2, 2), (7, 1), (1_000, 2)] {
        let found = outputs(&runtime, batch_size, threads);
        assert!(
            found == expected,
            "batches of {batch_size}, {threads} threads"
        );
    }
}
