//! Models whose configuration names the networks `causal_v2` and `base_v2`.

use std::{fs, path::Path, sync::Arc};

use burn::tensor::Device;
use geno_action::{EditSpec, Haplotype, RelEdit, Site};
use geno_core::{Coded, Digest, ErrorCode, RandomStream, Window};
use geno_planning::{Distance, Target};
use geno_provenance::Manifest;
use geno_runtime::{
    Annotations, CalibrationSource, EncoderSource, LoadModelError, LoadOptions, ModelConfig,
    ModelDir, Runtime, RuntimeError, Unedited,
};
use geno_tests::copy_of;
use geno_weights::{NewTensor, write_weights};
use rand::RngExt;
use tempfile::TempDir;

use crate::scoring::backend;

const NETWORKS: &str = "\
predictor: {architecture: causal_v2, d_state: 128, n_layers: 2, n_heads: 4, d_hidden: 32, ffn_dim: 64}
action: {architecture: base_v2, d_action: 16, d_pos: 8, d_hidden: 24, max_len: 5}
";

/// Weights that all speak: those that an untrained network has as zeros are drawn, too.
fn drawn(weights: Vec<NewTensor>, name: &str) -> Vec<u8> {
    let mut stream = RandomStream::new(5, name);
    let filled = weights.into_iter().map(|mut tensor| {
        for value in tensor.values.iter_mut().filter(|value| **value == 0.) {
            *value = stream.random_range(-0.2..0.2);
        }
        tensor
    });
    write_weights(&filled.collect::<Vec<_>>()).unwrap()
}

/// The demo with other networks.
fn demo(networks: &str) -> TempDir {
    let demo = copy_of("demo");
    let model = demo.path().join("model");
    let read = |name: &str| fs::read(model.join(name)).unwrap();
    let config = String::from_utf8(read("config.yaml")).unwrap();
    let kept = &config[..config.find("predictor:").unwrap()];
    let text = format!("{kept}{networks}");
    let config = ModelConfig::from_yaml(text.as_bytes()).unwrap();
    let (mut stream, device) = (RandomStream::new(5, "networks"), Device::flex());
    let predictor = config.predictor_architecture().draw(&mut stream, &device);
    let actions = config.action_architecture().draw(&mut stream, &device);
    let files = [
        ("config.yaml", text.into_bytes()),
        (
            "predictor.safetensors",
            drawn(predictor.unwrap(), "predictor"),
        ),
        (
            "action_encoder.safetensors",
            drawn(actions.unwrap(), "actions"),
        ),
    ];
    let mut manifest = Manifest::parse(&read("manifest.json")).unwrap();
    for (name, bytes) in &files {
        fs::write(model.join(name), bytes).unwrap();
    }
    let [config, predictor, actions] = files.map(|(_, bytes)| Digest::of(&bytes));
    manifest.training.hash = config;
    manifest.predictor.hash = predictor;
    manifest.action_encoder.hash = actions;
    fs::write(model.join("manifest.json"), manifest.to_bytes()).unwrap();
    demo
}

fn load(folder: &Path) -> Result<Runtime, RuntimeError> {
    let model = ModelDir::open(&folder.join("model"), &EncoderSource::default()).unwrap();
    let options = LoadOptions {
        layout: None,
        calibration: CalibrationSource::Nothing,
        ..LoadOptions::default()
    };
    Runtime::load_with(&model, backend(), options)
}

fn window() -> Arc<Window> {
    Arc::new(Window::new(0, b"ACGTTGCA".repeat(120)).unwrap())
}

#[test]
fn all_edits_at_once_and_edit_by_edit_are_one_function() {
    let demo = demo(NETWORKS);
    let runtime = load(demo.path()).unwrap();
    let (window, locus) = (window(), 480);
    let source = runtime.encode_window(&window, Some(locus)).unwrap();
    let edits = [(480, "A", "G"), (490, "G", "GA"), (500, "TG", "T")];
    let edits = edits.map(|(at, from, to)| RelEdit::new(at, from, to).unwrap());
    let haplotypes =
        [0, 1, 2, 3].map(|n| Haplotype::new(Arc::clone(&window), edits[..n].to_vec()).unwrap());
    let rows = haplotypes.each_ref().map(|haplotype| Unedited {
        state: &source,
        haplotype,
        locus,
    });
    let at_once = runtime.predict(&rows).unwrap();
    let one_by_one = runtime.predict_haplotypes(&rows).unwrap();
    assert_eq!(at_once[0], source);
    for (i, (a, b)) in at_once.iter().zip(&one_by_one).enumerate() {
        let apart = a.iter().zip(b).map(|(a, b)| (a - b).abs());
        assert!(apart.fold(0., f32::max) < 1e-6);
        assert!(
            at_once[..i].iter().all(|before| before != a),
            "edit {i} moves the state"
        );
    }
    // Where the pooled centre lies is known to the actions.
    let aside = Unedited {
        locus: 300,
        ..rows[1]
    };
    assert_ne!(runtime.predict(&[aside]).unwrap()[0], at_once[1]);
}

#[test]
fn a_variant_is_scored_as_the_distance_of_its_prediction() {
    let demo = demo(NETWORKS);
    let runtime = load(demo.path()).unwrap();
    let window = window();
    let edit = EditSpec::new("1", 481, "A", "G").unwrap();
    let relative = edit.relative_to(0).unwrap();
    let error = runtime.score_variant(&edit, Window::clone(&window), Annotations::default());
    assert!(
        matches!(error, Err(RuntimeError::Missing(_))),
        "no calibration"
    );

    let site = Site::new(Arc::clone(&window), vec![relative.clone()]).unwrap();
    let sigma = runtime.raw_surprise(&[site]).unwrap()[0][0];
    let haplotype = Haplotype::new(Arc::clone(&window), vec![relative]).unwrap();
    let source = runtime.encode_window(&window, Some(480)).unwrap();
    let unedited = Unedited {
        state: &source,
        haplotype: &haplotype,
        locus: 480,
    };
    let predicted = runtime.predict(&[unedited]).unwrap().remove(0);
    let encoded = runtime
        .encode_haplotypes(&[(&haplotype, Some(480))])
        .unwrap();
    let squares = predicted.iter().zip(&encoded[0]);
    let squares = squares.map(|(p, t)| f64::from(p - t).powi(2));
    let distance = squares.sum::<f64>().sqrt();
    // The demo multiplies in `bf16`, and what is attended to together decides last bits before
    // a rounding.
    assert!((sigma - distance).abs() < 2e-3, "{sigma} {distance}");
    assert!(sigma > 0.01, "{sigma}");
}

#[test]
fn learned_positions_bound_the_edits_and_rotary_ones_do_not() {
    let window = window();
    let edits = (0..6).map(|i| RelEdit::new(100 + 8 * i, "T", "A").unwrap());
    let haplotype = Haplotype::new(Arc::clone(&window), edits.collect()).unwrap();
    let state = vec![0.5; 128];
    let unedited = Unedited {
        state: &state,
        haplotype: &haplotype,
        locus: 480,
    };
    let rotary = demo(NETWORKS);
    assert!(load(rotary.path()).unwrap().predict(&[unedited]).is_ok());
    let learned = demo(&NETWORKS.replace("causal_v2,", "causal_v2, positions: learned,"));
    let runtime = load(learned.path()).unwrap();
    let target = Target::new(Distance::L2, [&state]).unwrap();
    let beyond = runtime.plan_evaluator((state.clone(), 480), target, 6);
    assert!(matches!(
        beyond.err().unwrap(),
        RuntimeError::Horizon {
            horizon: 6,
            limit: 5
        }
    ));
    for error in [
        runtime.predict(&[unedited]),
        runtime.predict_haplotypes(&[unedited]),
    ] {
        assert!(matches!(
            error.unwrap_err(),
            RuntimeError::TooManyEdits { found: 6, limit: 5 }
        ));
    }
}

#[test]
fn weights_of_another_kind_of_network_are_refused() {
    let demo = demo(NETWORKS);
    let path = demo.path().join("model/config.yaml");
    let text = fs::read_to_string(&path).unwrap();
    let text = text.replace("causal_v2", "cross_attention_v1");
    fs::write(&path, &text).unwrap();
    let manifest = demo.path().join("model/manifest.json");
    let mut changed = Manifest::parse(&fs::read(&manifest).unwrap()).unwrap();
    changed.training.hash = Digest::of(text.as_bytes());
    fs::write(&manifest, changed.to_bytes()).unwrap();
    let error = load(demo.path()).err().unwrap();
    assert_eq!(error.code(), ErrorCode::ResourceWeights);
    assert!(matches!(
        error,
        RuntimeError::Load(LoadModelError::Part {
            part: "predictor",
            ..
        })
    ));
}
