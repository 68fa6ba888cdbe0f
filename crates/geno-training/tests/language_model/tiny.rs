//! Small random models and windows.

use burn::tensor::{Device, Int, Tensor, TensorData};
use geno_core::RandomStream;
use geno_encoder::{CarbonConfig, DnaTokenizer};
use geno_training::LanguageModel;
use geno_weights::{WeightFile, write_weights};

use crate::tiny_config::tiny_config;

pub(crate) fn config() -> CarbonConfig {
    tiny_config(2)
}

/// A model whose weights are large enough for tokens to tell on one another.
pub(crate) fn model(config: &CarbonConfig, device: &Device) -> LanguageModel {
    let mut stream = RandomStream::new(5, "tiny");
    let drawn = LanguageModel::draw(config, &mut stream, device).unwrap();
    let mut tensors = drawn.to_weights();
    for tensor in tensors.iter_mut().filter(|tensor| tensor.shape.len() == 2) {
        tensor.values.iter_mut().for_each(|value| *value *= 12.0);
    }
    let bytes = write_weights(&tensors).unwrap();
    let mut file = WeightFile::parse(bytes).unwrap();
    LanguageModel::load(config, &mut file, device).unwrap()
}

/// Windows of so many 6-mers.
pub(crate) fn windows(n: usize, n_kmers: usize) -> Vec<Vec<u8>> {
    let mut stream = RandomStream::new(6, "windows");
    let mut window = || {
        let bases = (0..6 * n_kmers).map(|_| b"ACGT"[stream.below(4) as usize]);
        bases.collect::<Vec<u8>>()
    };
    (0..n).map(|_| window()).collect()
}

/// `<dna>` and the 6-mers of every window, as rows of the vocabulary.
pub(crate) fn tokens(windows: &[Vec<u8>], device: &Device) -> Tensor<2, Int> {
    let tokenizer = DnaTokenizer::carbon();
    let rows = windows.iter().flat_map(|window| {
        let mut ids = tokenizer.encode(window);
        ids.pop();
        ids.into_iter()
            .map(|id| (id - tokenizer.dna_start_id()) as i32)
    });
    let rows: Vec<i32> = rows.collect();
    let shape = [windows.len(), rows.len() / windows.len()];
    Tensor::from_data(TensorData::new(rows, shape), device)
}
