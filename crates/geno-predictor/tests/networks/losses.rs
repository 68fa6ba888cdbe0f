//! Losses against the published ones, and their gradients against slopes.

use burn::tensor::{Bool, Device, Tensor, TensorData};
use geno_core::RandomStream;
use geno_predictor::{
    PredictionWeights, gaussian_divergence, prediction_loss, random_directions, residual_loss,
    sliced_gaussian,
};
use rand_distr::{Distribution, StandardNormal};

use crate::golden::{Golden, json, left_aligned};

fn scalar(loss: Tensor<1>) -> f64 {
    loss.into_scalar::<f64>()
}

fn assert_golden(found: Tensor<1>, name: &str) {
    let expected = json("nets_golden.json")["losses"][name].as_f64().unwrap();
    let found = scalar(found);
    assert!(
        (found - expected).abs() <= 1e-5 * expected.abs(),
        "{name}: {found} {expected}"
    );
}

#[test]
fn losses_are_those_of_the_reference() {
    let golden = Golden::read("nets_golden.safetensors");
    let [predicted, target] =
        ["forward.K5.full", "loss.target"].map(|name| golden.tensor::<3>(name));
    let all = || left_aligned(&[5; 4], 5);
    let masked = || left_aligned(&[5, 2, 1, 4], 5);
    let loss = |target: &Tensor<3>, mask, weights| {
        prediction_loss(predicted.clone(), target.clone(), mask, weights)
    };
    let plain = PredictionWeights::default();
    assert_golden(loss(&target, all(), plain), "prediction_loss.full");
    assert_golden(loss(&target, masked(), plain), "prediction_loss.masked");
    let zero = target.zeros_like();
    assert_golden(loss(&zero, all(), plain), "prediction_loss.zero_target");
    let weights = PredictionWeights {
        cosine: 2.0,
        squared: 0.5,
    };
    assert_golden(
        loss(&target, masked(), weights),
        "prediction_loss.alpha2_beta0.5_masked",
    );

    let states = golden.tensor::<2>("kl.states_40x6");
    assert_golden(
        gaussian_divergence(states.clone(), 1e-6),
        "kl.states_40x6_f64",
    );
    assert_golden(
        gaussian_divergence(states.clone(), 1e-3),
        "kl.states_40x6_eps1e-3_f64",
    );
    assert_golden(
        gaussian_divergence(states.narrow(0, 0, 1), 1e-6),
        "kl.single_row_f64",
    );
    let few = target.reshape([20, 24]);
    assert_golden(
        gaussian_divergence(few, 1e-6),
        "kl.target_20x24_rank_deficient_f64",
    );
}

#[test]
fn nothing_that_counts_is_no_loss() {
    let device = Device::flex();
    let x = Tensor::<3>::ones([2, 3, 4], &device);
    let none = Tensor::<2, Bool>::from_data(TensorData::new(vec![false; 6], [2, 3]), &device);
    let weights = PredictionWeights::default();
    assert_eq!(
        scalar(prediction_loss(x.clone(), x.clone(), none.clone(), weights)),
        0.0
    );
    assert_eq!(
        scalar(residual_loss(
            x.clone(),
            x,
            Tensor::zeros([2, 4], &device),
            none,
            1e-6
        )),
        0.0
    );
}

#[test]
fn the_residual_is_1_for_a_copy_0_for_the_target_and_alike_for_small_and_large_edits() {
    let device = Device::flex();
    let source = Tensor::<2>::from_floats([[1., 0., 0.]], &device);
    let target = Tensor::<3>::from_floats([[[1., 0.5, 0.], [1., 0., 0.02]]], &device);
    let mask = || left_aligned(&[2], 2);
    let copy = source.clone().unsqueeze_dim::<3>(1).repeat_dim(1, 2);
    let loss_above = |smallest_change, predicted| {
        scalar(residual_loss(
            predicted,
            target.clone(),
            source.clone(),
            mask(),
            smallest_change,
        ))
    };
    let loss = |predicted| loss_above(1e-6, predicted);
    assert!((loss(copy.clone()) - 1.0).abs() < 1e-6);
    assert_eq!(loss(target.clone()), 0.0);
    // Half of each change: a quarter of its square, whatever its size.
    let half = (copy + target.clone()).mul_scalar(0.5);
    assert!((loss(half.clone()) - 0.25).abs() < 1e-5);
    // The smaller of the two squared changes, 0.0004, counts by a tenth.
    assert!((loss_above(0.004, half) - (0.25 + 0.025) / 2.0).abs() < 1e-5);
}

fn values(name: &str, n: usize, scale: f32) -> Vec<f32> {
    let stream = &mut RandomStream::new(2, name);
    let draw = |_| -> f32 { StandardNormal.sample(stream) };
    (0..n).map(draw).map(|x| scale * x).collect()
}

/// Compares the gradient of a loss of `n` numbers with its slopes.
fn assert_gradient<const D: usize>(
    name: &str,
    shape: [usize; D],
    scale: f32,
    loss: impl Fn(Tensor<D>) -> Tensor<1>,
) {
    let n: usize = shape.iter().product();
    let start = values(name, n, scale);
    let device = Device::flex().autodiff();
    let x = Tensor::<D>::from_data(TensorData::new(start.clone(), shape), &device).require_grad();
    let gradients = loss(x.clone()).backward();
    let gradient: Vec<f64> = x
        .grad(&gradients)
        .unwrap()
        .into_data()
        .iter::<f64>()
        .collect();
    let at = |i: usize, step: f32| {
        let mut moved = start.clone();
        moved[i] += step;
        let moved = TensorData::new(moved, shape);
        scalar(loss(Tensor::from_data(moved, &Device::flex().autodiff())))
    };
    // Losses have 7 digits, so slopes of a step of 2·10⁻² have about 5, less the curvature.
    let step = 1e-2;
    let largest = gradient
        .iter()
        .fold(0f64, |largest, g| largest.max(g.abs()));
    assert!(largest > 1e-4, "{name}: nothing to compare");
    for (i, gradient) in gradient.iter().enumerate() {
        let slope = (at(i, step) - at(i, -step)) / f64::from(2.0 * step);
        let allowed = 2e-3 * largest.max(1e-2);
        assert!(
            (slope - gradient).abs() <= allowed,
            "{name} {i}: {slope} {gradient}"
        );
    }
}

#[test]
fn gradients_are_slopes() {
    let device = || Device::flex().autodiff();
    let fixed = |name: &str| {
        let data = TensorData::new(values(name, 24, 1.0), [2, 3, 4]);
        Tensor::<3>::from_data(data, &device())
    };
    let mask = || {
        let data = TensorData::new(vec![true, true, false, true, true, true], [2, 3]);
        Tensor::<2, Bool>::from_data(data, &device())
    };
    assert_gradient("prediction", [2, 3, 4], 1.0, |x| {
        prediction_loss(x, fixed("target"), mask(), PredictionWeights::default())
    });
    let source =
        || Tensor::<2>::from_data(TensorData::new(values("source", 8, 1.0), [2, 4]), &device());
    assert_gradient("residual", [2, 3, 4], 1.0, |x| {
        residual_loss(x, fixed("target"), source(), mask(), 1e-6)
    });
    assert_gradient("gaussian", [8, 3], 1.0, |x| gaussian_divergence(x, 1e-2));
    assert_gradient("sliced", [6, 4], 0.6, |x| {
        let stream = &mut RandomStream::new(9, "directions");
        sliced_gaussian(x, random_directions(4, 16, stream, &device()))
    });
}

#[test]
fn the_sliced_form_tells_collapse_from_spread_with_few_states_as_with_many() {
    let device = Device::flex();
    let d = 64;
    let mean_of = |n: usize, state: &dyn Fn(usize) -> Vec<f32>| -> f64 {
        let batches = 4_096 / n;
        let losses = (0..batches).map(|batch| {
            let rows: Vec<f32> = (0..n).flat_map(|i| state(batch * n + i)).collect();
            let states = Tensor::<2>::from_data(TensorData::new(rows, [n, d]), &device);
            let norm = states.clone().square().sum_dim(1).sqrt();
            let stream = &mut RandomStream::new(batch as u64, "directions");
            let directions = random_directions(d, 32, stream, &device);
            scalar(sliced_gaussian(states / norm, directions))
        });
        losses.sum::<f64>() / batches as f64
    };
    let spread = |i: usize| values(&format!("state {i}"), d, 1.0);
    let collapsed = |i: usize| {
        let mut state = values("one state", d, 1.0);
        state[0] += (i % 7) as f32 / 100.0;
        state
    };
    let flat = |i: usize| {
        let mut state = values(&format!("state {i}"), d, 1.0);
        state[8..].fill(0.0);
        state
    };
    for n in [4, 64] {
        let [spread, collapsed, flat] = [
            mean_of(n, &spread),
            mean_of(n, &collapsed),
            mean_of(n, &flat),
        ];
        assert!(spread.abs() < 0.01, "{n}: {spread}");
        assert!(collapsed > 0.2, "{n}: {collapsed}");
        assert!(flat > 0.02, "{n}: {flat}");
    }
}
