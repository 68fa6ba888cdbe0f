//! GGUF files that another program wrote give the hidden rows of the same weights elsewhere.

use std::{fs::File, io::Read, path::Path};

use burn::tensor::Device;
use flate2::read::GzDecoder;
use geno_core::{Coded, Dtype, ErrorCode, PoolType, StateContract, Window};
use geno_encoder::{
    CarbonConfig, CarbonEncoder, DnaTokenizer, EncoderFiles, LoadError, StateSettings,
};

use crate::tiny;

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/gguf");
    let mut bytes = Vec::new();
    let file = File::open(folder.join(format!("{name}.gz"))).unwrap();
    GzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    bytes
}

fn config() -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/gguf");
    std::fs::read(folder.join("config.json")).unwrap()
}

fn gguf(name: &str) -> EncoderFiles<'static> {
    EncoderFiles::from_gguf("tiny.gguf".into(), fixture(name)).unwrap()
}

fn safetensors(name: &str) -> EncoderFiles<'static> {
    let dna_config = gguf("tiny.bf16.gguf").dna_config;
    EncoderFiles {
        config: config().into(),
        dna_config,
        weight_index: None,
        weights: vec![("model.safetensors".into(), fixture(name).into())],
        mapped: Vec::new(),
    }
}

fn load(files: EncoderFiles<'_>, dtype: Dtype) -> Result<CarbonEncoder, LoadError> {
    let settings = StateSettings {
        state_layer: -1,
        pool_type: PoolType::GlobalMean,
        pool_radius: 0,
        contract: StateContract::L2NormalizedV2,
    };
    CarbonEncoder::load(files, settings, dtype, &Device::flex())
}

fn hidden_rows(files: EncoderFiles<'_>, dtype: Dtype) -> Vec<Vec<f32>> {
    let window = Window::new(0, b"ACGTTGCANCCATG".repeat(30)).unwrap();
    tiny::rows(&load(files, dtype).unwrap().hidden_rows(&window).unwrap())
}

#[test]
fn the_metadata_describes_the_network_of_the_configuration() {
    let files = gguf("tiny.f32.gguf");
    let read = CarbonConfig::from_json(&files.config).unwrap();
    assert_eq!(read, CarbonConfig::from_json(&config()).unwrap());
    let tokenizer = DnaTokenizer::from_json(&files.dna_config).unwrap();
    assert_eq!(tokenizer, DnaTokenizer::carbon());
}

#[test]
fn every_format_that_holds_the_weights_gives_the_same_hidden_rows() {
    let expected = hidden_rows(safetensors("model.safetensors"), Dtype::F32);
    for name in ["tiny.f32.gguf", "tiny.f16.gguf", "tiny.bf16.gguf"] {
        assert!(hidden_rows(gguf(name), Dtype::F32) == expected, "{name}");
    }
}

#[test]
fn blocks_give_the_hidden_rows_of_the_weights_that_another_program_widened() {
    for dtype in [Dtype::F32, Dtype::Bf16] {
        let expected = hidden_rows(safetensors("model.q8_0.safetensors"), dtype);
        assert!(hidden_rows(gguf("tiny.q8_0.gguf"), dtype) == expected);
    }
    let exact = hidden_rows(safetensors("model.safetensors"), Dtype::F32);
    let blocks = hidden_rows(gguf("tiny.q8_0.gguf"), Dtype::F32);
    assert!(blocks != exact, "the weights do not fit blocks");
}

#[test]
fn every_tensor_is_that_of_the_checkpoint_bit_for_bit() {
    let mut expected = safetensors("model.safetensors").weight_file().unwrap();
    let names: Vec<_> = expected.names().map(str::to_owned).collect();
    for name in ["tiny.f32.gguf", "tiny.bf16.gguf"] {
        let mut found = gguf(name).weight_file().unwrap();
        assert!(found.names().eq(&names), "{name}");
        for tensor in &names {
            let shape = expected.shape(tensor).unwrap().to_vec();
            let values =
                |file: &mut geno_weights::WeightFile<'_>| file.take_f32(tensor, &shape).unwrap();
            assert!(
                values(&mut found) == values(&mut expected),
                "{name}, {tensor}"
            );
        }
        found.finish().unwrap();
    }
}

/// The file with one text of its header replaced by another of the same length.
fn replaced(from: &str, to: &str) -> Result<CarbonEncoder, LoadError> {
    let mut bytes = fixture("tiny.bf16.gguf");
    let at = bytes.windows(from.len()).position(|w| w == from.as_bytes());
    bytes[at.unwrap()..][..to.len()].copy_from_slice(to.as_bytes());
    load(
        EncoderFiles::from_gguf("tiny.gguf".into(), bytes)?,
        Dtype::F32,
    )
}

fn chain(error: &dyn std::error::Error) -> String {
    let source = error.source().map(|source| format!(": {}", chain(source)));
    error.to_string() + &source.unwrap_or_default()
}

#[test]
fn a_file_of_another_network_is_refused() {
    let error = |from, to| chain(&replaced(from, to).unwrap_err());
    assert!(
        error("llama", "gemma").ends_with("general.architecture = gemma, which is not supported")
    );
    let missing = error("llama.block_count", "llama.block_sount");
    assert!(
        missing.ends_with("encoder configuration has no `llama.block_count`"),
        "{missing}"
    );
    let lost = error("blk.1.ffn_up.weight", "blk.1.ffn_vp.weight");
    assert!(
        lost.ends_with("no tensor `model.layers.1.mlp.up_proj.weight`"),
        "{lost}"
    );
    let extra = error("blk.0.attn_q.weight", "blk.9.attn_q.weight");
    assert!(
        extra.ends_with("no tensor `model.layers.0.self_attn.q_proj.weight`"),
        "{extra}"
    );
}

#[test]
fn a_file_that_was_cut_is_refused() {
    let whole = fixture("tiny.bf16.gguf");
    for len in [
        0,
        3,
        4,
        23,
        24,
        1_000,
        1_000_000,
        whole.len() / 2,
        whole.len() - 64,
    ] {
        let cut = EncoderFiles::from_gguf("tiny.gguf".into(), &whole[..len]);
        let error = cut.unwrap_err();
        assert_eq!(error.code(), ErrorCode::ResourceWeights, "{len}: {error}");
    }
}
