//! Raw data that nobody wrote on purpose, or somebody did.

use std::sync::atomic::AtomicBool;

use geno_data::{ImportError, RawDataProvider, StrandRule};
use proptest::prelude::*;

use crate::files::{Files, rows};

const FASTA: &str = ">1\nACGTNACGTACGTACGTACGT\n>X\nACGTACGTAC\n>chrM\nACGTACGTAC\n";

fn provider() -> impl Strategy<Value = RawDataProvider> {
    prop::sample::select(RawDataProvider::ALL.to_vec())
}

/// Name, chromosome, position and two alleles, the second of which may be missing.
type Row = (&'static str, &'static str, u32, char, Option<char>);

fn table() -> impl Strategy<Value = RawDataProvider> {
    prop::sample::select(RawDataProvider::ALL[..3].to_vec())
}

/// Rows most of which can be read, at few enough places for several to meet.
fn row() -> impl Strategy<Value = Row> {
    let id = prop::sample::select(vec!["rs1", "rs2", "rs3", "i1", "r;s"]);
    let chromosomes = vec!["1", "chr1", "X", "23", "25", "26", "MT", "0", "7", "no"];
    let allele = || prop::sample::select(b"ACGT0ID".map(char::from).to_vec());
    let chromosome = prop::sample::select(chromosomes);
    (
        id,
        chromosome,
        0..9u32,
        allele(),
        prop::option::of(allele()),
    )
}

fn written(&(id, chromosome, position, first, second): &Row, provider: RawDataProvider) -> String {
    let both = second.map_or(first.to_string(), |second| format!("{first}{second}"));
    match provider {
        RawDataProvider::Ancestry => {
            let second = second.unwrap_or(first);
            format!("{id}\t{chromosome}\t{position}\t{first}\t{second}\n")
        }
        RawDataProvider::MyHeritage => {
            format!("\"{id}\",\"{chromosome}\",\"{position}\",\"{both}\"\n")
        }
        _ => format!("{id}\t{chromosome}\t{position}\t{both}\r\n"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_bytes_are_imported_or_refused_without_panic(
        provider in provider(), bytes: Vec<u8>, head in "(PK\x03\x04|\x1f|\\[|\\{\"data\":|# )?",
    ) {
        let files = Files::new(FASTA);
        let bytes = [head.as_bytes(), &bytes].concat();
        let _ = files.run(&files.request(provider), &bytes);
    }

    #[test]
    fn rows_in_any_disorder_come_out_in_order_and_none_is_lost(
        provider in table(), written_rows in prop::collection::vec(row(), 1..40), is_auto: bool,
    ) {
        let text: String = written_rows.iter().map(|row| written(row, provider)).collect();
        let files = Files::new(FASTA);
        let mut request = files.request(provider);
        request.include_reference = true;
        request.strand = if is_auto { StrandRule::Auto } else { StrandRule::Plus };
        let report = files.run(&request, text.as_bytes());
        prop_assume!(!matches!(
            report,
            Err(ImportError::OtherFormat { .. } | ImportError::NoContig { .. })
        ));
        let report = report.unwrap();
        let counts = report.counts;
        let told = counts.written + counts.repeated + counts.no_calls + counts.half_calls
            + counts.unplaced + counts.indels_unresolved;
        prop_assert_eq!(told + report.rejected.values().sum::<u64>(), counts.rows);
        let order = |contig: &str| ["1", "X", "chrM"].iter().position(|c| *c == contig).unwrap();
        let places: Vec<(usize, u64)> = rows(&files.vcf()).iter().map(|row| {
            let mut columns = row.split(' ');
            let contig = order(columns.next().unwrap());
            (contig, columns.next().unwrap().parse().unwrap())
        }).collect();
        prop_assert!(places.is_sorted());
    }

    #[test]
    fn json_of_any_shape_is_imported_or_refused_without_panic(
        text in "[\\[\\{]?(\"(variants|data|chrom|pos|ref|alt|gt)\":|[\\[\\]{},]|\"[ACGT/1|.]{0,3}\"|[0-9]|null){0,24}",
    ) {
        let files = Files::new(FASTA);
        let _ = files.run(&files.request(RawDataProvider::Sequencing), text.as_bytes());
    }
}

#[test]
fn an_interrupted_import_leaves_no_file() {
    let files = Files::new(FASTA);
    files.write("raw", b"rs1\t1\t1\tAG\n");
    let request = files.request(RawDataProvider::TwentyThreeAndMe);
    assert!(
        request
            .run(|_| {}, &AtomicBool::new(true))
            .unwrap()
            .is_none()
    );
    assert!(!files.path("out.vcf").exists());
}

#[test]
fn json_in_deep_nests_is_refused() {
    let files = Files::new(FASTA);
    let nest = "[".repeat(100_000);
    let error = files.run(&files.request(RawDataProvider::Sequencing), nest.as_bytes());
    assert!(matches!(error, Err(ImportError::Json { .. })));
}
