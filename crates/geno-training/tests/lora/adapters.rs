//! What adapters do to an encoder, and how they are stored.

use std::collections::{BTreeMap, BTreeSet};

use burn::tensor::Device;
use geno_core::{Digest, Dtype};
use geno_encoder::{AttentionLayer, CarbonEncoder, EncoderFiles, NativeEncoder};
use geno_kernels::Kernel;
use geno_runtime::{Lineage, LineageStep};
use geno_training::{Adapters, LoraError, LoraSettings, LoraSettingsError};
use geno_weights::{NewTensor, WeightDtype, WeightFile, write_weights};

use crate::tiny::{
    STATE_LAYER, config, encoder, files, fresh, lora, moved, settings, states, values,
};

fn lineage() -> Lineage {
    let step = LineageStep {
        from: Digest::of(b"base"),
        did: "merge".to_owned(),
        by: "a test".to_owned(),
    };
    Lineage::after(None, step)
}

fn merged(adapters: &Adapters) -> EncoderFiles<'static> {
    adapters.merge(files(), &lineage()).unwrap()
}

/// All tensors of an encoder: format and values.
fn tensors(files: EncoderFiles<'_>) -> BTreeMap<String, (Option<WeightDtype>, Vec<f32>)> {
    let file = files.weight_file().unwrap();
    let read = |name: &str| (file.dtype(name), file.stored(name).unwrap().to_f32());
    file.names()
        .map(|name| (name.to_owned(), read(name)))
        .collect()
}

#[test]
fn fresh_adapters_leave_every_bit_of_every_state() {
    let encoder = encoder();
    let adapters = fresh(&Device::flex());
    assert_eq!(
        values(states(&adapters.adapt(&encoder))),
        values(states(&encoder))
    );
    assert!(adapters.to_weights()[0].values.iter().any(|a| *a != 0.));
}

#[test]
fn a_merged_encoder_is_the_adapted_one() {
    let (device, base) = (Device::flex(), encoder());
    let adapters = moved(&device);
    let adapted = values(states(&adapters.adapt(&base)));
    let apart = adapted.iter().zip(values(states(&base)));
    assert!(apart.map(|(a, b)| (a - b).abs()).fold(0., f32::max) > 0.01);

    let files = merged(&adapters);
    let carbon = CarbonEncoder::load(files.clone(), settings(), Dtype::F32, &device).unwrap();
    assert_eq!(values(states(&carbon)), adapted);
    let kernel = Kernel::detect();
    let native = NativeEncoder::load(files, settings(), Dtype::F32, kernel, &device).unwrap();
    // Sums in another order.
    for (a, b) in values(states(&native)).iter().zip(&adapted) {
        assert!((a - b).abs() < 2e-5, "{a} {b}");
    }
}

#[test]
fn merging_adds_products_of_low_rank_to_named_weights_and_nothing_else() {
    let adapters = moved(&Device::flex());
    let (before, after) = (tensors(files()), tensors(merged(&adapters)));
    let of_adapters: BTreeMap<String, Vec<f32>> = adapters
        .to_weights()
        .into_iter()
        .map(|tensor| (tensor.name, tensor.values))
        .collect();
    let mut n_changed = 0;
    for (name, (dtype, values)) in &before {
        let (merged_dtype, merged) = &after[name];
        let [a, b] = ["A", "B"].map(|matrix| {
            let stem = name.trim_end_matches(".weight");
            of_adapters.get(&format!("base_model.model.{stem}.lora_{matrix}.weight"))
        });
        let (Some(a), Some(b)) = (a, b) else {
            assert!(merged == values && merged_dtype == dtype, "{name}");
            continue;
        };
        n_changed += 1;
        assert_eq!(*merged_dtype, Some(WeightDtype::F32));
        let n_in = a.len() / 3;
        for (i, (merged, value)) in merged.iter().zip(values).enumerate() {
            let (row, column) = (i / n_in, i % n_in);
            let products =
                (0..3).map(|k| f64::from(b[row * 3 + k]) * f64::from(a[k * n_in + column]));
            let expected = f64::from(*value) + 2. * products.sum::<f64>();
            assert!((f64::from(*merged) - expected).abs() < 1e-6, "{name} {i}");
        }
    }
    assert_eq!(n_changed, 2 * 4);
    assert_eq!(before.len(), after.len());
    let [(_, weights)] = &merged(&adapters).weights[..] else {
        panic!("one file");
    };
    let file = WeightFile::parse(&**weights).unwrap();
    assert_eq!(file.metadata(), &lineage().to_metadata());
}

#[test]
fn tensors_have_the_names_that_peft_reads() {
    let adapters = fresh(&Device::flex());
    let names: Vec<String> = adapters
        .parameters()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names.len(), 2 * 4 * 2);
    assert_eq!(
        names[..2],
        [
            "base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight",
            "base_model.model.model.layers.1.self_attn.q_proj.lora_B.weight"
        ]
    );
    assert_eq!(
        names[15],
        "base_model.model.model.layers.2.self_attn.o_proj.lora_B.weight"
    );
    let weights = adapters.to_weights();
    let shapes: Vec<_> = weights
        .iter()
        .map(|tensor| (&tensor.name, &tensor.shape[..]))
        .collect();
    let named: Vec<_> = names.iter().collect();
    assert_eq!(
        shapes.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        named
    );
    // Keys have 2 heads of 6, where there are 4 of queries.
    let of_keys = shapes
        .iter()
        .filter(|(name, _)| name.contains("2.self_attn.k_proj"));
    let of_keys: Vec<_> = of_keys.map(|(_, shape)| *shape).collect();
    assert_eq!(of_keys, [[3, 24], [12, 3]]);
}

#[test]
fn files_of_other_adapters_are_refused() {
    let device = Device::flex();
    let weights = moved(&device).to_weights();
    let load = |tensors: &[NewTensor], settings: &LoraSettings| {
        let mut file = WeightFile::parse(write_weights(tensors).unwrap()).unwrap();
        Adapters::load(settings, &config(), STATE_LAYER, &mut file, &device)
    };
    let again = load(&weights, &lora()).unwrap();
    assert_eq!(again.to_weights(), weights);
    let fewer = LoraSettings {
        layers: 1,
        ..lora()
    };
    let other_rank = LoraSettings { rank: 2, ..lora() };
    for refused in [
        load(&weights[1..], &lora()),
        load(&weights, &fewer),
        load(&weights, &other_rank),
    ] {
        assert!(matches!(refused, Err(LoraError::Weights(_))));
    }
}

#[test]
fn settings_must_fit_the_encoder() {
    let blocks = |settings: LoraSettings, layer| settings.blocks(&config(), layer);
    assert_eq!(blocks(lora(), 3), Ok(1..3));
    // Fewer blocks than asked for: all of them.
    assert_eq!(
        blocks(
            LoraSettings {
                rank: 2,
                ..LoraSettings::default()
            },
            3
        ),
        Ok(0..3)
    );
    assert_eq!(blocks(lora(), 0), Err(LoraSettingsError::NoBlock));
    let zero = blocks(LoraSettings { rank: 0, ..lora() }, 3).unwrap_err();
    assert_eq!(zero.to_string(), "rank of the adapters is 0");
    assert!(
        blocks(
            LoraSettings {
                layers: 0,
                ..lora()
            },
            3
        )
        .is_err()
    );
    assert!(
        blocks(
            LoraSettings {
                alpha: f64::NAN,
                ..lora()
            },
            3
        )
        .is_err()
    );
    let none = LoraSettings {
        targets: BTreeSet::new(),
        ..lora()
    };
    assert_eq!(blocks(none, 3), Err(LoraSettingsError::NoTarget));
    // Keys are 12 wide, queries 24.
    let large = LoraSettings { rank: 13, ..lora() };
    let error = LoraSettingsError::Rank {
        rank: 13,
        largest: 12,
    };
    assert_eq!(blocks(large.clone(), 3), Err(error));
    let queries = LoraSettings {
        targets: [AttentionLayer::Query].into(),
        ..large
    };
    assert_eq!(blocks(queries, 3), Ok(1..3));
}
