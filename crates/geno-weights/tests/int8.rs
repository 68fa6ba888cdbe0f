//! Matrices of whole numbers: what is stored comes back, and what lies fails with a name.

use std::collections::BTreeMap;

use geno_core::{Coded, ErrorCode};
use geno_weights::{
    TensorDtype, TensorSpec, WeightDtype, WeightError, WeightFile, WeightLayout, scale_name,
};
use proptest::prelude::*;

const F32: TensorDtype = TensorDtype::Weights(WeightDtype::F32);

fn spec(name: &str, shape: &[usize], dtype: TensorDtype) -> TensorSpec {
    TensorSpec {
        name: name.to_owned(),
        shape: shape.to_vec(),
        dtype,
    }
}

/// A file of tensors with their bytes, in any order.
fn file(mut tensors: Vec<(TensorSpec, Vec<u8>)>) -> Vec<u8> {
    let specs = tensors.iter().map(|(spec, _)| spec.clone()).collect();
    let layout = WeightLayout::new(specs, &BTreeMap::new()).unwrap();
    let mut bytes = layout.header().to_vec();
    for spec in layout.tensors() {
        let at = tensors.iter().position(|(other, _)| other == spec).unwrap();
        bytes.extend(tensors.remove(at).1);
    }
    bytes
}

fn scales(values: &[f32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|scale| scale.to_le_bytes())
        .collect()
}

/// `w` of two rows of three, with these scales.
fn matrix(values: &[f32]) -> Vec<u8> {
    file(vec![
        (
            spec("w", &[2, 3], TensorDtype::I8),
            vec![1, 2, 3, 0x80, 0xFF, 0],
        ),
        (spec("w_scale", &[values.len(), 1], F32), scales(values)),
    ])
}

fn take(bytes: Vec<u8>) -> Result<(), WeightError> {
    let mut file = WeightFile::parse(bytes).unwrap();
    file.take_int8("w", [2, 3])?;
    file.finish()
}

#[test]
fn rows_come_back_with_their_scales() {
    let mut file = WeightFile::parse(matrix(&[0.5, 2.0])).unwrap();
    assert!(file.is_int8("w") && !file.is_int8("w_scale") && !file.is_int8("x"));
    let matrix = file.take_int8("w", [2, 3]).unwrap();
    assert_eq!((matrix.n_rows(), matrix.row_len()), (2, 3));
    let mut row = [0; 3];
    assert_eq!((matrix.read_row(0, &mut row), row), (0.5, [1, 2, 3]));
    assert_eq!((matrix.read_row(1, &mut row), row), (2.0, [-128, -1, 0]));
    file.finish().unwrap();
}

#[test]
fn whole_numbers_are_no_weights_by_themselves() {
    let mut file = WeightFile::parse(matrix(&[1.0, 1.0])).unwrap();
    let error = file.take_f32("w", &[2, 3]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "tensor `w` has dtype I8, expected F32, BF16 or F16"
    );
    assert!(file.stored("w").is_none() && file.format("w").is_none());
}

#[test]
fn a_scale_that_is_none_is_refused_with_its_row() {
    for bad in [0.0, -0.0, -1.0, f32::NAN, f32::INFINITY] {
        let error = take(matrix(&[1.0, bad])).unwrap_err();
        assert_eq!(error.code(), ErrorCode::ResourceWeights);
        let WeightError::Scale { name, row: 1, .. } = error else {
            panic!("{error}");
        };
        assert_eq!(name, scale_name("w"));
    }
}

#[test]
fn tensors_that_do_not_fit_are_refused_by_name() {
    let whole = || (spec("w", &[2, 3], TensorDtype::I8), vec![0; 6]);
    let scale = || (spec("w_scale", &[2, 1], F32), scales(&[1.0, 1.0]));
    let message = |tensors| take(file(tensors)).unwrap_err().to_string();

    assert_eq!(message(vec![whole()]), "no tensor `w_scale`");
    assert_eq!(message(vec![scale()]), "no tensor `w`");
    let flat = (spec("w_scale", &[2], F32), scales(&[1.0, 1.0]));
    assert_eq!(
        message(vec![whole(), flat]),
        "tensor `w_scale` has shape [2], expected [2, 1]"
    );
    let whole_scale = (spec("w_scale", &[2, 1], TensorDtype::I8), vec![1, 1]);
    assert_eq!(
        message(vec![whole(), whole_scale]),
        "tensor `w_scale` has dtype I8, expected F32, BF16 or F16"
    );
    let turned = (spec("w", &[3, 2], TensorDtype::I8), vec![0; 6]);
    assert_eq!(
        message(vec![turned, scale()]),
        "tensor `w` has shape [3, 2], expected [2, 3]"
    );
    let wide = (spec("w", &[2, 3], F32), scales(&[0.0; 6]));
    assert_eq!(
        message(vec![wide, scale()]),
        "tensor `w` has dtype F32, expected I8"
    );
    let more = (spec("w_zero_point", &[2, 1], TensorDtype::I8), vec![0; 2]);
    assert_eq!(
        message(vec![whole(), scale(), more]),
        "1 unexpected tensors, first `w_zero_point`"
    );
}

#[test]
fn a_header_that_claims_more_whole_numbers_than_there_are_is_refused() {
    let mut bytes = matrix(&[1.0, 1.0]);
    bytes.pop();
    let error = WeightFile::parse(bytes).unwrap_err();
    assert!(matches!(error, WeightError::DataLength { .. }), "{error}");
}

proptest! {
    #[test]
    fn any_matrix_reads_back(
        row_len in 1..20usize,
        rows in prop::collection::vec((any::<u64>(), 1e-30f32..1e30), 1..20),
    ) {
        let value = |seed: u64, j: usize| (seed.rotate_left(7 * j as u32) & 0xFF) as u8;
        let whole = rows.iter().flat_map(|(seed, _)| (0..row_len).map(|j| value(*seed, j)));
        let values: Vec<f32> = rows.iter().map(|(_, scale)| *scale).collect();
        let bytes = file(vec![
            (spec("w", &[rows.len(), row_len], TensorDtype::I8), whole.collect()),
            (spec("w_scale", &[rows.len(), 1], F32), scales(&values)),
        ]);
        let file = WeightFile::parse(bytes).unwrap();
        let matrix = file.int8("w", [rows.len(), row_len]).unwrap();
        let mut row = vec![0; row_len];
        for (i, (seed, scale)) in rows.iter().enumerate() {
            prop_assert_eq!(matrix.read_row(i, &mut row), *scale);
            for (j, whole) in row.iter().enumerate() {
                prop_assert_eq!(whole.cast_unsigned(), value(*seed, j));
            }
        }
    }
}
