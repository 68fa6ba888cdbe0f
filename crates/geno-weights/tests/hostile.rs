//! Weight files that lie must fail cleanly, and honest ones must read back.

use std::borrow::Cow;

use geno_core::{Coded, ErrorCode};
use geno_weights::{
    NewTensor, ShardIndex, WeightDtype, WeightError, WeightFile, WriteWeightsError, write_weights,
};
use proptest::prelude::*;

fn file(header: &str, data: &[u8]) -> Vec<u8> {
    let length = (header.len() as u64).to_le_bytes();
    [&length, header.as_bytes(), data].concat()
}

fn error(header: &str, data: &[u8]) -> WeightError {
    WeightFile::parse(file(header, data)).unwrap_err()
}

fn tensor(name: &str, values: &[f32], dtype: WeightDtype) -> NewTensor {
    NewTensor::new(name, [values.len()], values.to_vec(), dtype)
}

const HONEST: &str = r#"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}"#;

#[test]
fn a_file_without_metadata_is_read() {
    let data = [1.0f32.to_le_bytes(), (-2.5f32).to_le_bytes()].concat();
    let mut file = WeightFile::parse(file(HONEST, &data)).unwrap();
    assert!(file.metadata().is_empty());
    assert_eq!(file.shape("a"), Some(&[2][..]));
    assert_eq!(file.dtype("a"), Some(WeightDtype::F32));
    assert_eq!(file.take_f32("a", &[2]).unwrap(), [1.0, -2.5]);
    file.finish().unwrap();
}

#[test]
fn a_header_length_that_lies_is_refused() {
    let parse = |bytes: &[u8]| WeightFile::parse(bytes).map(|_| ()).unwrap_err();
    assert!(matches!(
        parse(b"short"),
        WeightError::TooShort { len: 5, header: 8 }
    ));
    let long = [&1_000u64.to_le_bytes()[..], HONEST.as_bytes()].concat();
    assert!(matches!(
        parse(&long),
        WeightError::TooShort { header: 1_000, .. }
    ));
    let huge = [&u64::MAX.to_le_bytes()[..], HONEST.as_bytes()].concat();
    assert!(matches!(
        parse(&huge),
        WeightError::HeaderTooLong {
            header: u64::MAX,
            ..
        }
    ));
    let cut = [&10u64.to_le_bytes()[..], HONEST.as_bytes()].concat();
    assert!(matches!(parse(&cut), WeightError::Header(_)));
}

#[test]
fn offsets_that_overlap_leave_gaps_or_disagree_with_a_shape_are_refused() {
    let two = |a: &str, b: &str| {
        let tensor =
            |at: &str| format!(r#"{{"dtype": "F32", "shape": [1], "data_offsets": {at}}}"#);
        error(
            &format!(r#"{{"a": {}, "b": {}}}"#, tensor(a), tensor(b)),
            &[0; 8],
        )
    };
    for (a, b) in [
        ("[0, 4]", "[2, 6]"),
        ("[0, 4]", "[0, 4]"),
        ("[0, 4]", "[5, 9]"),
        ("[4, 8]", "[4, 8]"),
        ("[0, 8]", "[8, 4]"),
        ("[0, 4]", "[4, 9]"),
    ] {
        let error = two(a, b);
        assert!(
            matches!(error, WeightError::Header(_)),
            "{a} {b}: {error:?}"
        );
    }
}

#[test]
fn values_must_fill_the_file_exactly() {
    for n in [0, 7, 9] {
        let error = error(HONEST, &vec![0; n]);
        assert!(
            matches!(error, WeightError::DataLength { actual, described: 8 } if actual == n),
            "{error:?}"
        );
    }
}

#[test]
fn sizes_that_overflow_are_refused() {
    let max = usize::MAX;
    let shape =
        format!(r#"{{"a": {{"dtype": "F32", "shape": [{max}, 2], "data_offsets": [0, 8]}}}}"#);
    assert!(matches!(error(&shape, &[0; 8]), WeightError::Header(_)));
    // Fifteen tensors of 2^60 bytes and one a byte shorter end at the last address there is.
    let size = 1usize << 60;
    let tensors = (0..16).map(|i| {
        let (start, end) = (i * size, i * size + (size - usize::from(i == 15)));
        let n = end - start;
        format!(r#""{i}": {{"dtype": "U8", "shape": [{n}], "data_offsets": [{start}, {end}]}}"#)
    });
    let header = format!("{{{}}}", tensors.collect::<Vec<_>>().join(","));
    let error = error(&header, &[]);
    assert!(
        matches!(
            error,
            WeightError::DataLength {
                described: usize::MAX,
                ..
            }
        ),
        "{error:?}"
    );
}

#[test]
fn unknown_and_useless_formats_are_refused() {
    assert!(matches!(
        error(&HONEST.replace("F32", "Q4"), &[0; 8]),
        WeightError::Header(_)
    ));
    let integers = file(&HONEST.replace("F32", "I32"), &[0; 8]);
    let mut integers = WeightFile::parse(integers).unwrap();
    let error = integers.take_f32("a", &[2]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "tensor `a` has dtype I32, expected F32, BF16 or F16"
    );
    assert_eq!(error.code(), ErrorCode::ResourceWeights);
}

#[test]
fn missing_misshaped_and_unused_tensors_are_named() {
    let names = ["a", "b", "c"].map(|name| tensor(name, &[1.0, 2.0], WeightDtype::F16));
    let mut file = WeightFile::parse(write_weights(&names).unwrap()).unwrap();
    assert!(matches!(file.take_f32("d", &[2]), Err(WeightError::Missing { name }) if name == "d"));
    let shape = file.take_f32("a", &[1, 2]).unwrap_err().to_string();
    assert_eq!(shape, "tensor `a` has shape [2], expected [1, 2]");
    file.skip("b", &[2]).unwrap();
    assert!(matches!(file.finish(), Err(WeightError::Unused { names }) if names == ["a", "c"]));
}

#[test]
fn rows_are_cut_from_the_first_axis() {
    let values = (0..12u8).map(f32::from).collect();
    let table = NewTensor::new("t", [4, 3], values, WeightDtype::Bf16);
    let mut file = WeightFile::parse(write_weights(&[table]).unwrap()).unwrap();
    let rows = file.take_rows_f32("t", &[4, 3], 1..3).unwrap();
    assert_eq!(rows, [3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
    file.finish().unwrap();
}

#[test]
fn values_that_are_not_finite_are_counted() {
    let values = [f32::NAN, 1.0, f32::NEG_INFINITY];
    let tensors = [
        tensor("a", &values, WeightDtype::Bf16),
        tensor("b", &[0.0], WeightDtype::F32),
    ];
    let file = WeightFile::parse(write_weights(&tensors).unwrap()).unwrap();
    assert_eq!(file.non_finite(), [("a", 2)]);
}

#[test]
fn tensors_that_cannot_be_stored_are_refused() {
    let twice = [
        tensor("a", &[1.0], WeightDtype::F32),
        tensor("a", &[2.0], WeightDtype::F32),
    ];
    let error = write_weights(&twice).unwrap_err();
    assert!(matches!(error, WriteWeightsError::Duplicate { name } if name == "a"));
    let short = NewTensor::new("a", [2, 2], vec![0.0; 3], WeightDtype::F32);
    assert!(matches!(
        write_weights(&[short]),
        Err(WriteWeightsError::Length { len: 3, .. })
    ));
    let large = tensor("a", &[1.0, 7e4], WeightDtype::F16);
    assert!(matches!(
        write_weights(&[large]),
        Err(WriteWeightsError::OutOfRange { index: 1, .. })
    ));
}

fn shard(names: &[&str]) -> Cow<'static, [u8]> {
    let tensors: Vec<_> = names
        .iter()
        .map(|name| tensor(name, &[1.0], WeightDtype::F32))
        .collect();
    write_weights(&tensors).unwrap().into()
}

fn join(index: &str, shards: &[(&str, &[&str])]) -> Result<(), WeightError> {
    let index = ShardIndex::parse(format!(r#"{{"weight_map": {index}}}"#).as_bytes())?;
    let shards = shards
        .iter()
        .map(|(file, names)| ((*file).to_owned(), shard(names)));
    let mut joined = WeightFile::parse_shards(&index, shards.collect())?;
    for name in index.tensor_names() {
        joined.take_f32(name, &[1])?;
    }
    joined.finish()
}

const MAP: &str = r#"{"a": "1.safetensors", "b": "2.safetensors"}"#;

#[test]
fn shards_hold_exactly_what_the_index_says() {
    let (one, two) = (("1.safetensors", &["a"][..]), ("2.safetensors", &["b"][..]));
    join(MAP, &[two, one]).unwrap();

    let error = |shards: &[_]| join(MAP, shards).unwrap_err();
    let missing = error(&[one]);
    assert!(
        matches!(missing, WeightError::ShardCount { count: 0, .. }),
        "{missing:?}"
    );
    let twice = error(&[one, one, two]);
    assert!(
        matches!(twice, WeightError::ShardCount { count: 2, .. }),
        "{twice:?}"
    );
    let stranger = error(&[one, two, ("3.safetensors", &["c"])]);
    assert!(
        matches!(stranger, WeightError::UnknownShard { .. }),
        "{stranger:?}"
    );
    let elsewhere = error(&[one, ("2.safetensors", &["a", "b"])]);
    assert!(
        matches!(elsewhere, WeightError::Misplaced { .. }),
        "{elsewhere:?}"
    );
    let unlisted = error(&[("1.safetensors", &["a", "c"]), two]);
    assert!(
        matches!(unlisted, WeightError::Misplaced { .. }),
        "{unlisted:?}"
    );
    let lost = error(&[one, ("2.safetensors", &[])]);
    assert!(matches!(lost, WeightError::Missing { .. }), "{lost:?}");
}

#[test]
fn an_index_names_plain_files_only() {
    for name in [
        "../1.safetensors",
        "/1.safetensors",
        "a/1.safetensors",
        r"a\\1.safetensors",
        "",
        ".safetensors",
        "1.bin",
        "C:1.safetensors",
        "1.safetensors\\u0000.safetensors",
    ] {
        let error = join(&format!(r#"{{"a": "{name}"}}"#), &[]).unwrap_err();
        assert!(
            matches!(error, WeightError::ShardName { .. }),
            "{name}: {error:?}"
        );
    }
    assert!(matches!(
        ShardIndex::parse(b"{}"),
        Err(WeightError::Index(_))
    ));
    assert!(matches!(
        ShardIndex::parse(b"[]"),
        Err(WeightError::Index(_))
    ));
}

#[test]
fn a_bad_shard_is_named() {
    let index = ShardIndex::parse(br#"{"weight_map": {"a": "1.safetensors"}}"#).unwrap();
    let shards = vec![("1.safetensors".to_owned(), Cow::Borrowed(&b"no"[..]))];
    let error = WeightFile::parse_shards(&index, shards).unwrap_err();
    assert_eq!(error.to_string(), "cannot read weight file `1.safetensors`");
}

proptest! {
    #[test]
    fn what_was_written_reads_back(
        values in prop::collection::vec(-1e4..1e4f32, 0..20),
        dtype in prop::sample::select(vec![WeightDtype::F32, WeightDtype::Bf16, WeightDtype::F16]),
    ) {
        let rounded: Vec<f32> = values.iter().map(|value| dtype.round(*value)).collect();
        let bytes = write_weights(&[tensor("a", &values, dtype)]).unwrap();
        let mut file = WeightFile::parse(bytes).unwrap();
        prop_assert_eq!(file.take_f32("a", &[values.len()]).unwrap(), rounded);
    }

    #[test]
    fn no_bytes_make_it_panic(
        mut bytes in prop::collection::vec(any::<u8>(), 0..300), header in 0..400u64, honest: bool,
    ) {
        if let Some(length) = bytes.first_chunk_mut().filter(|_| honest) {
            *length = header.to_le_bytes();
        }
        let _ = WeightFile::parse(bytes);
    }

    #[test]
    fn no_damage_to_a_header_makes_it_panic(
        at in any::<prop::sample::Index>(), byte: u8, cut in any::<prop::sample::Index>(),
    ) {
        let tensors = ["a", "b"].map(|name| tensor(name, &[1.0, 2.0], WeightDtype::F32));
        let mut bytes = write_weights(&tensors).unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let cut = bytes.len() - cut.index(4);
        if let Ok(mut file) = WeightFile::parse(&bytes[..cut]) {
            let _ = file.take_f32("a", &[2]);
            let _ = file.finish();
        }
    }
}
