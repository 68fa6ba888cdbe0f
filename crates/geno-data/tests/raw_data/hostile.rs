//! Raw data that nobody wrote on purpose, or somebody did.

use std::sync::atomic::AtomicBool;

use geno_data::{ImportError, RawDataProvider, StrandRule};
use proptest::prelude::*;

use crate::files::{Files, rows};

const FASTA: &str = ">1\nACGTNACGTACGTACGTACGT\n>X\nACGTACGTAC\n>chrM\nACGTACGTAC\n";

fn provider() -> impl Strategy<Value = RawDataProvider> {
    prop::sample::select(RawDataProvider::ALL.to_vec())
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
        provider in provider(),
        text in "((rs[0-9]{1,2}|i1|r;s)[\t ,](1|X|23|26|MT|25|0|chr1|7)[\t ,](0|-|[0-9]{1,2})\
                 [\t ,]([ACGTID0-][ACGTID0-]?|[ACGT][\t][ACGT])\r?\n){0,30}",
        is_auto: bool,
    ) {
        let files = Files::new(FASTA);
        let mut request = files.request(provider);
        request.include_reference = true;
        request.strand = if is_auto { StrandRule::Auto } else { StrandRule::Plus };
        if let Ok(report) = files.run(&request, text.as_bytes()) {
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
