//! The parallel forward pass.

use burn::tensor::{Bool, Device, Tensor, TensorData};

use crate::golden::{
    Golden, assert_close, json, left_aligned, nets_predictors, second_network, tensor,
};

#[test]
fn predictions_are_those_of_the_reference() {
    let golden = Golden::read("nets_golden.safetensors");
    for predictor in nets_predictors() {
        let (state, actions) = (golden.tensor::<2>("state"), golden.tensor::<3>("actions"));
        let cases = json("nets_golden.json")["forward_cases"].clone();
        assert_eq!(cases.as_array().unwrap().len(), 8);

        for case in cases.as_array().unwrap() {
            let k = case["K"].as_u64().unwrap() as usize;
            let lengths: Vec<usize> =
                serde_json::from_value(case["masked_lengths"].clone()).unwrap();
            let actions = actions.clone().narrow(1, 0, k);
            for (which, lengths) in [("full", vec![k; 4]), ("masked", lengths)] {
                let name = format!("forward.K{k}.{which}");
                let mask = left_aligned(&lengths, k);
                let predicted = predictor.forward(state.clone(), actions.clone(), mask);
                assert_close(&name, predicted, golden.tensor(&name));
            }
        }
    }
}

#[test]
fn a_mask_may_have_holes() {
    let golden = Golden::read("nets_golden.safetensors");
    for predictor in nets_predictors() {
        let (state, actions) = (golden.tensor::<2>("state"), golden.tensor::<3>("actions"));
        for k in [3, 5] {
            let mask: Vec<bool> = (0..4 * k).map(|i| i % k != 1).collect();
            let mask =
                Tensor::<2, Bool>::from_data(TensorData::new(mask, [4, k]), &Device::default());
            let actions = actions.clone().narrow(1, 0, k);
            let predicted = predictor.forward(state.clone(), actions, mask);
            let name = format!("forward.K{k}.hole_at_1");
            assert_close(&name, predicted, golden.tensor(&name));
        }
    }
}

#[test]
fn a_second_network_agrees_too() {
    let (golden, predictors) = second_network();
    for predictor in predictors {
        let lengths = |which| {
            if which == "forward_full" {
                [3, 3]
            } else {
                [3, 1]
            }
        };
        for which in ["forward_full", "forward_masked"] {
            let (state, actions) = (tensor(&golden["state"]), tensor(&golden["actions"]));
            let predicted = predictor.forward(state, actions, left_aligned(&lengths(which), 3));
            assert_close(which, predicted, tensor(&golden[which]));
        }
    }
}

#[test]
fn what_stands_in_the_padding_changes_nothing() {
    let golden = Golden::read("nets_golden.safetensors");
    for predictor in nets_predictors() {
        let (state, actions) = (
            golden.tensor::<2>("state"),
            golden.tensor::<3>("actions").narrow(1, 0, 4),
        );
        let mask = left_aligned(&[1, 2, 3, 3], 4);
        let present = mask.clone().float().unsqueeze_dim(2);
        let other = actions.clone() * present.clone() - (present.sub_scalar(1.)).mul_scalar(1e3);
        let expected = predictor
            .forward(state.clone(), actions, mask.clone())
            .into_data();
        predictor
            .forward(state, other, mask)
            .into_data()
            .assert_eq(&expected, true);
    }
}

#[test]
fn a_row_without_actions_gives_zeros_and_leaves_the_others_alone() {
    let golden = Golden::read("nets_golden.safetensors");
    for predictor in nets_predictors() {
        let (state, actions) = (
            golden.tensor::<2>("state"),
            golden.tensor::<3>("actions").narrow(1, 0, 3),
        );
        let forward = |lengths: &[usize]| {
            predictor.forward(state.clone(), actions.clone(), left_aligned(lengths, 3))
        };
        let (some, all) = (forward(&[3, 0, 2, 1]), forward(&[3, 3, 2, 1]));
        assert_eq!(
            some.clone()
                .narrow(0, 1, 1)
                .abs()
                .max()
                .into_scalar::<f32>(),
            0.
        );
        for row in [0, 2, 3] {
            let expected = all.clone().narrow(0, row, 1).into_data();
            some.clone()
                .narrow(0, row, 1)
                .into_data()
                .assert_eq(&expected, true);
        }
    }
}

#[test]
fn one_action_is_predicted_alike_with_and_without_a_mask() {
    let golden = Golden::read("nets_golden.safetensors");
    for predictor in nets_predictors() {
        let (state, actions) = (
            golden.tensor::<2>("state"),
            golden.tensor::<3>("actions").narrow(1, 0, 1),
        );
        let masked = predictor.forward(state.clone(), actions.clone(), left_aligned(&[1; 4], 1));
        let single = predictor
            .predict_single(state, actions.squeeze_dim(1))
            .into_data();
        masked
            .squeeze_dim::<2>(1)
            .into_data()
            .assert_eq(&single, true);
    }
}
