//! Checks against hidden rows and states that transformers and the Python package computed.

use std::{collections::HashMap, fs, io::Read, path::PathBuf, sync::Arc};

use burn::tensor::{Device, Tensor};
use flate2::read::GzDecoder;
use geno_action::{RelEdit, Site};
use geno_core::{Dtype, PoolType, StateContract, Window, contig_aliases};
use geno_encoder::{CarbonEncoder, DnaTokenizer, EncoderFiles, SiteEncoder, StateSettings};
use safetensors::SafeTensors;
use serde_json::Value;

const ROWS: f64 = 5e-4;
const LEGACY: f64 = 1e-4;
const CORRECTED: f64 = 3e-5;

pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/parity");
    fs::read(root.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

pub(crate) fn full_vocabulary() -> EncoderFiles<'static> {
    let mut weights = Vec::new();
    let packed = fixture("model/encoder/model.safetensors.gz");
    GzDecoder::new(&*packed).read_to_end(&mut weights).unwrap();
    files("model/encoder", weights)
}

pub(crate) fn dna_rows() -> EncoderFiles<'static> {
    let weights = fixture("model/encoder_dna_rows/model.safetensors");
    files("model/encoder_dna_rows", weights)
}

fn files(dir: &str, weights: Vec<u8>) -> EncoderFiles<'static> {
    EncoderFiles {
        config: fixture(&format!("{dir}/config.json")).into(),
        dna_config: fixture(&format!("{dir}/dna_config.json")).into(),
        weight_index: None,
        weights: vec![("model.safetensors".into(), weights.into())],
        mapped: Vec::new(),
    }
}

fn encoder(
    files: EncoderFiles<'_>,
    layer: i32,
    radius: usize,
    contract: StateContract,
) -> CarbonEncoder {
    let settings = StateSettings {
        state_layer: layer,
        pool_type: PoolType::CenteredMean,
        pool_radius: radius,
        contract,
    };
    CarbonEncoder::load(files, settings, Dtype::Bf16, &Device::default()).unwrap()
}

struct Golden {
    cases: Value,
    tensors: Vec<u8>,
}

/// Where a window was pooled, and which rows around it were kept.
struct Locus<'a> {
    name: &'a str,
    at: Option<usize>,
    rows: Option<[usize; 2]>,
}

impl Golden {
    fn load() -> Self {
        Self {
            cases: serde_json::from_slice(&fixture("encoder_golden.json")).unwrap(),
            tensors: fixture("encoder_golden.safetensors"),
        }
    }

    fn window(&self, name: &str) -> Window {
        let bases = self.cases["windows"][name].as_str().unwrap();
        Window::new(0, bases.as_bytes()).unwrap()
    }

    fn window_names(&self) -> Vec<&String> {
        self.cases["windows"].as_object().unwrap().keys().collect()
    }

    fn numbers(&self, name: &str) -> Vec<f64> {
        let tensors = SafeTensors::deserialize(&self.tensors).unwrap();
        let tensor = tensors.tensor(name).unwrap();
        let bytes = tensor.data();
        match tensor.dtype() {
            safetensors::Dtype::F32 => bytes
                .as_chunks()
                .0
                .iter()
                .map(|b| f32::from_le_bytes(*b).into())
                .collect(),
            safetensors::Dtype::F64 => bytes
                .as_chunks()
                .0
                .iter()
                .map(|b| f64::from_le_bytes(*b))
                .collect(),
            safetensors::Dtype::I64 => bytes
                .as_chunks()
                .0
                .iter()
                .map(|b| i64::from_le_bytes(*b) as f64)
                .collect(),
            dtype => panic!("{name} is {dtype}"),
        }
    }

    /// The cases of one window.
    fn loci(&self, window: &str) -> Vec<Locus<'_>> {
        let cases = self.cases["cases"].as_array().unwrap().iter();
        cases
            .filter(|case| case["window"] == window)
            .map(|case| Locus {
                name: case["locus_name"].as_str().unwrap(),
                at: case["locus"].as_u64().map(|locus| locus as usize),
                rows: serde_json::from_value(case["rows"].clone()).unwrap(),
            })
            .collect()
    }
}

fn assert_close(actual: Tensor<2>, expected: &[f64], tolerance: f64, what: &str) {
    let actual = actual.into_data();
    let actual = actual.as_slice::<f32>().unwrap();
    assert_eq!(actual.len(), expected.len(), "{what}");
    let differences = actual
        .iter()
        .zip(expected)
        .map(|(a, e)| (f64::from(*a) - e).abs());
    let largest = differences.fold(0.0, f64::max);
    assert!(largest <= tolerance, "{what}: {largest:e}");
}

#[test]
fn token_ids_equal_the_published_tokenizer() {
    let golden = Golden::load();
    let tokenizer = DnaTokenizer::from_json(&fixture("model/encoder/dna_config.json")).unwrap();
    for name in golden.window_names() {
        let ids = tokenizer.encode(golden.window(name).bases());
        let ids: Vec<f64> = ids.into_iter().map(f64::from).collect();
        assert_eq!(ids, golden.numbers(&format!("{name}.ids")), "{name}");
    }
}

#[test]
fn hidden_rows_equal_transformers_with_either_embedding() {
    let golden = Golden::load();
    for layer in [3, 4] {
        let contract = StateContract::LegacyRawV1;
        let full = encoder(full_vocabulary(), layer, 8, contract);
        let dna = encoder(dna_rows(), layer, 8, contract);
        for name in golden.window_names() {
            let window = golden.window(name);
            let rows = full.hidden_rows(&window).unwrap();
            let same = dna.hidden_rows(&window).unwrap();
            assert_eq!(rows.to_data(), same.to_data(), "{name}, layer {layer}");

            for locus in golden.loci(name) {
                let Some([start, end]) = locus.rows else {
                    continue; // the whole window has no rows of its own
                };
                let what = format!("{name}.{}.layer{layer}.rows", locus.name);
                let rows = rows.clone().narrow(0, start, end - start);
                assert_close(rows, &golden.numbers(&what), ROWS, &what);
            }
        }
    }
}

#[test]
fn states_equal_the_published_ones_under_both_contracts() {
    let golden = Golden::load();
    let contracts = [
        (StateContract::LegacyRawV1, "legacy", LEGACY),
        (StateContract::L2NormalizedV2, "corrected", CORRECTED),
    ];
    for (contract, contract_name, tolerance) in contracts {
        for (layer, radius) in [(3, 8), (3, 256), (-1, 8), (4, 256)] {
            let encoder = encoder(dna_rows(), layer, radius, contract);
            for name in golden.window_names() {
                let window = golden.window(name);
                for Locus {
                    name: at,
                    at: locus,
                    ..
                } in golden.loci(name)
                {
                    let pool = match locus {
                        Some(_) => format!("r{radius}"),
                        None => "global".to_owned(),
                    };
                    let layer = if layer < 0 { 4 } else { layer };
                    let what = format!("{name}.{at}.layer{layer}.{contract_name}.{pool}");
                    let state = encoder.encode_windows(&[(&window, locus)]).unwrap();
                    assert_close(state, &golden.numbers(&what), tolerance, &what);
                }
            }
        }
    }
}

#[test]
fn states_of_edited_windows_equal_the_published_ones() {
    let scores: Value = serde_json::from_slice(&fixture("score_golden.json")).unwrap();
    let golden = Golden {
        cases: Value::Null,
        tensors: fixture("score_golden.safetensors"),
    };
    let contigs = contigs();
    let window_bp = scores["window_bp"].as_u64().unwrap() as usize;
    let encoder = encoder(dna_rows(), 3, 8, StateContract::LegacyRawV1);

    for variant in scores["variants"].as_array().unwrap() {
        let text = |key: &str| variant[key].as_str().unwrap();
        let number = |key: &str| variant[key].as_u64().unwrap() as usize;
        let bases = contig_aliases(text("chrom"))
            .iter()
            .find_map(|name| contigs.get(name));
        let start = number("window_start_bp");
        let mut window: Vec<u8> = bases.unwrap().iter().skip(start).copied().collect();
        window.resize(window_bp, b'A');
        let window = Arc::new(Window::new(start as u64, window).unwrap());

        let (reference, alternate) = (text("ref").to_uppercase(), text("alt").to_uppercase());
        let edit = RelEdit::new(number("rel_pos"), &reference, &alternate).unwrap();
        let site = Site::new(window, vec![edit]).unwrap();
        let states = encoder.encode_sites(&[site]).unwrap().remove(0);
        let i = number("index");
        for (state, kind) in [(states.reference, "state"), (states.edited, "target")] {
            let what = format!("v{i}.{kind}");
            assert_close(state, &golden.numbers(&what), LEGACY, &what);
        }
    }
}

fn contigs() -> HashMap<String, Vec<u8>> {
    let fasta = String::from_utf8(fixture("ref.fa")).unwrap();
    let records = fasta.split('>').skip(1).map(|record| {
        let (header, bases) = record.split_once('\n').unwrap();
        let name = header.split_whitespace().next().unwrap();
        (name.to_owned(), bases.replace('\n', "").into_bytes())
    });
    records.collect()
}
