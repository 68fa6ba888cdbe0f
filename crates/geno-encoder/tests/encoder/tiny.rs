//! Small random encoders and sites.

use std::{borrow::Cow, sync::Arc};

use burn::tensor::{Device, Tensor};
use geno_action::{RelEdit, Site};
use geno_core::{Dtype, PoolType, RandomStream, StateContract, Window};
use geno_encoder::{
    CarbonConfig, CarbonEncoder, EmbeddingRows, EncoderFiles, SiteEncoder, StateSettings,
    random_checkpoint,
};
use proptest::prelude::*;

pub(crate) const N_LAYERS: usize = 3;

pub(crate) fn config() -> CarbonConfig {
    CarbonConfig {
        hidden_size: 24,
        n_layers: N_LAYERS,
        n_heads: 4,
        n_kv_heads: 2,
        head_dim: 6,
        ffn_dim: 40,
        vocab_size: 155_776,
        max_positions: 8_192,
        rope_theta: 10_000.0,
        rms_norm_eps: 1e-6,
        tied: true,
        yarn: None,
    }
}

/// A checkpoint whose weights are large enough for tokens to tell on one another.
pub(crate) fn checkpoint(config: &CarbonConfig) -> EncoderFiles<'static> {
    let mut stream = RandomStream::new(5, "tiny encoder");
    let mut files = random_checkpoint(config, EmbeddingRows::Dna, &mut stream).unwrap();
    for (_, bytes) in &mut files.weights {
        *bytes = Cow::Owned(enlarged(bytes));
    }
    files
}

fn enlarged(bytes: &[u8]) -> Vec<u8> {
    let mut file = geno_weights::WeightFile::parse(bytes).unwrap();
    let names: Vec<String> = file.names().map(str::to_owned).collect();
    let tensors: Vec<_> = names
        .into_iter()
        .map(|name| {
            let shape = file.shape(&name).unwrap().to_vec();
            let mut values = file.take_f32(&name, &shape).unwrap();
            if shape.len() == 2 {
                values.iter_mut().for_each(|value| *value *= 16.0);
            }
            geno_weights::NewTensor::new(name, shape, values, geno_weights::WeightDtype::F32)
        })
        .collect();
    geno_weights::write_weights(&tensors).unwrap()
}

pub(crate) fn encoder(config: &CarbonConfig, settings: StateSettings) -> CarbonEncoder {
    CarbonEncoder::load(checkpoint(config), settings, Dtype::F32, &Device::default()).unwrap()
}

pub(crate) fn settings() -> impl Strategy<Value = StateSettings> {
    let layer = -(N_LAYERS as i32) - 1..=N_LAYERS as i32;
    let radius = prop_oneof![0..=3usize, Just(8), Just(300)];
    let pool = prop::sample::select(PoolType::ALL);
    let contract = prop::sample::select(StateContract::ALL);
    (layer, radius, pool, contract).prop_map(|(state_layer, pool_radius, pool_type, contract)| {
        StateSettings {
            state_layer,
            pool_type,
            pool_radius,
            contract,
        }
    })
}

/// A window with some `N`, its flank, and edits of every type in it.
pub(crate) fn site(lens: impl Strategy<Value = usize>) -> impl Strategy<Value = Site> {
    let window = (lens, 0..20usize).prop_flat_map(|(len, flank)| {
        let base = prop_oneof![
            60 => prop::sample::select(&b"ACGT"[..]),
            1 => Just(b'N'),
        ];
        (
            prop::collection::vec(base, len),
            prop::collection::vec(prop::sample::select(&b"ACGTN"[..]), flank),
        )
    });
    let edits = prop::collection::vec(
        (any::<prop::sample::Index>(), 1..5usize, "[ACGT]{1,8}"),
        1..7,
    );
    (window, edits, any::<bool>()).prop_map(|((bases, flank), drawn, one_locus)| {
        let first = drawn[0].0;
        let edits = drawn.iter().filter_map(|(place, len, alternate)| {
            let at = if one_locus { first } else { *place }.index(bases.len());
            edit(&bases, at, *len, alternate)
        });
        let edits = edits.collect();
        let window = Window::new(0, bases.clone()).unwrap();
        let window = window.with_right_flank(flank).unwrap();
        Site::new(Arc::new(window), edits).unwrap()
    })
}

/// The edit of `len` bases at `at`, if those are there and not `N`.
pub(crate) fn edit(bases: &[u8], at: usize, len: usize, alternate: &str) -> Option<RelEdit> {
    let reference = str::from_utf8(bases.get(at..at + len)?).ok()?;
    RelEdit::new(at, reference, alternate).ok()
}

pub(crate) fn rows(states: &Tensor<2>) -> Vec<Vec<f32>> {
    let [n, d] = states.dims();
    if n == 0 {
        return Vec::new();
    }
    let values = states.to_data();
    let values = values.as_slice::<f32>().unwrap();
    values.chunks(d).map(<[f32]>::to_vec).collect()
}

/// All states, reference and edited, of every site.
pub(crate) fn states(encoder: &impl SiteEncoder, sites: &[Site]) -> Vec<[Vec<f32>; 2]> {
    let states = encoder.encode_sites(sites).unwrap();
    let pairs = states.iter().flat_map(|states| {
        let edited = rows(&states.edited);
        let pairs = rows(&states.reference).into_iter().zip(edited);
        pairs.map(|(reference, edited)| [reference, edited])
    });
    pairs.collect()
}

pub(crate) fn bits(encoder: &impl SiteEncoder, sites: &[Site]) -> Vec<[Vec<u32>; 2]> {
    let of_row = |row: Vec<f32>| row.into_iter().map(f32::to_bits).collect();
    states(encoder, sites)
        .into_iter()
        .map(|pair| pair.map(of_row))
        .collect()
}

/// The largest difference, relative to the largest value if that is above 1.
pub(crate) fn difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    let scale = b.iter().fold(1.0, |m: f32, x| m.max(x.abs()));
    let largest = a.iter().zip(b).map(|(a, b)| (a - b).abs());
    largest.fold(0.0, f32::max) / scale
}

/// The same, each edit encoded by itself.
pub(crate) fn bits_of_each_alone(encoder: &impl SiteEncoder, sites: &[Site]) -> Vec<[Vec<u32>; 2]> {
    let mut alone = Vec::new();
    for site in sites {
        for edit in site.edits() {
            let one = Site::new(site.window().clone(), vec![edit.clone()]).unwrap();
            alone.extend(bits(encoder, &[one]));
        }
    }
    alone
}
