//! Drawing, writing and reading networks.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};
use geno_core::{Coded, ErrorCode, RandomStream};
use geno_predictor::{
    ActionEncoder, ActionEncoderConfig, LoadError, Network, Predictor, PredictorConfig,
};
use geno_weights::{NewTensor, WeightDtype, WeightError, WeightFile, write_weights};

use crate::golden::{bytes, left_aligned};

fn small() -> PredictorConfig {
    PredictorConfig {
        d_hidden: 12,
        n_heads: 3,
        ffn_dim: 8,
        ..PredictorConfig::new(5, 4)
    }
}

fn init(seed: u64) -> Predictor {
    Predictor::init(
        &small(),
        &mut RandomStream::new(seed, "init"),
        &Device::default(),
    )
    .unwrap()
}

fn load<N: Network>(weights: &[NewTensor], config: &N::Config) -> Result<N, LoadError> {
    let bytes = write_weights(weights).unwrap();
    let mut file = WeightFile::parse(bytes).unwrap();
    N::load(&mut file, config, &Device::default())
}

#[test]
fn an_untrained_predictor_gives_the_state_at_length_one() {
    let device = Device::default();
    let state = Tensor::<2>::from_floats([[0., 3., 0., 4., 0.], [0., 0., -2., 0., 0.]], &device);
    let actions = Tensor::<3>::ones([2, 3, 4], &device);
    let predicted = init(1)
        .forward(state, actions, left_aligned(&[3, 3], 3))
        .into_data();
    let rows = [[0., 0.6, 0., 0.8, 0.], [0., 0., -1., 0., 0.]];
    let expected: Vec<f32> = rows
        .iter()
        .flat_map(|row| [row; 3])
        .flatten()
        .copied()
        .collect();
    assert_eq!(predicted.as_slice::<f32>().unwrap(), expected);
}

#[test]
fn a_state_of_length_zero_stays_finite() {
    let device = Device::default();
    let predicted = init(1).predict_single(
        Tensor::zeros([1, 5], &device),
        Tensor::ones([1, 4], &device),
    );
    assert_eq!(predicted.into_data().as_slice::<f32>().unwrap(), [0.; 5]);
}

#[test]
fn no_rows_are_no_predictions() {
    let device = Device::default();
    let (state, action) = (
        Tensor::zeros([0, 5], &device),
        Tensor::zeros([0, 4], &device),
    );
    assert_eq!(init(1).predict_single(state, action).dims(), [0, 5]);
}

#[test]
fn the_same_stream_draws_the_same_network() {
    assert_eq!(init(1).to_weights(), init(1).to_weights());
    assert_ne!(init(1).to_weights(), init(2).to_weights());
}

#[test]
fn drawn_weights_follow_their_rules() {
    for tensor in init(1).to_weights() {
        let NewTensor {
            name,
            shape,
            values,
            ..
        } = &tensor;
        let all = |value: f32| values.iter().all(|v| *v == value);
        if name.contains("norm") || name.starts_with("output_mlp.2") {
            assert!(
                all(if name.ends_with("weight") { 1. } else { 0. }),
                "{name}"
            );
        } else if name.ends_with("bias") || name.starts_with("output_mlp.3") {
            assert!(all(0.), "{name}");
        } else if !name.contains("embedding") {
            let bound = 2. * (2. / shape[1] as f32).sqrt() + 1e-6;
            assert!(
                values.iter().all(|v| v.abs() <= bound && *v != 0.),
                "{name}"
            );
        }
    }
}

#[test]
fn written_weights_are_read_back_bit_for_bit() {
    let weights = init(3).to_weights();
    assert_eq!(
        load::<Predictor>(&weights, &small()).unwrap().to_weights(),
        weights
    );

    let config = ActionEncoderConfig {
        d_seq: 160,
        d_hidden: 8,
        ..ActionEncoderConfig::new(4)
    };
    let device = Device::default();
    let encoder = ActionEncoder::init(&config, &mut RandomStream::new(3, "init"), &device).unwrap();
    let weights = encoder.to_weights();
    let read: ActionEncoder = load(&weights, &config).unwrap();
    assert_eq!(read.to_weights(), weights);
}

#[test]
fn parity_files_are_written_back_with_their_own_values() {
    let config = PredictorConfig {
        n_cross_layers: 3,
        ..PredictorConfig::new(64, 64)
    };
    let original = bytes("model/predictor.safetensors.gz");
    let mut file = WeightFile::parse(original.as_slice()).unwrap();
    let predictor = Predictor::load(&mut file, &config, &Device::default()).unwrap();
    assert_eq!(predictor.num_params(), config.n_parameters());
    let written = write_weights(&predictor.to_weights()).unwrap();
    let values = |bytes: &[u8]| {
        let mut file = WeightFile::parse(bytes.to_vec()).unwrap();
        let names: Vec<String> = file.names().map(str::to_owned).collect();
        let shapes: Vec<Vec<usize>> = names
            .iter()
            .map(|n| file.shape(n).unwrap().to_vec())
            .collect();
        let taken = names
            .iter()
            .zip(&shapes)
            .map(|(n, s)| (n.clone(), file.take_f32(n, s).unwrap()));
        taken.collect::<Vec<_>>()
    };
    assert_eq!(values(&written), values(&original));
}

#[test]
fn networks_have_as_many_parameters_as_their_configurations_say() {
    let device = Device::default();
    let mut stream = RandomStream::new(1, "count");
    for config in [
        PredictorConfig {
            n_cross_layers: 5,
            n_self_layers: 3,
            ..small()
        },
        PredictorConfig {
            d_state: 12,
            ..small()
        },
    ] {
        let predictor = Predictor::init(&config, &mut stream, &device).unwrap();
        assert_eq!(predictor.num_params(), config.n_parameters());
    }
    for config in [
        ActionEncoderConfig::new(64),
        ActionEncoderConfig {
            d_seq: 16,
            n_seq_layers: 1,
            ..ActionEncoderConfig::new(8)
        },
    ] {
        let encoder = ActionEncoder::init(&config, &mut stream, &device).unwrap();
        assert_eq!(encoder.num_params(), config.n_parameters());
    }
}

#[test]
fn a_missing_an_extra_and_a_misshaped_tensor_are_named() {
    let weights = init(1).to_weights();
    let weight_error =
        |weights: &[NewTensor]| match load::<Predictor>(weights, &small()).unwrap_err() {
            LoadError::Weights(error) => error,
            error => panic!("{error}"),
        };

    for (i, tensor) in weights.iter().enumerate() {
        let mut rest = weights.clone();
        rest.remove(i);
        assert!(
            matches!(weight_error(&rest), WeightError::Missing { name } if name == tensor.name)
        );

        let mut rest = weights.clone();
        rest[i].shape.insert(0, 1);
        assert!(
            matches!(weight_error(&rest), WeightError::Shape { name, .. } if name == tensor.name)
        );
    }

    let mut more = weights.clone();
    more.push(NewTensor::new("extra", [1], vec![0.], WeightDtype::F32));
    assert!(matches!(weight_error(&more), WeightError::Unused { names } if names == ["extra"]));
}

#[test]
fn a_state_as_wide_as_the_inside_has_no_projection() {
    let config = PredictorConfig {
        d_state: 12,
        ..small()
    };
    let mut stream = RandomStream::new(1, "equal");
    let weights = Predictor::init(&config, &mut stream, &Device::default())
        .unwrap()
        .to_weights();
    assert!(
        weights
            .iter()
            .all(|tensor| !tensor.name.starts_with("state_projection"))
    );
    assert!(load::<Predictor>(&weights, &config).is_ok());
}

#[test]
fn a_configuration_that_describes_no_network_is_refused() {
    let config = PredictorConfig {
        n_heads: 5,
        ..small()
    };
    let error = load::<Predictor>(&[], &config).unwrap_err();
    assert_eq!(error.code(), ErrorCode::ConfigGeneric);
    assert!(Predictor::init(&config, &mut RandomStream::new(1, "x"), &Device::default()).is_err());
}
