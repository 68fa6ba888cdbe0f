//! The networks on the kernels against their definitions in Burn, and against themselves with other
//! neighbours and threads.

use burn::tensor::{Bool, Device, Tensor, TensorData};
use geno_action::{MAX_ALLELE_LEN, RelEdit};
use geno_core::{Dtype, RandomStream};
use geno_kernels::Kernel;
use geno_predictor::{
    ActionEncoder, ActionEncoderConfig, NativeActionEncoder, NativePredictor, Network, Predictor,
    PredictorConfig,
};
use geno_weights::{WeightFile, write_weights};
use proptest::prelude::*;
use rand::RngExt;
use rand_distr::StandardNormal;
use rayon::ThreadPoolBuilder;

fn numbers(stream: &mut RandomStream, len: usize) -> Vec<f32> {
    (0..len).map(|_| stream.sample(StandardNormal)).collect()
}

/// A drawn predictor and the bytes of its weights. Nothing in it is zero or one, and states change
/// about as far as they are long.
pub(crate) fn drawn(config: &PredictorConfig) -> (Predictor, Vec<u8>) {
    let device = Device::default();
    let mut stream = RandomStream::new(5, "native");
    let predictor = Predictor::init(config, &mut stream, &device).unwrap();
    let mut weights = predictor.to_weights();
    for tensor in &mut weights {
        let size = match tensor.name.as_str() {
            "output_mlp.3.weight" => 1. / (config.d_hidden as f32).sqrt(),
            _ => 0.1,
        };
        let is_constant = tensor.values.iter().all(|value| *value == tensor.values[0]);
        if is_constant {
            for value in &mut tensor.values {
                *value += size * stream.sample::<f32, _>(StandardNormal);
            }
        }
    }
    let bytes = write_weights(&weights).unwrap();
    let mut file = WeightFile::parse(bytes.as_slice()).unwrap();
    let predictor = Predictor::load(&mut file, config, &device).unwrap();
    (predictor, bytes)
}

fn native(
    bytes: &[u8],
    config: &PredictorConfig,
    products: Dtype,
    kernel: Kernel,
) -> NativePredictor {
    let mut file = WeightFile::parse(bytes).unwrap();
    NativePredictor::load(&mut file, config, products, kernel).unwrap()
}

/// States, actions and which of them are there, for so many rows.
struct Batch {
    states: Vec<f32>,
    actions: Vec<f32>,
    present: Vec<bool>,
    n_rows: usize,
}

impl Batch {
    fn draw(config: &PredictorConfig, n_rows: usize, n_actions: usize) -> Self {
        let mut stream = RandomStream::new(6, "batch");
        let present = (0..n_rows * n_actions)
            .map(|_| stream.random_bool(0.7))
            .collect();
        Self {
            states: numbers(&mut stream, n_rows * config.d_state),
            actions: numbers(&mut stream, n_rows * n_actions * config.d_action),
            present,
            n_rows,
        }
    }

    /// Its last rows.
    fn last(&self, n_rows: usize) -> Self {
        let last = |values: &[f32]| {
            let width = values.len() / self.n_rows;
            values[values.len() - n_rows * width..].to_vec()
        };
        let n_present = n_rows * self.present.len() / self.n_rows;
        Self {
            states: last(&self.states),
            actions: last(&self.actions),
            present: self.present[self.present.len() - n_present..].to_vec(),
            n_rows,
        }
    }

    fn native(&self, predictor: &NativePredictor) -> Vec<f32> {
        predictor.predict(&self.states, &self.actions, &self.present)
    }

    fn burn(&self, predictor: &Predictor) -> Vec<f32> {
        let (device, config) = (Device::default(), predictor.config());
        let n_actions = self.present.len() / self.n_rows;
        let [rows, actions] = [[self.n_rows, config.d_state], [self.n_rows, n_actions]];
        let states = TensorData::new(self.states.clone(), rows);
        let present = TensorData::new(self.present.clone(), actions);
        let actions = [self.n_rows, n_actions, config.d_action];
        let actions = TensorData::new(self.actions.clone(), actions);
        let predicted = predictor.forward(
            Tensor::from_data(states, &device),
            Tensor::from_data(actions, &device),
            Tensor::<2, Bool>::from_data(present, &device),
        );
        predicted.into_data().iter::<f32>().collect()
    }
}

pub(crate) fn farthest(x: &[f32], y: &[f32]) -> f32 {
    assert_eq!(x.len(), y.len());
    x.iter()
        .zip(y)
        .map(|(x, y)| (x - y).abs())
        .fold(0., f32::max)
}

prop_compose! {
    fn configs()(
        d_state in 1usize..40,
        d_action in 1usize..20,
        n_heads in 1usize..4,
        d_head in 2usize..40,
        ffn_dim in 1usize..60,
        n_cross_layers in 1usize..5,
        n_self_layers in 1usize..3,
        is_projected: bool,
    ) -> PredictorConfig {
        let d_hidden = n_heads * d_head;
        let d_state = if is_projected { d_state } else { d_hidden };
        PredictorConfig {
            d_hidden, n_heads, ffn_dim, n_cross_layers, n_self_layers,
            ..PredictorConfig::new(d_state, d_action)
        }
    }
}

/// A norm over two or three values that are nearly equal magnifies their rounding: widths this small
/// are drawn here. The networks of the goldens are held to `1e-5`.
pub(crate) const MAGNIFIED: f32 = 2e-4;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn predictions_are_those_of_the_definition(
        config in configs(), n_rows in 1usize..40, n_actions in 1usize..6,
    ) {
        let (burn, bytes) = drawn(&config);
        let batch = Batch::draw(&config, n_rows, n_actions);
        let expected = batch.burn(&burn);
        for kernel in Kernel::available() {
            let native = native(&bytes, &config, Dtype::F32, kernel);
            let apart = farthest(&batch.native(&native), &expected);
            prop_assert!(apart <= MAGNIFIED, "{kernel}: {apart:e}");
        }
    }

    #[test]
    fn the_last_step_alone_is_that_of_all_steps(
        config in configs(), n_rows in 1usize..40, n_actions in 1usize..6,
        products in prop::sample::select(vec![Dtype::F32, Dtype::Bf16]),
    ) {
        let (_, bytes) = drawn(&config);
        let native = native(&bytes, &config, products, Kernel::detect());
        let mut batch = Batch::draw(&config, n_rows, n_actions);
        batch.present.fill(true);
        let all = batch.native(&native);
        let steps = all.chunks(n_actions * config.d_state);
        let expected = steps.flat_map(|steps| &steps[(n_actions - 1) * config.d_state..]);
        let last = native.predict_last(&batch.states, &batch.actions);
        prop_assert!(last.iter().map(|x| x.to_bits()).eq(expected.map(|x| x.to_bits())));
    }

    #[test]
    fn a_row_is_alone(
        config in configs(), n_actions in 1usize..4, n_rows in 1usize..300,
        products in prop::sample::select(vec![Dtype::F32, Dtype::Bf16]),
    ) {
        let (_, bytes) = drawn(&config);
        let native = native(&bytes, &config, products, Kernel::detect());
        let batch = Batch::draw(&config, 300, n_actions);
        let run = |threads, batch: &Batch| {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let predicted = pool.install(|| batch.native(&native));
            predicted.iter().map(|value| value.to_bits()).collect::<Vec<_>>()
        };
        let all = run(3, &batch);
        let some = run(1, &batch.last(n_rows));
        prop_assert_eq!(&all[all.len() - some.len()..], some);
    }
}

#[test]
fn products_in_bf16_stay_within_their_rounding() {
    let config = PredictorConfig {
        d_hidden: 192,
        ffn_dim: 192,
        n_cross_layers: 6,
        ..PredictorConfig::new(128, 64)
    };
    let (burn, bytes) = drawn(&config);
    let native = native(&bytes, &config, Dtype::Bf16, Kernel::detect());
    let batch = Batch::draw(&config, 20, 1);
    let apart = farthest(&batch.native(&native), &batch.burn(&burn));
    // A product is off by 2⁻⁹ of its terms' root mean square, about twenty of them follow each
    // other, and a value of a prediction is near 128^(−1/2).
    assert!((1e-6..4e-3).contains(&apart), "{apart:e}");
}

/// Edits of every type, some of which share alleles or positions.
pub(crate) fn edits(n: usize, max_window_bp: usize) -> Vec<RelEdit> {
    let mut stream = RandomStream::new(7, "edits");
    let mut allele = |len: usize| -> String {
        (0..len)
            .map(|_| ['A', 'C', 'G', 'T'][stream.random_range(0..4)])
            .collect()
    };
    let edit = |i: usize| loop {
        let lengths = match i % 3 {
            0 => [1, 1],
            1 => [1, 1 + i % MAX_ALLELE_LEN],
            _ => [1 + i % MAX_ALLELE_LEN, 1 + i / 3 % MAX_ALLELE_LEN],
        };
        let [reference, alternate] = lengths.map(&mut allele);
        if let Ok(edit) = RelEdit::new(i * 37 % max_window_bp, &reference, &alternate) {
            return edit;
        }
    };
    (0..n).map(edit).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn actions_are_those_of_the_definition_and_alone(
        d_action in 1usize..40,
        half_d_pos in 1usize..20,
        d_type in 1usize..20,
        n_seq_heads in 1usize..4,
        d_head in 1usize..60,
        n_seq_layers in 1usize..3,
        d_hidden in 1usize..60,
        n in 1usize..60,
    ) {
        let config = ActionEncoderConfig {
            d_pos: 2 * half_d_pos,
            d_type,
            d_seq: n_seq_heads * d_head,
            n_seq_heads,
            n_seq_layers,
            d_hidden,
            ..ActionEncoderConfig::new(d_action)
        };
        let device = Device::default();
        let mut stream = RandomStream::new(8, "actions");
        let burn = ActionEncoder::init(&config, &mut stream, &device).unwrap();
        let bytes = write_weights(&burn.to_weights()).unwrap();
        let edits = edits(n, config.max_window_bp);
        let expected = burn.encode_each(&edits).unwrap().into_data();
        let expected: Vec<f32> = expected.iter::<f32>().collect();
        for kernel in Kernel::available() {
            let mut file = WeightFile::parse(bytes.as_slice()).unwrap();
            let native = NativeActionEncoder::load(&mut file, &config, kernel, &device).unwrap();
            let encode = |edits: &[RelEdit]| native.encode(&edits.iter().collect::<Vec<_>>());
            let all = encode(&edits).unwrap();
            let apart = farthest(&all, &expected);
            prop_assert!(apart <= MAGNIFIED, "{kernel}: {apart:e}");
            let last = encode(&edits[n / 2..]).unwrap();
            prop_assert_eq!(&all[all.len() - last.len()..], last);
        }
    }
}
