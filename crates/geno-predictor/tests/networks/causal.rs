//! The causal predictor against itself: at once, edit by edit, and in other company.

use burn::{
    module::Module,
    tensor::{Bool, Device, Tensor, TensorData},
};
use geno_core::RandomStream;
use geno_predictor::{CausalConfig, CausalPredictor, Network, StatePredictor, StepPositions};
use geno_weights::{NewTensor, WeightFile, write_weights};
use proptest::prelude::*;
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};

use crate::golden::left_aligned;

pub(crate) fn random<const D: usize>(name: &str, shape: [usize; D]) -> Tensor<D> {
    let stream = &mut RandomStream::new(11, name);
    let n = shape.iter().product();
    let values: Vec<f32> = (0..n).map(|_| StandardNormal.sample(stream)).collect();
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

/// The weights of a predictor, none of them zero, as after training.
pub(crate) fn trained_weights(config: &CausalConfig) -> Vec<NewTensor> {
    let device = Device::flex();
    let drawn = CausalPredictor::init(config, &mut RandomStream::new(3, "net"), &device).unwrap();
    let mut weights = drawn.to_weights();
    for tensor in &mut weights {
        let noise = RandomStream::new(5, &tensor.name).sample_iter::<f32, _>(StandardNormal);
        for (value, noise) in tensor.values.iter_mut().zip(noise) {
            *value += 0.05 * noise;
        }
    }
    weights
}

/// A predictor with them.
pub(crate) fn trained(config: &CausalConfig) -> CausalPredictor {
    let bytes = write_weights(&trained_weights(config)).unwrap();
    let mut file = WeightFile::parse(bytes).unwrap();
    CausalPredictor::load(&mut file, config, &Device::flex()).unwrap()
}

pub(crate) fn configs() -> impl Strategy<Value = CausalConfig> {
    let heads = prop::sample::select(vec![(16, 2), (24, 3), (48, 4)]);
    let positions = prop::sample::select(vec![StepPositions::Rope, StepPositions::Learned]);
    (
        heads,
        1usize..4,
        1usize..20,
        positions,
        // Of two coordinates a state plus its change may be nearly nothing, which magnifies rounding.
        8usize..17,
        1usize..9,
    )
        .prop_map(
            |((d_hidden, n_heads), n_layers, ffn_dim, positions, d_state, d_action)| CausalConfig {
                d_hidden,
                n_heads,
                n_layers,
                ffn_dim,
                positions,
                max_edits: 20,
                ..CausalConfig::new(d_state, d_action)
            },
        )
}

fn difference<const D: usize>(a: Tensor<D>, b: Tensor<D>) -> f32 {
    (a - b).abs().max().into_scalar()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_rollout_is_the_parallel_forward(
        config in configs(), batch in 1usize..5, k in prop::sample::select(vec![1, 2, 5, 20]),
    ) {
        let predictor = trained(&config);
        let state = random("state", [batch, config.d_state]);
        let actions = random("actions", [batch, k, config.d_action]);
        let all = predictor.forward(state.clone(), actions.clone(), left_aligned(&vec![k; batch], k));
        let mut rollout = predictor.rollout(state);
        for i in 0..k {
            let step = rollout.step(actions.clone().narrow(1, i, 1).squeeze_dim(1));
            let expected = all.clone().narrow(1, i, 1).squeeze_dim(1);
            let difference = difference(step, expected);
            prop_assert!(difference <= 1e-6, "step {i}: {difference:e}");
        }
        prop_assert_eq!(rollout.n_edits(), k);
    }

    #[test]
    fn a_later_edit_never_changes_an_earlier_prediction(
        config in configs(), changed in 1usize..6,
    ) {
        let predictor = trained(&config);
        let state = random("state", [2, config.d_state]);
        let actions = random("actions", [2, 6, config.d_action]);
        let other = random("other", [2, 6 - changed, config.d_action]);
        let moved = Tensor::cat(vec![actions.clone().narrow(1, 0, changed), other], 1);
        let mask = left_aligned(&[6, 6], 6);
        let [a, b] = [actions, moved].map(|actions| {
            predictor.forward(state.clone(), actions, mask.clone())
        });
        let before = |x: &Tensor<3>| x.clone().narrow(1, 0, changed).into_data();
        before(&a).assert_eq(&before(&b), true);
        prop_assert!(difference(a, b) > 1e-4, "the later ones changed nothing at all");
    }

    #[test]
    fn shorter_lists_beside_longer_ones_change_nothing(
        config in configs(), lengths in prop::collection::vec(0usize..6, 2..5),
    ) {
        let predictor = trained(&config);
        let n = lengths.len();
        let (state, actions) =
            (random("state", [n, config.d_state]), random("actions", [n, 6, config.d_action]));
        let together =
            predictor.forward(state.clone(), actions.clone(), left_aligned(&lengths, 6));
        let last = predictor.predict_haplotype(
            state.clone(), actions.clone(), left_aligned(&lengths, 6),
        );
        for (i, &len) in lengths.iter().enumerate() {
            let row = |x: &Tensor<2>| x.clone().narrow(0, i, 1);
            let padding = together.clone().narrow(0, i, 1).narrow(1, len, 6 - len);
            prop_assert_eq!(padding.abs().sum().into_scalar::<f32>(), 0.0);
            if len == 0 {
                row(&last).into_data().assert_eq(&row(&state).into_data(), true);
                continue;
            }
            let own = actions.clone().narrow(0, i, 1).narrow(1, 0, len);
            let alone = predictor.forward(row(&state), own, left_aligned(&[len], len));
            let beside = together.clone().narrow(0, i, 1).narrow(1, 0, len);
            prop_assert!(difference(alone.clone(), beside) <= 1e-6);
            let end = alone.narrow(1, len - 1, 1).squeeze_dim(1);
            prop_assert!(difference(end, row(&last)) <= 1e-6);
        }
    }
}

#[test]
fn an_untrained_predictor_predicts_no_change_and_has_the_parameters_it_says() {
    for positions in [StepPositions::Rope, StepPositions::Learned] {
        let config = CausalConfig {
            positions,
            ..CausalConfig::new(6, 5)
        };
        let stream = &mut RandomStream::new(1, "net");
        let predictor = CausalPredictor::init(&config, stream, &Device::flex()).unwrap();
        assert_eq!(predictor.num_params(), config.n_parameters());

        let state = random("state", [3, 6]);
        let norm = state.clone().square().sum_dim(1).sqrt();
        let predicted = predictor.predict_single(state.clone(), random("action", [3, 5]));
        assert!(difference(predicted, state / norm) < 1e-6);
    }
}

#[test]
fn no_rows_and_no_edits_give_no_predictions() {
    let config = CausalConfig::new(6, 5);
    let predictor = trained(&config);
    let none =
        Tensor::<2, Bool>::from_data(TensorData::new(Vec::<bool>::new(), [2, 0]), &Device::flex());
    let found = predictor.forward(
        random("s", [2, 6]),
        Tensor::zeros([2, 0, 5], &Device::flex()),
        none,
    );
    assert_eq!(found.dims(), [2, 0, 6]);
}

#[test]
#[should_panic(expected = "5 edits, at most 4")]
fn more_edits_than_learned_positions_are_refused() {
    let config = CausalConfig {
        positions: StepPositions::Learned,
        max_edits: 4,
        ..CausalConfig::new(6, 5)
    };
    let predictor = trained(&config);
    predictor.forward(
        random("s", [1, 6]),
        random("a", [1, 5, 5]),
        left_aligned(&[5], 5),
    );
}
