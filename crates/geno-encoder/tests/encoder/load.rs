//! Loading accepts exactly Carbon's layout and names what is not.

use std::error::Error;

use burn::tensor::Device;
use geno_core::{Coded, Dtype, ErrorCode, PoolType, RandomStream, StateContract, Window};
use geno_encoder::{
    CarbonConfig, CarbonEncoder, EmbeddingRows, EncoderFiles, LoadError, SiteEncoder,
    StateSettings, random_checkpoint,
};
use geno_weights::{NewTensor, WeightDtype, WeightFile, write_weights};
use serde_json::{Value, json};

use crate::tiny;

const SETTINGS: StateSettings = StateSettings {
    state_layer: 2,
    pool_type: PoolType::GlobalMean,
    pool_radius: 0,
    contract: StateContract::L2NormalizedV2,
};

fn checkpoint() -> EncoderFiles<'static> {
    let mut stream = RandomStream::new(3, "load");
    random_checkpoint(&tiny::config(), EmbeddingRows::Dna, &mut stream).unwrap()
}

fn load_as(files: EncoderFiles<'_>, dtype: Dtype) -> Result<CarbonEncoder, LoadError> {
    CarbonEncoder::load(files, SETTINGS, dtype, &Device::default())
}

fn load(files: EncoderFiles<'_>) -> Result<CarbonEncoder, LoadError> {
    load_as(files, Dtype::F32)
}

fn state(encoder: &CarbonEncoder) -> Vec<f32> {
    let window = Window::new(0, b"ACGTTGCAN".repeat(20)).unwrap();
    tiny::rows(&encoder.encode_windows(&[(&window, None)]).unwrap()).remove(0)
}

/// The whole chain of an error, as the command line prints it.
fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    let texts: Vec<_> = causes.map(ToString::to_string).collect();
    texts.join(": ")
}

fn tensors(files: &EncoderFiles<'_>) -> Vec<NewTensor> {
    let mut file = WeightFile::parse(&*files.weights[0].1).unwrap();
    let names: Vec<_> = file.names().map(str::to_owned).collect();
    let read = names.into_iter().map(|name| {
        let shape = file.shape(&name).unwrap().to_vec();
        let values = file.take_f32(&name, &shape).unwrap();
        NewTensor::new(name, shape, values, WeightDtype::Bf16)
    });
    read.collect()
}

/// The checkpoint after a change of its tensors.
fn changed(change: impl FnOnce(&mut Vec<NewTensor>)) -> EncoderFiles<'static> {
    let mut files = checkpoint();
    let mut tensors = tensors(&files);
    change(&mut tensors);
    files.weights[0].1 = write_weights(&tensors).unwrap().into();
    files
}

fn named<'t>(tensors: &'t mut [NewTensor], name: &str) -> &'t mut NewTensor {
    tensors
        .iter_mut()
        .find(|tensor| tensor.name == name)
        .unwrap()
}

const UP: &str = "model.layers.2.mlp.up_proj.weight";

#[test]
fn a_missing_tensor_is_named_even_above_the_state_layer() {
    let error = load(changed(|t| t.retain(|tensor| tensor.name != UP))).unwrap_err();
    assert_eq!(
        chain(&error),
        format!("cannot use the encoder's weights: no tensor `{UP}`")
    );
    assert_eq!(error.code(), ErrorCode::ResourceWeights);
}

#[test]
fn an_extra_tensor_is_named() {
    let bias = NewTensor::new("model.norm.bias", [24], vec![0.0; 24], WeightDtype::F32);
    let error = load(changed(|t| t.push(bias))).unwrap_err();
    assert!(chain(&error).ends_with("1 unexpected tensors, first `model.norm.bias`"));
}

#[test]
fn a_misshaped_tensor_is_named() {
    let error = load(changed(|t| named(t, UP).shape.reverse())).unwrap_err();
    let expected = format!("tensor `{UP}` has shape [24, 40], expected [40, 24]");
    assert!(chain(&error).ends_with(&expected), "{}", chain(&error));
}

#[test]
fn a_weight_that_is_not_finite_is_refused_where_it_is_used() {
    let nan = |name| changed(move |t| named(t, name).values[0] = f32::NAN);
    let name = "model.layers.0.self_attn.q_proj.weight";
    let error = load(nan(name)).unwrap_err();
    assert!(matches!(error, LoadError::NotFinite { name: n } if n == name));
    assert!(load(nan(UP)).is_ok(), "that layer is never run");
}

#[test]
fn a_lying_header_is_refused() {
    let mut files = checkpoint();
    files.weights[0].1.to_mut()[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    let error = load(files).unwrap_err();
    assert!(matches!(error, LoadError::Weights(_)), "{error:?}");
}

#[test]
fn an_untied_checkpoint_must_hold_its_output_layer() {
    let config = CarbonConfig {
        tied: false,
        ..tiny::config()
    };
    let mut stream = RandomStream::new(3, "load");
    let untied = random_checkpoint(&config, EmbeddingRows::Dna, &mut stream).unwrap();
    assert!(load(untied.clone()).is_ok());

    let tied = EncoderFiles {
        config: checkpoint().config,
        ..untied
    };
    assert!(chain(&load(tied).unwrap_err()).ends_with("first `lm_head.weight`"));
    let missing = EncoderFiles {
        config: config.to_json().into(),
        ..checkpoint()
    };
    assert!(chain(&load(missing).unwrap_err()).ends_with("no tensor `lm_head.weight`"));
}

#[test]
fn the_whole_vocabulary_and_the_dna_rows_give_the_same_states() {
    let draw = |rows| {
        let mut stream = RandomStream::new(3, "load");
        random_checkpoint(&tiny::config(), rows, &mut stream).unwrap()
    };
    let full = load(draw(EmbeddingRows::Full)).unwrap();
    let dna = load(draw(EmbeddingRows::Dna)).unwrap();
    assert_eq!(state(&full), state(&dna));
}

/// The checkpoint in two files and an index.
fn sharded() -> EncoderFiles<'static> {
    let files = checkpoint();
    let tensors = tensors(&files);
    let (first, second) = tensors.split_at(7);
    let names = ["model-1.safetensors", "model-2.safetensors"];
    let map: Value = [first, second]
        .iter()
        .zip(names)
        .flat_map(|(shard, file)| shard.iter().map(move |t| (t.name.clone(), json!(file))))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let shards = names.into_iter().zip([first, second]);
    EncoderFiles {
        weight_index: Some(json!({"weight_map": map}).to_string().into_bytes().into()),
        weights: shards
            .map(|(name, shard)| (name.to_owned(), write_weights(shard).unwrap().into()))
            .collect(),
        ..files
    }
}

#[test]
fn shards_give_the_same_states_as_one_file() {
    let whole = load(checkpoint()).unwrap();
    assert_eq!(state(&load(sharded()).unwrap()), state(&whole));

    let mut reversed = sharded();
    reversed.weights.reverse();
    assert_eq!(state(&load(reversed).unwrap()), state(&whole));
}

#[test]
fn shards_without_an_index_are_refused() {
    let files = EncoderFiles {
        weight_index: None,
        ..sharded()
    };
    assert!(matches!(
        load(files).unwrap_err(),
        LoadError::NoIndex { count: 2 }
    ));
}

#[test]
fn every_storage_format_loads_and_the_dtype_of_the_model_decides() {
    let stored = |dtype| changed(|t| t.iter_mut().for_each(|tensor| tensor.dtype = dtype));
    let bf16 = state(&load(checkpoint()).unwrap());
    assert_eq!(state(&load(stored(WeightDtype::F32)).unwrap()), bf16);

    // A bf16 value of this size has 8 significant bits, which f16 holds.
    let f16 = state(&load(stored(WeightDtype::F16)).unwrap());
    let difference = f16.iter().zip(&bf16).map(|(a, b)| (a - b).abs());
    assert!(difference.fold(0.0, f32::max) < 1e-3);

    let fine = |t: &mut Vec<NewTensor>| {
        for tensor in t {
            tensor.dtype = WeightDtype::F32;
            tensor.values.iter_mut().for_each(|value| *value *= 1.001);
        }
    };
    let rounded = changed(|t| {
        fine(t);
        t.iter_mut()
            .for_each(|tensor| tensor.dtype = WeightDtype::Bf16);
    });
    let as_bf16 = state(&load_as(changed(fine), Dtype::Bf16).unwrap());
    assert_eq!(as_bf16, state(&load(rounded).unwrap()));
    assert_ne!(as_bf16, state(&load(changed(fine)).unwrap()));
}

#[test]
fn both_spellings_of_the_rotary_base_give_the_same_states() {
    let mut files = checkpoint();
    let mut config: Value = serde_json::from_slice(&files.config).unwrap();
    let theta = config
        .as_object_mut()
        .unwrap()
        .remove("rope_theta")
        .unwrap();
    config["rope_parameters"] = json!({"rope_theta": theta, "rope_type": "default"});
    files.config = config.to_string().into_bytes().into();
    assert_eq!(
        state(&load(files).unwrap()),
        state(&load(checkpoint()).unwrap())
    );
}

#[test]
fn a_layer_that_does_not_exist_is_refused() {
    let settings = StateSettings {
        state_layer: 4,
        ..SETTINGS
    };
    let error = CarbonEncoder::load(checkpoint(), settings, Dtype::F32, &Device::default());
    let error = error.unwrap_err();
    assert!(matches!(error, LoadError::StateLayer { n_layers: 3, .. }));
    assert_eq!(error.code(), ErrorCode::ConfigGeneric);
}

#[test]
fn dna_tokens_outside_the_vocabulary_are_refused() {
    let config = CarbonConfig {
        vocab_size: 155_767,
        ..tiny::config()
    };
    let files = EncoderFiles {
        config: config.to_json().into(),
        ..checkpoint()
    };
    assert!(matches!(
        load(files).unwrap_err(),
        LoadError::Vocabulary { last: 155_767, .. }
    ));
}

#[test]
fn a_window_longer_than_the_model_was_made_for_is_refused() {
    let config = CarbonConfig {
        max_positions: 10,
        ..tiny::config()
    };
    let files = EncoderFiles {
        config: config.to_json().into(),
        ..checkpoint()
    };
    let encoder = load(files).unwrap();
    let encode = |len| {
        let window = Window::new(0, vec![b'A'; len]).unwrap();
        encoder
            .encode_windows(&[(&window, None)])
            .map(|states| states.dims())
    };
    assert_eq!(encode(48).unwrap(), [1, 24]);
    let error = encode(49).unwrap_err();
    assert_eq!(
        error.to_string(),
        "window takes 11 tokens, the model at most 10"
    );
}
