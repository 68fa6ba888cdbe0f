//! Calibration files: the Python package's and ours, whole and broken.

use std::{collections::BTreeMap, io::Read};

use flate2::read::GzDecoder;
use geno_core::{Coded, ErrorCode};
use geno_surprise::{
    BucketId, CalibrationBucket, CalibrationParameters, CalibrationTable, GridSpacing,
    ReadCalibrationError, WriteCalibrationError,
};
use proptest::prelude::*;

use crate::fixtures::{bytes, examples, golden, parameters, rounded};

/// A small table, with every optional column used.
fn small() -> CalibrationTable {
    CalibrationTable::read_parquet(&bytes("calibration.small.parquet")).unwrap()
}

fn one_bucket(sigma: f64) -> CalibrationTable {
    let bucket = CalibrationBucket::new(BucketId::All, 1, vec![1.], vec![sigma], None).unwrap();
    CalibrationTable::new(vec![bucket]).unwrap()
}

#[test]
fn the_reference_s_small_file_holds_the_table_built_from_its_examples() {
    let golden = golden("eval_golden.json");
    let golden = &golden["calibration"];
    let parameters = parameters(&golden["tables"]["small"]["params"]);
    let (built, _) = CalibrationTable::build(examples(&golden["examples"]), &parameters).unwrap();
    let read = small();
    assert!(read.metadata().is_empty());
    assert_eq!(read, rounded(&built));
}

#[test]
fn the_model_s_file_holds_the_table_built_from_its_examples() {
    let mut json = String::new();
    let gz = bytes("calibration_examples.json.gz");
    GzDecoder::new(&gz[..]).read_to_string(&mut json).unwrap();
    let list = examples(&serde_json::from_str(&json).unwrap());
    assert_eq!(list.len(), 1540);
    let parameters = CalibrationParameters {
        spacing: GridSpacing::Surprise,
        ..CalibrationParameters::default()
    };
    let (built, sparse) = CalibrationTable::build(list, &parameters).unwrap();
    assert_eq!(sparse, []);
    let read = CalibrationTable::read_parquet(&bytes("model/calibration.parquet")).unwrap();
    assert_eq!(read, rounded(&built));
}

#[test]
fn a_table_comes_back_with_its_metadata_and_is_written_alike_twice() {
    let metadata = BTreeMap::from([
        ("geno_lewm.layout".to_owned(), "centered".to_owned()),
        ("geno_lewm.weights_id".to_owned(), "sha256:ü".to_owned()),
        ("empty".to_owned(), String::new()),
    ]);
    let table = small().with_metadata(metadata);
    let file = table.write_parquet().unwrap();
    assert_eq!(CalibrationTable::read_parquet(&file).unwrap(), table);
    assert_eq!(table.clone().write_parquet().unwrap(), file);
}

#[test]
fn a_file_without_metadata_comes_back_without() {
    let file = small().write_parquet().unwrap();
    let read = CalibrationTable::read_parquet(&file).unwrap();
    assert!(read.metadata().is_empty());
    assert_eq!(read, small());
}

#[test]
fn a_table_that_nowhere_backs_off_comes_back() {
    let table = one_bucket(0.5);
    let file = table.write_parquet().unwrap();
    assert_eq!(CalibrationTable::read_parquet(&file).unwrap(), table);
}

#[test]
fn a_table_with_a_thousand_points_a_bucket_comes_back() {
    let list = golden("eval_golden.json");
    let parameters = CalibrationParameters::default();
    let list = examples(&list["calibration"]["examples"]);
    let (table, _) = CalibrationTable::build(list, &parameters).unwrap();
    let file = table.write_parquet().unwrap();
    assert_eq!(
        CalibrationTable::read_parquet(&file).unwrap(),
        rounded(&table)
    );
}

#[test]
fn what_a_file_cannot_hold_is_not_written() {
    let error = one_bucket(1e39).write_parquet().unwrap_err();
    assert!(matches!(
        error,
        WriteCalibrationError::Overflow { sigma: 1e39, .. }
    ));
    assert!(one_bucket(f64::from(f32::MAX)).write_parquet().is_ok());

    let reserved = BTreeMap::from([("ARROW:schema".to_owned(), String::new())]);
    let error = one_bucket(1.)
        .with_metadata(reserved)
        .write_parquet()
        .unwrap_err();
    assert!(matches!(error, WriteCalibrationError::ReservedKey { .. }));

    let long = BTreeMap::from([("key".to_owned(), "x".repeat(1 << 20))]);
    let error = one_bucket(1.)
        .with_metadata(long)
        .write_parquet()
        .unwrap_err();
    assert!(matches!(error, WriteCalibrationError::Limit(_)));

    let n = 6 << 20;
    let bucket = CalibrationBucket::new(BucketId::All, 1, vec![1.; n], vec![1.; n], None);
    let table = CalibrationTable::new(vec![bucket.unwrap()]).unwrap();
    assert!(matches!(
        table.write_parquet(),
        Err(WriteCalibrationError::Limit(_))
    ));
}

#[test]
fn a_file_that_is_no_parquet_has_the_code_of_a_foreign_schema() {
    for file in [&b""[..], b"PAR1", b"bucket_id,n_calibration\n"] {
        let error = CalibrationTable::read_parquet(file).unwrap_err();
        assert!(matches!(error, ReadCalibrationError::NotParquet));
        assert_eq!(error.code(), ErrorCode::ConfigSchemaIncompat);
    }
}

#[test]
fn a_file_cut_anywhere_is_an_error() {
    let file = bytes("calibration.small.parquet");
    for len in 0..file.len() {
        assert!(
            CalibrationTable::read_parquet(&file[..len]).is_err(),
            "{len}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_file_with_broken_bytes_is_an_error_or_a_table(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        ours: bool,
        footer: bool,
    ) {
        let mut file = bytes("calibration.small.parquet");
        if ours {
            file = CalibrationTable::read_parquet(&file).unwrap().write_parquet().unwrap();
        }
        // Half of the cases break the last 1600 bytes, where the footer stands.
        let start = if footer { file.len() - 1600 } else { 0 };
        let len = file.len() - start;
        for (at, byte) in flips {
            file[start + at.index(len)] = byte;
        }
        if let Ok(table) = CalibrationTable::read_parquet(&file) {
            let star = table.get(BucketId::All).unwrap();
            prop_assert!((0. ..=1.).contains(&star.percentile(1.)));
        }
    }

    #[test]
    fn a_file_cut_in_its_middle_is_an_error_or_a_table(
        cut in any::<(prop::sample::Index, prop::sample::Index)>(),
    ) {
        let mut file = bytes("calibration.small.parquet");
        let (a, b) = (cut.0.index(file.len()), cut.1.index(file.len()));
        file.drain(a.min(b)..a.max(b));
        let _ = CalibrationTable::read_parquet(&file);
    }

    #[test]
    fn any_bytes_between_the_magic_are_an_error(
        inner in prop::collection::vec(any::<u8>(), 0..300),
        length in 0u32..310,
    ) {
        let length = length.to_le_bytes();
        let file = [&b"PAR1"[..], &inner, &length, b"PAR1"].concat();
        prop_assert!(CalibrationTable::read_parquet(&file).is_err());
    }
}
