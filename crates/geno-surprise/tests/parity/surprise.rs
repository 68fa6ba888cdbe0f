//! Distances, and several of them as one.

use burn::tensor::{Device, Tensor, TensorData};
use geno_surprise::{Aggregation, raw_surprise};

use crate::fixtures::{close, f64_of, golden, grid};

#[test]
fn distances_and_their_aggregates_equal_the_reference() {
    let golden = golden("eval_golden.json");
    let golden = &golden["aggregate"];
    let (prediction, target) = (grid(&golden["prediction"]), grid(&golden["target"]));
    let n = prediction.len() / target.len();
    let tensor = |values: Vec<f64>| {
        let values: Vec<f32> = values.into_iter().map(|value| value as f32).collect();
        let shape = [n, target.len()];
        Tensor::<2>::from_data(TensorData::new(values, shape), &Device::default())
    };
    // The prediction has values that no 32-bit float holds, so tensors come within its rounding.
    let distances = raw_surprise(tensor(prediction.clone()), tensor(target.repeat(n)));
    let exact: Vec<f64> = prediction
        .chunks(target.len())
        .map(|row| {
            let squares = row.iter().zip(&target).map(|(a, b)| (a - b) * (a - b));
            squares.sum::<f64>().sqrt()
        })
        .collect();
    for (found, expected) in distances.iter().zip(&exact) {
        assert!((found - expected).abs() < 1e-7, "{found} {expected}");
    }
    for aggregation in Aggregation::ALL {
        let expected = f64_of(&golden[aggregation.as_str()]);
        close(aggregation.of(&exact).unwrap(), expected);
    }
}
