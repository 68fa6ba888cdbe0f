//! Rollouts one edit at a time.

use crate::golden::{Golden, assert_close, left_aligned, nets_predictors, second_network, tensor};

#[test]
fn rollouts_are_those_of_the_reference() {
    for predictor in nets_predictors() {
        let golden = Golden::read("nets_golden.safetensors");
        let (state, actions) = (golden.tensor::<2>("state"), golden.tensor::<3>("actions"));

        for k in [1, 2, 5, 20, 22] {
            let actions = actions.clone().narrow(1, 0, k);
            let full = left_aligned(&[k; 4], k);
            let rolled = predictor.predict_trajectory(state.clone(), actions.clone(), full);
            for which in ["full", "naive_loop"] {
                let name = format!("ar.K{k}.{which}");
                assert_close(&name, rolled.clone(), golden.tensor(&name));
            }

            let mask = left_aligned(&[k, (k / 2).max(1), 1, (k - 1).max(1)], k);
            let name = format!("ar.K{k}.masked");
            let rolled = predictor.predict_trajectory(state.clone(), actions.clone(), mask.clone());
            assert_close(&name, rolled, golden.tensor(&name));

            let name = format!("ar.K{k}.haplotype_masked");
            let last = predictor.predict_haplotype(state.clone(), actions, mask);
            assert_close(&name, last, golden.tensor(&name));
        }
    }
}

#[test]
fn a_second_network_agrees_too() {
    let (golden, predictors) = second_network();
    for predictor in predictors {
        for (which, lengths) in [("ar_full", [3, 3]), ("ar_masked", [3, 1])] {
            let (state, actions) = (tensor(&golden["state"]), tensor(&golden["actions"]));
            let rolled = predictor.predict_trajectory(state, actions, left_aligned(&lengths, 3));
            assert_close(which, rolled, tensor(&golden[which]));
        }
    }
}

#[test]
fn a_haplotype_without_edits_keeps_its_state() {
    let (golden, predictors) = second_network();
    for predictor in predictors {
        let (state, actions) = (tensor::<2>(&golden["state"]), tensor(&golden["actions"]));
        let last = predictor.predict_haplotype(state.clone(), actions, left_aligned(&[0, 3], 3));
        let expected = state.narrow(0, 0, 1).into_data();
        last.narrow(0, 0, 1).into_data().assert_eq(&expected, true);
    }
}
