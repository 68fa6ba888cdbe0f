//! AdamW against its formula in `f64`.

use burn::{
    module::{Module, Param, ParamId},
    optim::GradientsParams,
    tensor::{Device, Tensor},
};
use geno_training::{AdamW, AdamWSettings};
use geno_weights::WeightFile;

/// A matrix that decays and a vector that does not.
#[derive(Module, Debug)]
struct Line {
    weight: Param<Tensor<2>>,
    bias: Param<Tensor<1>>,
}

const SETTINGS: AdamWSettings = AdamWSettings {
    beta1: 0.9,
    beta2: 0.95,
    epsilon: 1e-8,
    weight_decay: 0.1,
    grad_clip: Some(0.5),
};
const WEIGHT: [f64; 2] = [0.5, -1.25];
const INPUT: [f64; 2] = [2., -1.];

impl Line {
    fn new(device: &Device) -> Self {
        let weight = WEIGHT.map(|w| w as f32);
        Self {
            weight: Param::from_tensor(Tensor::from_floats([[weight[0]], [weight[1]]], device)),
            bias: Param::from_tensor(Tensor::from_floats([0.25], device)),
        }
    }

    fn names(&self) -> Vec<(String, ParamId)> {
        vec![
            ("line.weight".into(), self.weight.id),
            ("line.bias".into(), self.bias.id),
        ]
    }

    /// Gradients of `(x·w + b)²`.
    fn gradients(&self, device: &Device) -> GradientsParams {
        let x = Tensor::<2>::from_floats([INPUT.map(|x| x as f32)], device);
        let y = x.matmul(self.weight.val()) + self.bias.val().unsqueeze();
        GradientsParams::from_grads(y.square().sum().backward(), self)
    }

    fn values(&self) -> [f32; 3] {
        let [a, b] = self.weight.val().into_data().as_slice::<f32>().unwrap()[..] else {
            panic!("two weights")
        };
        [a, b, self.bias.val().into_scalar::<f32>()]
    }
}

/// The same in `f64`: values after each step and the norms of the gradients.
fn expected(n: i32, lr: f64) -> ([f64; 3], Vec<f64>) {
    let mut values = [WEIGHT[0], WEIGHT[1], 0.25];
    let (mut first, mut second, mut norms) = ([0.; 3], [0.; 3], vec![]);
    for t in 1..=n {
        let y = values[0] * INPUT[0] + values[1] * INPUT[1] + values[2];
        let mut gradient = [2. * y * INPUT[0], 2. * y * INPUT[1], 2. * y];
        let norm = gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
        norms.push(norm);
        gradient = gradient.map(|g| g * (0.5 / (norm + 1e-6)).min(1.));
        for i in 0..3 {
            first[i] = 0.9 * first[i] + 0.1 * gradient[i];
            second[i] = 0.95 * second[i] + 0.05 * gradient[i] * gradient[i];
            let decay = if i < 2 { 1. - lr * 0.1 } else { 1. };
            let mean = first[i] / (1. - 0.9f64.powi(t));
            let root = (second[i] / (1. - 0.95f64.powi(t))).sqrt();
            values[i] = decay * values[i] - lr * mean / (root + 1e-8);
        }
    }
    (values, norms)
}

#[test]
fn steps_follow_the_formula() {
    let device = Device::flex().autodiff();
    let (mut line, mut optimizer) = (Line::new(&device), AdamW::new(SETTINGS));
    let mut norms = Vec::new();
    for _ in 0..20 {
        let gradients = line.gradients(&device);
        let names = line.names();
        let norm;
        (line, norm) = optimizer.step(0.01, line, &names, gradients);
        norms.push(norm);
    }
    let (values, expected_norms) = expected(20, 0.01);
    // Twenty steps of f32 rounding, at values around 1.
    for (found, expected) in line.values().into_iter().zip(values) {
        assert!(
            (f64::from(found) - expected).abs() < 2e-6,
            "{found} {expected}"
        );
    }
    for (found, expected) in norms.into_iter().zip(expected_norms) {
        assert!(
            (f64::from(found) / expected - 1.).abs() < 1e-5,
            "{found} {expected}"
        );
    }
}

#[test]
fn a_saved_state_goes_on_to_the_last_bit() {
    let device = Device::flex().autodiff();
    let (mut line, mut optimizer) = (Line::new(&device), AdamW::new(SETTINGS));
    for step in 0..8 {
        if step == 3 {
            let mut file = WeightFile::parse(optimizer.write().unwrap()).unwrap();
            let loaded = AdamW::load(SETTINGS, &mut file, &Device::flex()).unwrap();
            assert_eq!(loaded.write().unwrap(), optimizer.write().unwrap());
            optimizer = loaded;
        }
        let (gradients, names) = (line.gradients(&device), line.names());
        (line, _) = optimizer.step(0.01, line, &names, gradients);
    }
    let (mut whole, mut optimizer) = (Line::new(&device), AdamW::new(SETTINGS));
    for _ in 0..8 {
        let (gradients, names) = (whole.gradients(&device), whole.names());
        (whole, _) = optimizer.step(0.01, whole, &names, gradients);
    }
    assert_eq!(line.values(), whole.values());
}

#[test]
fn what_has_no_gradient_stays() {
    let device = Device::flex().autodiff();
    let (line, mut optimizer) = (Line::new(&device), AdamW::new(SETTINGS));
    let (before, names) = (line.values(), line.names());
    let (line, norm) = optimizer.step(0.01, line, &names, GradientsParams::new());
    assert_eq!((line.values(), norm), (before, 0.));
}
