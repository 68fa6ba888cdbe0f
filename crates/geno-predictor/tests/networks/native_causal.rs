//! The causal predictor on the kernels against its definition in Burn, and against itself: at once,
//! edit by edit, and in other company.

use burn::tensor::{Bool, Device, Tensor, TensorData};
use geno_core::Dtype;
use geno_kernels::Kernel;
use geno_predictor::{
    CausalConfig, CausalPredictor, NativeCausalPredictor, Network, StatePredictor, StepPositions,
};
use geno_weights::{WeightFile, write_weights};
use proptest::prelude::*;
use rayon::ThreadPoolBuilder;

use crate::{
    causal::{configs, random, trained, trained_weights},
    golden::left_aligned,
    misfits,
    native::farthest,
};

fn native(config: &CausalConfig, products: Dtype, kernel: Kernel) -> NativeCausalPredictor {
    let bytes = write_weights(&trained_weights(config)).unwrap();
    let mut file = WeightFile::parse(bytes).unwrap();
    NativeCausalPredictor::load(&mut file, config, products, kernel).unwrap()
}

fn values<const D: usize>(tensor: &Tensor<D>) -> Vec<f32> {
    tensor.clone().into_data().iter::<f32>().collect()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build();
    pool.unwrap().install(work)
}

/// States, actions and which of them are there.
struct Batch {
    states: Tensor<2>,
    actions: Tensor<3>,
    mask: Tensor<2, Bool>,
}

impl Batch {
    /// Rows of every length up to `n_edits`.
    fn draw(config: &CausalConfig, n_rows: usize, n_edits: usize) -> Self {
        let lengths: Vec<_> = (0..n_rows).map(|i| (n_edits + i) % (n_edits + 1)).collect();
        Self {
            states: random("states", [n_rows, config.d_state]),
            actions: random("actions", [n_rows, n_edits, config.d_action]),
            mask: left_aligned(&lengths, n_edits),
        }
    }

    fn present(&self) -> Vec<bool> {
        self.mask.clone().into_data().iter::<bool>().collect()
    }

    fn predict(&self, native: &NativeCausalPredictor) -> Vec<f32> {
        native.predict(
            &values(&self.states),
            &values(&self.actions),
            &self.present(),
        )
    }

    fn apart(&self, native: &NativeCausalPredictor, burn: &CausalPredictor) -> f32 {
        let Self {
            states,
            actions,
            mask,
        } = self;
        let expected = burn.forward(states.clone(), actions.clone(), mask.clone());
        farthest(&self.predict(native), &values(&expected))
    }
}

/// A norm over sixteen values magnifies the rounding of a few; the widths of the default network are
/// held to `1e-5`.
const MAGNIFIED: f32 = 2e-5;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn predictions_are_those_of_the_definition(
        config in configs(), n_rows in 1usize..40, n_edits in 1usize..7,
    ) {
        let (burn, batch) = (trained(&config), Batch::draw(&config, n_rows, n_edits));
        for kernel in Kernel::available() {
            let apart = batch.apart(&native(&config, Dtype::F32, kernel), &burn);
            prop_assert!(apart <= MAGNIFIED, "{kernel}: {apart:e}");
        }
    }

    #[test]
    fn a_rollout_is_the_parallel_prediction_to_the_last_bit(
        config in configs(), n_rows in 1usize..40, n_edits in prop::sample::select(vec![1, 2, 5, 20]),
        products in prop::sample::select(vec![Dtype::F32, Dtype::Bf16]),
    ) {
        let states = values(&random("states", [n_rows, config.d_state]));
        let actions = values(&random("actions", [n_edits, n_rows, config.d_action]));
        let by_row: Vec<f32> = (0..n_rows)
            .flat_map(|row| (0..n_edits).map(move |step| (step * n_rows + row) * config.d_action))
            .flat_map(|first| actions[first..first + config.d_action].to_vec())
            .collect();
        for kernel in Kernel::available() {
            let native = native(&config, products, kernel);
            let all = on_threads(2, || {
                native.predict(&states, &by_row, &vec![true; n_rows * n_edits])
            });
            // Begun with other rows, which leave nothing behind.
            let mut rollout = native.rollout(&vec![1.0; 2 * config.d_state]);
            rollout.step(&vec![1.0; 2 * config.d_action]);
            rollout.start(&states);
            for (step, actions) in actions.chunks(n_rows * config.d_action).enumerate() {
                prop_assert_eq!(rollout.n_edits(), step);
                let states = rollout.step(actions);
                for (row, state) in states.chunks(config.d_state).enumerate() {
                    let expected = &all[(row * n_edits + step) * config.d_state..];
                    prop_assert_eq!(bits(state), bits(&expected[..config.d_state]), "step {}", step);
                }
            }
        }
    }

    #[test]
    fn a_row_is_alone(
        config in configs(), n_edits in 1usize..9, n_rows in 1usize..100,
        products in prop::sample::select(vec![Dtype::F32, Dtype::Bf16]),
    ) {
        let native = native(&config, products, Kernel::detect());
        let batch = Batch::draw(&config, 100, n_edits);
        let last = Batch {
            states: batch.states.clone().narrow(0, 100 - n_rows, n_rows),
            actions: batch.actions.clone().narrow(0, 100 - n_rows, n_rows),
            mask: batch.mask.clone().narrow(0, 100 - n_rows, n_rows),
        };
        let all = on_threads(3, || bits(&batch.predict(&native)));
        let some = on_threads(1, || bits(&last.predict(&native)));
        prop_assert_eq!(&all[all.len() - some.len()..], some);
    }

    #[test]
    fn tensors_give_what_slices_do(config in configs(), n_rows in 1usize..9) {
        let native = native(&config, Dtype::F32, Kernel::detect());
        let batch = Batch::draw(&config, n_rows, 3);
        let Batch { states, actions, mask } = &batch;
        let all = native.forward(states.clone(), actions.clone(), mask.clone());
        prop_assert_eq!(all.dims(), [n_rows, 3, config.d_state]);
        let sliced = batch.predict(&native);
        prop_assert_eq!(values(&all), &sliced[..]);

        let first = actions.clone().narrow(1, 0, 1).squeeze_dim(1);
        let single = values(&native.predict_single(states.clone(), first));
        let whole = native.predict_haplotype(states.clone(), actions.clone(), mask.clone());
        let rows = batch.present().chunks(3).map(|row| row.iter().filter(|there| **there).count())
            .collect::<Vec<_>>();
        let (d, given, whole) = (config.d_state, values(states), values(&whole));
        for (i, &n) in rows.iter().enumerate() {
            let expected = match n {
                0 => &given[i * d..][..d],
                _ => &sliced[(i * 3 + n - 1) * d..][..d],
            };
            prop_assert_eq!(&whole[i * d..][..d], expected);
            if n > 0 {
                prop_assert_eq!(&single[i * d..][..d], &sliced[i * 3 * d..][..d]);
            }
        }
    }
}

fn wide(positions: StepPositions) -> CausalConfig {
    CausalConfig {
        d_hidden: 256,
        ffn_dim: 512,
        positions,
        ..CausalConfig::new(320, 64)
    }
}

#[test]
fn wide_networks_agree_within_the_fifth_place() {
    for positions in [StepPositions::Rope, StepPositions::Learned] {
        let config = wide(positions);
        let batch = Batch::draw(&config, 20, 20);
        let apart = batch.apart(
            &native(&config, Dtype::F32, Kernel::detect()),
            &trained(&config),
        );
        assert!(apart <= 1e-5, "{positions:?}: {apart:e}");
    }
}

#[test]
fn products_in_bf16_stay_within_their_rounding() {
    let config = wide(StepPositions::Rope);
    let batch = Batch::draw(&config, 20, 5);
    let apart = batch.apart(
        &native(&config, Dtype::Bf16, Kernel::detect()),
        &trained(&config),
    );
    // A product is off by 2⁻⁹ of its terms' root mean square, about twenty of them follow each
    // other, and a value of a prediction is near 320^(−1/2).
    assert!((1e-6..4e-3).contains(&apart), "{apart:e}");
}

#[test]
fn files_of_other_networks_are_refused_as_by_the_definition() {
    for positions in [StepPositions::Rope, StepPositions::Learned] {
        let fitting = CausalConfig {
            d_hidden: 8,
            n_heads: 2,
            n_layers: 2,
            ffn_dim: 6,
            max_edits: 3,
            positions,
            ..CausalConfig::new(5, 4)
        };
        let weights = trained_weights(&fitting);
        let odd = CausalConfig {
            n_heads: 3,
            ..fitting.clone()
        };
        for config in [fitting, odd] {
            misfits::are_refused_alike(
                &weights,
                |file| CausalPredictor::load(file, &config, &Device::default()),
                |file| NativeCausalPredictor::load(file, &config, Dtype::F32, Kernel::detect()),
            );
        }
    }
}

#[test]
fn no_rows_and_no_edits_give_no_predictions() {
    let native = native(&narrow(), Dtype::F32, Kernel::detect());
    assert!(native.predict(&[], &[], &[]).is_empty());
    let none = TensorData::new(Vec::<bool>::new(), [2, 0]);
    let none = Tensor::<2, Bool>::from_data(none, &Device::flex());
    let actions = Tensor::zeros([2, 0, 5], &Device::flex());
    let found = native.forward(random("s", [2, 6]), actions, none);
    assert_eq!(found.dims(), [2, 0, 6]);
}

fn narrow() -> CausalConfig {
    CausalConfig {
        d_hidden: 16,
        n_heads: 2,
        ffn_dim: 8,
        ..CausalConfig::new(6, 5)
    }
}

fn of_four_edits() -> NativeCausalPredictor {
    let config = CausalConfig {
        positions: StepPositions::Learned,
        max_edits: 4,
        ..narrow()
    };
    native(&config, Dtype::F32, Kernel::detect())
}

#[test]
#[should_panic(expected = "5 edits, at most 4")]
fn more_edits_than_learned_positions_are_refused() {
    of_four_edits().predict(&[1.0; 6], &[1.0; 25], &[true; 5]);
}

#[test]
#[should_panic(expected = "5 edits, at most 4")]
fn a_step_past_the_learned_positions_is_refused() {
    let predictor = of_four_edits();
    let mut rollout = predictor.rollout(&[1.0; 6]);
    for _ in 0..5 {
        rollout.step(&[1.0; 5]);
    }
}
