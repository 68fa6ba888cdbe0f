//! What the Python package wrote for files of each service.

use std::{path::PathBuf, sync::atomic::AtomicBool};

use geno_data::{ImportCounts, ImportRawData, RawDataProvider};

fn fixture(name: &str) -> PathBuf {
    let fixtures = "../../fixtures/parity/import";
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join(fixtures)
        .join(name)
}

/// The records, without the flags that the Python package does not know.
fn records(vcf: &str) -> Vec<String> {
    let rows = vcf.lines().filter(|line| !line.starts_with('#'));
    rows.map(|row| {
        row.replace(";STRAND_AMBIGUOUS", "")
            .replace(";STRAND_SUSPECT", "")
    })
    .collect()
}

fn number(summary: &str, service: &str, key: &str) -> u64 {
    let (_, summary) = summary.split_once(&format!("\"{service}\"")).unwrap();
    let (_, value) = summary.split_once(&format!("\"{key}\": ")).unwrap();
    let digits = value.split(|c: char| !c.is_ascii_digit()).next().unwrap();
    digits.parse().unwrap()
}

fn agrees(provider: RawDataProvider, service: &str, input: &str) -> ImportCounts {
    let folder = tempfile::tempdir().unwrap();
    let (input, map) = (fixture(input), fixture("alleles.tsv"));
    let output = folder.path().join("out.vcf");
    let import = ImportRawData {
        alleles: (provider != RawDataProvider::Sequencing).then_some(&map),
        strict: true,
        ..ImportRawData::new(provider, &input, &output)
    };
    let report = import
        .run(|_| {}, &AtomicBool::new(false))
        .unwrap()
        .unwrap();
    let ours = records(&std::fs::read_to_string(&output).unwrap());
    let theirs = std::fs::read_to_string(fixture(&format!("{service}.vcf"))).unwrap();
    assert_eq!(ours, records(&theirs));

    let summary = std::fs::read_to_string(fixture("summary.json")).unwrap();
    let counts = report.counts;
    assert_eq!(counts.written, number(&summary, service, "records_written"));
    assert_eq!(
        counts.reference,
        number(&summary, service, "ref_calls_skipped")
    );
    assert_eq!(
        counts.no_calls,
        number(&summary, service, "no_calls_skipped")
    );
    counts
}

#[test]
fn records_of_clean_files_are_those_of_the_python_package() {
    let counts = agrees(RawDataProvider::TwentyThreeAndMe, "23andme", "23andme.txt");
    assert!(counts.strand_ambiguous > 0 && counts.strand_suspect > 0);
    agrees(RawDataProvider::Ancestry, "ancestry", "ancestry.txt");
    agrees(RawDataProvider::MyHeritage, "myheritage", "myheritage.csv");
    agrees(RawDataProvider::Sequencing, "sequencing", "sequencing.json");
}
