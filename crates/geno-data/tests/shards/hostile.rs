//! Files that nobody should write.

use std::fs;

use geno_data::{GnomadShard, PrepareShardError, VcfError};
use proptest::prelude::*;

use crate::{Folder, HEADER, Outcome, fixture};

#[test]
fn a_line_of_twenty_megabytes_is_a_line() -> Outcome {
    let long = "vep=".to_owned() + &"x".repeat(20_000_000);
    let folder = Folder::of_rows(&format!(
        "1\t1\t.\tA\tC\t.\tPASS\t{long};AF=0.5\n1\t2\t.\tA\tC\t.\tPASS\tAF=0.25;{long}\n\
         1\t3\t.\tA\tC\t.\tPASS\tAF=0.75"
    ));
    let counts = folder.prepare_gnomad()?.counts;
    assert_eq!(
        (counts.rows.records_read, counts.rows.records_written),
        (3, 3)
    );
    let variants = folder.gnomad_variants();
    let frequencies: Vec<_> = variants.iter().map(|variant| variant.af_global).collect();
    assert_eq!(frequencies, [0.5, 0.25, 0.75]);
    Ok(())
}

#[test]
fn a_line_beyond_the_limit_is_one_rejected_row() -> Outcome {
    let long = "x".repeat(geno_data::MAX_ROW_LEN + (8 << 20));
    let folder = Folder::of_rows(&format!(
        "1\t1\t.\tA\tC\t.\tPASS\tAF=1\n1\t2\t.\tA\tC\t.\tPASS\tAF=1;{long}\n1\t3\t.\tA\tC\t.\tPASS\tAF=1\n"
    ));
    let report = folder.prepare_gnomad()?;
    let rows = report.counts.rows;
    assert_eq!(
        (rows.records_read, rows.malformed_rows, rows.records_written),
        (3, 1, 2)
    );
    let rejected = fs::read_to_string(report.rejected_path.unwrap())?;
    let expected = r#"{"alt": "C", "chrom": "1", "code": "INPUT.VCF_PARSE", "line": 4, "pos": "2", "reason": "row takes more than 67108864 bytes", "ref": "A"}"#;
    assert_eq!(rejected.trim_end(), expected);
    Ok(())
}

#[test]
fn files_without_rows_or_header_are_refused() {
    for (text, code) in [
        ("", "INPUT.EMPTY"),
        (HEADER, "INPUT.EMPTY"),
        ("1\t1\t.\tA\tC\t.\tPASS\tAF=1\n", "INPUT.VCF_PARSE"),
        ("PAR1", "INPUT.VCF_PARSE"),
    ] {
        let error = Folder::of(text).prepare_gnomad().unwrap_err();
        assert!(matches!(error, PrepareShardError::Vcf(_)), "{error}");
        assert_eq!(geno_core::Coded::code(&error).as_str(), code);
    }
    let folder = Folder::of("");
    fs::remove_file(&folder.vcf).unwrap();
    let error = folder.prepare_gnomad().unwrap_err();
    assert!(
        matches!(error, PrepareShardError::Vcf(VcfError::Io { .. })),
        "{error}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_damaged_shard_is_read_or_refused_without_panic(at: prop::sample::Index, flip in 1u8.., cut: bool) {
        let mut bytes = fs::read(fixture("gnomad.parquet")).unwrap();
        let at = at.index(bytes.len());
        match cut {
            true => bytes.truncate(at),
            false => bytes[at] ^= flip,
        }
        let folder = Folder::of(&bytes);
        if let Ok(variants) = GnomadShard::open(&folder.vcf).and_then(GnomadShard::variants) {
            prop_assert!(!cut);
            for variant in variants {
                let Ok(variant) = variant else { break };
                prop_assert!(variant.pos > 0);
            }
        }
    }

    #[test]
    fn any_bytes_behind_a_header_are_rows_or_errors(bytes: Vec<u8>, text in "[ACGT0-9,;=.\t\r\n]{0,200}") {
        for rest in [&bytes[..], text.as_bytes()] {
            let folder = Folder::of([HEADER.as_bytes(), rest].concat());
            let _ = folder.prepare_gnomad();
            let _ = folder.prepare_clinvar();
        }
    }
}
