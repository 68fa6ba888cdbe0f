//! Drawing, loading and exporting.

use burn::{module::Module, tensor::Device};
use geno_core::{Coded, Dtype, ErrorCode, PoolType, RandomStream, StateContract, Window};
use geno_encoder::{
    CarbonConfig, CarbonEncoder, ConfigError, LoadError, NativeEncoder, SiteEncoder, StateSettings,
};
use geno_kernels::Kernel;
use geno_training::LanguageModel;
use geno_weights::{NewTensor, WeightDtype, WeightFile, write_weights};

use crate::tiny::{config, model};

fn draw(config: &CarbonConfig, seed: u64) -> LanguageModel {
    let mut stream = RandomStream::new(seed, "draw");
    LanguageModel::draw(config, &mut stream, &Device::flex()).unwrap()
}

fn untied() -> CarbonConfig {
    CarbonConfig {
        tied: false,
        ..config()
    }
}

#[test]
fn a_draw_depends_on_the_seed_alone() {
    for config in [config(), untied()] {
        let weights = draw(&config, 1).to_weights();
        assert_eq!(draw(&config, 1).to_weights(), weights);
        assert_ne!(draw(&config, 2).to_weights(), weights);
        assert_eq!(weights.len(), if config.tied { 20 } else { 21 });
    }
}

#[test]
fn drawn_weights_have_carbons_spread_and_norms_are_one() {
    let config = CarbonConfig {
        hidden_size: 64,
        ..untied()
    };
    for tensor in draw(&config, 3).to_weights() {
        if tensor.shape.len() == 1 {
            assert!(
                tensor.values.iter().all(|value| *value == 1.0),
                "{}",
                tensor.name
            );
            continue;
        }
        let squares = tensor.values.iter().map(|value| f64::from(*value).powi(2));
        let deviation = (squares.sum::<f64>() / tensor.values.len() as f64).sqrt();
        assert!(
            (deviation / 0.02 - 1.0).abs() < 0.08,
            "{}: {deviation}",
            tensor.name
        );
    }
}

#[test]
fn rows_of_kmers_are_sums_over_their_bases() {
    let weights = draw(&untied(), 4).to_weights();
    for name in ["model.embed_tokens.weight", "lm_head.weight"] {
        let NewTensor { values, .. } = weights.iter().find(|tensor| tensor.name == name).unwrap();
        let row = |kmer: usize| &values[(3 + kmer) * 24..][..24];
        // Changing one base adds the same vector whatever the other bases are.
        for (place, other) in [(0usize, 0b01), (3, 0b11), (5, 0b10_00)] {
            let digit = |base: usize| base << (2 * (5 - place));
            let step = |rest: usize| -> Vec<f32> {
                let pairs = row(rest | digit(2)).iter().zip(row(rest));
                pairs.map(|(a, b)| a - b).collect()
            };
            let (alone, beside) = (step(0), step(other));
            assert!(alone.iter().any(|x| x.abs() > 1e-3));
            for (a, b) in alone.iter().zip(beside) {
                assert!((a - b).abs() < 1e-7, "{name}, place {place}");
            }
        }
        let tag = &values[..24];
        assert_ne!(tag, row(0));
    }
}

/// The state of one window.
fn state(encoder: &impl SiteEncoder) -> Vec<f32> {
    let window = Window::new(0, b"GATTACA".repeat(60)).unwrap();
    let state = encoder.encode_windows(&[(&window, Some(120))]).unwrap();
    state.into_data().as_slice::<f32>().unwrap().to_vec()
}

#[test]
fn a_checkpoint_loads_in_both_encoders_and_again_as_a_model() {
    let device = Device::flex();
    for config in [config(), untied()] {
        let model = model(&config, &device);
        let settings = StateSettings {
            state_layer: -1,
            pool_type: PoolType::DownstreamMean,
            pool_radius: 8,
            contract: StateContract::L2NormalizedV2,
        };
        let files = || model.to_checkpoint(WeightDtype::Bf16).unwrap();
        let carbon = CarbonEncoder::load(files(), settings, Dtype::F32, &device).unwrap();
        let kernel = Kernel::detect();
        let native = NativeEncoder::load(files(), settings, Dtype::F32, kernel, &device).unwrap();
        for (a, b) in state(&carbon).iter().zip(state(&native)) {
            assert!((a - b).abs() < 1e-5);
        }

        let exact = model.to_checkpoint(WeightDtype::F32).unwrap();
        let read = CarbonConfig::from_json(&exact.config).unwrap();
        assert_eq!(read, config);
        let mut file = exact.weight_file().unwrap();
        let again = LanguageModel::load(&read, &mut file, &device).unwrap();
        file.finish().unwrap();
        assert_eq!(again.to_weights(), model.to_weights());
    }
}

#[test]
fn every_parameter_has_the_name_of_its_tensor() {
    for config in [config(), untied()] {
        let model = draw(&config, 5);
        let named = model.parameters();
        let weights = model.to_weights();
        let names: Vec<_> = weights.iter().map(|tensor| &tensor.name).collect();
        assert_eq!(
            named.iter().map(|(name, _)| name).collect::<Vec<_>>(),
            names
        );
        let mut ids: Vec<_> = named.iter().map(|(_, id)| *id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), names.len());
        let n_values: usize = weights.iter().map(|tensor| tensor.values.len()).sum();
        assert_eq!(model.num_params(), n_values);
    }
}

#[test]
fn what_is_no_model_is_refused() {
    let small = CarbonConfig {
        vocab_size: 155_767,
        ..config()
    };
    let device = Device::flex();
    let drawn = LanguageModel::draw(&small, &mut RandomStream::new(0, "draw"), &device);
    assert!(matches!(
        drawn,
        Err(ConfigError::Size {
            field: "vocab_size",
            ..
        })
    ));

    let load = |config: &CarbonConfig, tensors: &[NewTensor]| {
        let bytes = write_weights(tensors).unwrap();
        let mut file = WeightFile::parse(bytes).unwrap();
        LanguageModel::load(config, &mut file, &device)
            .map(|_| ())
            .unwrap_err()
    };
    let weights = draw(&config(), 6).to_weights();
    assert!(matches!(
        load(&small, &weights),
        LoadError::Vocabulary { .. }
    ));
    assert!(matches!(load(&untied(), &weights), LoadError::Weights(_)));
    assert!(matches!(
        load(&config(), &weights[1..]),
        LoadError::Weights(_)
    ));
    let mut broken = weights;
    broken[4].values[7] = f32::NAN;
    let error = load(&config(), &broken);
    assert!(matches!(&error, LoadError::NotFinite { name } if *name == broken[4].name));
    assert_eq!(error.code(), ErrorCode::ResourceWeights);
}
