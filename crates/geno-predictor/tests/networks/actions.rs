//! The action encoder.

use burn::tensor::{Tensor, TensorData};
use geno_action::RelEdit;
use geno_core::{Coded, ErrorCode, RandomStream};
use geno_predictor::{ActionEncoder, ActionEncoderConfig, EncodeEditsError, Network};
use serde::Deserialize;
use serde_json::Value;

use crate::golden::{Golden, assert_close, assert_close_in_scale, edits, json, load, tensor};

fn nets_encoder() -> ActionEncoder {
    let config = &json("nets_golden.json")["action_config"];
    let config = ActionEncoderConfig::deserialize(config).unwrap();
    load("nets_action_encoder.safetensors.gz", &config)
}

fn flat(rows: &Tensor<2>) -> TensorData {
    rows.clone().into_data()
}

#[test]
fn a_ragged_batch_is_encoded_like_the_reference_does() {
    let (encoder, golden) = (nets_encoder(), Golden::read("nets_golden.safetensors"));
    let batch = edits(&json("nets_golden.json")["action_batch"]);
    let rows: Vec<&[RelEdit]> = batch.iter().map(Vec::as_slice).collect();
    let expected = golden.tensor::<3>("action.batch");

    // The reference's `exp` is one bit off the rounded value at a scale of this width (not of the
    // usual 128), which is 5e-4 of 27.8 at position 4,095 and nothing at the rows below.
    let encoded = encoder.forward(&rows).unwrap();
    assert_close_in_scale(
        "action.batch",
        2e-5,
        encoded.actions.clone(),
        expected.clone(),
    );
    let low = |actions: Tensor<3>| actions.narrow(0, 2, 3);
    assert_close_in_scale("low positions", 1e-6, low(encoded.actions), low(expected));

    let mask: Vec<bool> = encoded.mask.into_data().iter::<bool>().collect();
    let lengths = [5, 2, 1, 0, 2].iter();
    let expected: Vec<bool> = lengths.flat_map(|&n| (0..5).map(move |i| i < n)).collect();
    assert_eq!(mask, expected);

    let (first, expected) = (
        encoder.encode_each(&batch[0]).unwrap(),
        golden.tensor("action.flat_first"),
    );
    assert_close_in_scale("action.flat_first", 2e-5, first.unsqueeze::<3>(), expected);
}

#[test]
fn alleles_that_differ_in_trailing_as_are_one_allele() {
    let (encoder, golden) = (nets_encoder(), Golden::read("nets_golden.safetensors"));
    let edit = |n| RelEdit::new(7, "C", &format!("C{}", "A".repeat(n))).unwrap();
    let encoded = encoder
        .encode_each(&[edit(1), edit(2), edit(3), edit(4)])
        .unwrap();
    let first = encoded.clone().narrow(0, 0, 1);
    for row in 1..4 {
        flat(&encoded.clone().narrow(0, row, 1)).assert_eq(&flat(&first), true);
    }

    let close = |name, actual: Tensor<2>| {
        assert_close_in_scale(name, 1e-6, actual.unsqueeze::<3>(), golden.tensor(name));
    };
    close("action.apad_alias", encoded);
    close(
        "action.single_token_tail",
        encoder.encode_each(&[edit(1)]).unwrap(),
    );
}

#[test]
fn a_second_network_agrees_too() {
    let golden = &json("golden_base/torch_golden.json")["action_encoder"];
    let config = ActionEncoderConfig::deserialize(&golden["config"]).unwrap();
    let encoder: ActionEncoder = load("golden_base/tiny_action_encoder.safetensors", &config);
    let text = |edit: &Value, key: &str| edit[key].as_str().unwrap().to_owned();
    let batch: Vec<Vec<RelEdit>> = golden["edits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            row.as_array()
                .unwrap()
                .iter()
                .map(|edit| {
                    let position = edit["rel_pos"].as_u64().unwrap() as usize;
                    RelEdit::new(position, &text(edit, "ref"), &text(edit, "alt")).unwrap()
                })
                .collect()
        })
        .collect();
    let rows: Vec<&[RelEdit]> = batch.iter().map(Vec::as_slice).collect();
    let encoded = encoder.forward(&rows).unwrap();
    assert_close(
        "tiny action encoder",
        encoded.actions,
        tensor(&golden["output"]),
    );
}

#[test]
fn a_position_beyond_the_window_is_an_error() {
    let encoder = nets_encoder();
    let edit = |position| RelEdit::new(position, "A", "C").unwrap();
    assert!(encoder.encode_each(&[edit(4_095)]).is_ok());
    let error = encoder.encode_each(&[edit(0), edit(4_096)]).unwrap_err();
    let expected = EncodeEditsError::PositionTooLarge {
        rel_pos: 4_096,
        max_window_bp: 4_096,
    };
    assert_eq!(error, expected);
    assert_eq!(error.code(), ErrorCode::InputOutOfWindow);
}

#[test]
fn no_edits_are_no_rows() {
    let encoder = nets_encoder();
    assert_eq!(encoder.encode_each([]).unwrap().dims(), [0, 12]);
    assert_eq!(encoder.forward(&[]).unwrap().actions.dims(), [0, 0, 12]);
    let encoded = encoder.forward(&[&[], &[]]).unwrap();
    assert_eq!(
        (encoded.actions.dims(), encoded.mask.dims()),
        ([2, 0, 12], [2, 0])
    );
}

#[test]
fn an_edit_is_encoded_alike_beside_any_others() {
    let device = burn::tensor::Device::default();
    let mut stream = RandomStream::new(5, "actions");
    let encoder = ActionEncoder::init(&ActionEncoderConfig::new(64), &mut stream, &device).unwrap();
    let edits: Vec<RelEdit> = (0..70)
        .map(|i| {
            let alternate = "ACGT".repeat(4)[i % 4..1 + i % 4 + i % 12].to_owned();
            RelEdit::new(
                150 * i,
                if alternate == "A" { "G" } else { "A" },
                &alternate,
            )
            .unwrap()
        })
        .filter(|edit| edit.reference() != edit.alternate())
        .collect();
    let all = encoder.encode_each(&edits).unwrap();
    for len in [1, 2, 3, 7, 64] {
        let start = edits.len() - len;
        let some = encoder.encode_each(&edits[start..]).unwrap();
        flat(&some).assert_eq(&flat(&all.clone().narrow(0, start, len)), true);
    }
}
