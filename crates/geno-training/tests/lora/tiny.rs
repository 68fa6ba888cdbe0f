//! A small encoder whose weights are large enough for tokens to tell on one another.

use burn::tensor::{Device, Tensor};
use geno_action::{RelEdit, Site};
use geno_core::{Dtype, PoolType, RandomStream, StateContract, Window};
use geno_encoder::{
    CarbonConfig, CarbonEncoder, EmbeddingRows, EncoderFiles, SiteEncoder, StateSettings,
    random_checkpoint,
};
use geno_training::{Adapters, LoraSettings};
use geno_weights::{NewTensor, WeightDtype, WeightFile, write_weights};

use crate::tiny_config::tiny_config;

/// The hidden state that is pooled: one block lies above it.
pub(crate) const STATE_LAYER: usize = 3;

pub(crate) fn config() -> CarbonConfig {
    tiny_config(4)
}

/// Its files, stored as `bf16`.
pub(crate) fn files() -> EncoderFiles<'static> {
    let stream = &mut RandomStream::new(5, "tiny");
    let drawn = random_checkpoint(&config(), EmbeddingRows::Dna, stream).unwrap();
    let tensors = {
        let file = drawn.clone().weight_file().unwrap();
        let names: Vec<String> = file.names().map(str::to_owned).collect();
        let scaled = names.into_iter().map(|name| {
            let shape = file.shape(&name).unwrap().to_vec();
            let mut values = file.stored(&name).unwrap().to_f32();
            if shape.len() == 2 {
                values.iter_mut().for_each(|value| *value *= 12.0);
            }
            NewTensor::new(name, shape, values, WeightDtype::Bf16)
        });
        scaled.collect::<Vec<_>>()
    };
    let weights = write_weights(&tensors).unwrap();
    EncoderFiles {
        weights: vec![("model.safetensors".to_owned(), weights.into())],
        ..drawn
    }
}

pub(crate) fn settings() -> StateSettings {
    StateSettings {
        state_layer: STATE_LAYER as i32,
        pool_type: PoolType::DownstreamMean,
        pool_radius: 8,
        contract: StateContract::L2NormalizedV2,
    }
}

pub(crate) fn encoder() -> CarbonEncoder {
    CarbonEncoder::load(files(), settings(), Dtype::F32, &Device::flex()).unwrap()
}

/// Of rank 3, on the two blocks below the state layer.
pub(crate) fn lora() -> LoraSettings {
    LoraSettings {
        rank: 3,
        alpha: 6.,
        layers: 2,
        ..LoraSettings::default()
    }
}

/// Adapters that change nothing.
pub(crate) fn fresh(device: &Device) -> Adapters {
    let stream = &mut RandomStream::new(8, "adapters");
    Adapters::draw(&lora(), &config(), STATE_LAYER, stream, device).unwrap()
}

/// Adapters whose `B` is drawn too.
pub(crate) fn moved(device: &Device) -> Adapters {
    let mut tensors = fresh(device).to_weights();
    let stream = &mut RandomStream::new(9, "moved");
    for tensor in tensors.iter_mut().filter(|t| t.name.contains("lora_B")) {
        let values = tensor.values.iter_mut();
        values.for_each(|value| *value = (stream.unit() - 0.5) as f32);
    }
    let mut file = WeightFile::parse(write_weights(&tensors).unwrap()).unwrap();
    Adapters::load(&lora(), &config(), STATE_LAYER, &mut file, device).unwrap()
}

/// A window with a substitution, a deletion and an insertion, the last of which moves what follows.
pub(crate) fn site() -> Site {
    let window = Window::new(0, b"GATTACACCTGA".repeat(30)).unwrap();
    let window = window.with_right_flank(b"GATTACA".to_vec()).unwrap();
    let edits = [(120, "G", "C"), (121, "AT", "A"), (126, "A", "AGG")];
    let edits = edits.map(|(at, from, to)| RelEdit::new(at, from, to).unwrap());
    Site::new(window.into(), edits.to_vec()).unwrap()
}

/// All states of that site, `[6, d]`.
pub(crate) fn states(encoder: &impl SiteEncoder) -> Tensor<2> {
    let states = encoder.encode_sites(&[site()]).unwrap().remove(0);
    Tensor::cat(vec![states.reference, states.edited], 0)
}

pub(crate) fn values(states: Tensor<2>) -> Vec<f32> {
    states.into_data().iter::<f32>().collect()
}
