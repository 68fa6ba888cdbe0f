//! Configuration files, as users and the Python package write them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use geno_app::config::{ConfigError, Effective, Layers, Settings, Value};
use geno_core::{Coded, Digest, ErrorCode};

fn fixture(path: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(path)
}

/// Resolves one file with these contents.
fn file(text: impl AsRef<[u8]>) -> Result<Effective, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.yaml");
    fs::write(&path, text).unwrap();
    let mut layers = Layers::default();
    layers.file(&path);
    layers.resolve()
}

/// The faults of a file, without the folder it was in.
fn faults(text: impl AsRef<[u8]>) -> Vec<String> {
    let error = file(text).unwrap_err();
    let texts = error.faults().iter().map(ToString::to_string);
    texts
        .map(|text| text[text.find("x.yaml").unwrap()..].to_owned())
        .collect()
}

fn only_fault(text: impl AsRef<[u8]>) -> String {
    let mut faults = faults(text);
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults.remove(0)
}

const TEMPLATES: [(&str, &str); 4] = [
    (
        "train",
        "e8a8144a702672e0f8206e2c6c4715027b61d4365ee96fc751180c800a283bb2",
    ),
    (
        "score",
        "ca2f71acdf220373c7147da4919bb14e2af0fc9e14f59aa37e032fd5877cadbd",
    ),
    (
        "eval",
        "41a998fe0cb06bb1fb4b69436d2d9240cbeed09a4e4fab23eaac047e4fae869f",
    ),
    (
        "plan",
        "454c43094ad2f51dcf03bcaa84457950456674f41394a1629f39faf4fb370bde",
    ),
];

#[test]
fn configurations_of_the_python_package_load_unchanged() {
    for (name, digest) in TEMPLATES {
        let path = fixture(&format!("fixtures/config/{name}.yaml"));
        let bytes = fs::read(&path).unwrap();
        assert_eq!(Digest::of(&bytes).to_string(), format!("sha256:{digest}"));
        let mut layers = Layers::default();
        layers.file(&path);
        let effective = layers.resolve().unwrap();
        let run_id = if name == "train" {
            "phase1".to_owned()
        } else {
            name.to_owned()
        };
        let run_id = Value::Text(format!("{run_id}-default"));
        assert_eq!(effective.get("run_id"), Some(&run_id));
        assert_eq!(effective.training_yaml().as_bytes(), bytes, "{name}");
        let backend = if name == "score" { "onnx" } else { "cpu" };
        assert_eq!(effective.settings().runtime.backend_for_device(), backend);
    }
}

#[test]
fn a_training_run_without_a_configuration_is_the_template_of_the_python_package() {
    let template = fs::read_to_string(fixture("fixtures/config/train.yaml")).unwrap();
    let defaults = Layers::default().resolve().unwrap();
    assert_eq!(defaults.training_yaml(), template);
}

#[test]
fn a_training_run_records_what_of_our_own_keys_was_given_and_reads_it_back() {
    let given = "predictor: {architecture: causal_v2, d_hidden: 32}\nrun_id: '08'\n\
        runtime: {backend: native, threads: 2}\nscore: {batch_size: 3}\nencoder: {window_bp: 600}\n\
        eval: {benchmarks: []}\n";
    let effective = file(given).unwrap();
    let yaml = effective.training_yaml();
    assert!(yaml.contains("architecture: causal_v2\n  d_action: 64\n  d_hidden: 32\n"));
    assert!(yaml.contains("\n  window_bp: 600\n"));
    assert!(yaml.contains("\n  benchmarks: []\n"));
    assert!(yaml.contains("\nruntime:\n  backend: native\n  device: cpu\nschema_version"));
    assert!(!yaml.contains("score"));
    assert_eq!(file(&yaml).unwrap().training_yaml(), yaml);
}

#[test]
fn the_run_of_the_first_experiment_was_trained_by_its_configuration() {
    let mut layers = Layers::default();
    layers.file(&fixture("configs/train-small.yaml"));
    layers.flag("seed", "--seed", 20_261_122_u64);
    let recorded = fs::read_to_string(fixture("fixtures/training_run/config.resolved.yaml"));
    assert_eq!(layers.resolve().unwrap().training_yaml(), recorded.unwrap());
}

#[test]
fn every_configuration_of_this_repository_loads() {
    for path in [
        "configs/model.yaml",
        "configs/train-small.yaml",
        "fixtures/demo/model/config.yaml",
        "fixtures/parity/model/training_config.yaml",
    ] {
        let mut layers = Layers::default();
        layers.file(&fixture(path));
        assert!(layers.resolve().is_ok(), "{path}");
    }
}

#[test]
fn a_typo_is_named_with_its_place_and_the_nearest_name() {
    assert_eq!(
        only_fault("score:\n  bach_size: 3\n"),
        "x.yaml:2:3: unknown key `score.bach_size`: did you mean `score.batch_size`?"
    );
    assert_eq!(
        only_fault("scroe:\n  batch_size: 3\n"),
        "x.yaml:1:1: unknown section `scroe`: did you mean `score`?"
    );
    assert_eq!(
        only_fault("seeed: 3\n"),
        "x.yaml:1:1: unknown key `seeed`: did you mean `seed`?"
    );
    assert_eq!(
        only_fault("score: {log_level: info}"),
        "x.yaml:1:9: unknown key `score.log_level`: did you mean `observability.log_level`?"
    );
    assert_eq!(
        only_fault("score.strict: true"),
        "x.yaml:1:1: `score.strict` is written as `strict:` inside the section `score`"
    );
    assert_eq!(only_fault("zebra: 3"), "x.yaml:1:1: unknown key `zebra`");
}

#[test]
fn values_are_refused_where_they_stand() {
    for (text, fault) in [
        (
            "score: {batch_size: 0}",
            "1:21: `score.batch_size` must be at least 1, found 0",
        ),
        (
            "data: {batch_size: -1}",
            "1:20: `data.batch_size` must be at least 1, found -1",
        ),
        (
            "optimizer:\n  lr: -1e-4",
            "2:7: `optimizer.lr` must be at least 0.0, found -1e-4",
        ),
        (
            "optimizer: {beta1: 1}",
            "1:20: `optimizer.beta1` must be at least 0.0 and below 1.0, found 1",
        ),
        (
            "seed: true",
            "1:7: `seed` must be a whole number, at least 0, found a boolean (`true`)",
        ),
        (
            "seed: 1.0",
            "1:7: `seed` must be a whole number, at least 0, found a number (`1.0`)",
        ),
        (
            "seed: '1'",
            "1:7: `seed` must be a whole number, at least 0, found text (\"1\")",
        ),
        (
            "seed:",
            "1:5: `seed` must be a whole number, at least 0, found nothing",
        ),
        (
            "run_id: 2024",
            "1:9: `run_id` must be text, found a number (`2024`): write it in quotes",
        ),
        (
            "run_id: no",
            "1:9: `run_id` must be text, found a boolean (`no`): write it in quotes",
        ),
        (
            "score: {strict: 1}",
            "1:17: `score.strict` must be a boolean, true or false, found a number (`1`)",
        ),
        (
            "score: [1]",
            "1:8: expected keys with values in the section `score`, found a list",
        ),
        (
            "score: {strict: [true]}",
            "1:17: `score.strict` must be a boolean, true or false, found a list",
        ),
        (
            "phase: phase3",
            "1:8: `phase` must be phase1 or phase2, found `phase3`: did you mean `phase1`?",
        ),
        (
            "action: {sub_encoders: [snv, inz]}",
            "1:30: `action.sub_encoders` must be snv, ins, del or mnv, found `inz`: did you mean `ins`?",
        ),
        (
            "eval: {benchmarks: rollout}",
            "1:20: `eval.benchmarks` must be a list of texts, found `rollout`",
        ),
        (
            "eval: {benchmarks: [[a]]}",
            "1:21: `eval.benchmarks` must be a list of texts, found a list or a mapping inside it",
        ),
        (
            "schema_version: 2.0.0",
            "1:17: `schema_version` is 2.0.0, only 1.x is read",
        ),
    ] {
        assert_eq!(only_fault(text), format!("x.yaml:{fault}"));
    }
    for word in [".nan", ".inf", "-.inf", "nan", "inf", "1e999", "0x10"] {
        assert!(only_fault(format!("optimizer: {{lr: {word}}}")).contains("must be a number"));
    }
}

#[test]
fn numbers_and_booleans_are_read_as_users_write_them() {
    let effective = file(
        "deterministic: yes\noptimizer: {lr: 1e-4, grad_clip: 2, weight_decay: .5}\n\
         score: {strict: off, batch_size: 1_000}\nencoder: {revision: 5e10}\n",
    )
    .unwrap();
    assert_eq!(effective.get("optimizer.lr"), Some(&Value::Float(1e-4)));
    assert_eq!(
        effective.get("optimizer.grad_clip"),
        Some(&Value::Float(2.0))
    );
    assert_eq!(effective.get("deterministic"), Some(&Value::Bool(true)));
    assert_eq!(effective.get("score.strict"), Some(&Value::Bool(false)));
    assert_eq!(effective.get("score.batch_size"), Some(&Value::Int(1000)));
    assert_eq!(effective.get("encoder.revision"), Some(&"5e10".into()));
}

#[test]
fn all_faults_are_reported_at_once_in_the_order_of_the_file() {
    let found = faults("sead: 1\nscore:\n  batch_size: 0\n  strict: 2\n  strict: 3\nseed: x\n");
    let lines: Vec<&str> = found.iter().map(|fault| &fault[..10]).collect();
    assert_eq!(
        lines,
        [
            "x.yaml:1:1",
            "x.yaml:3:1",
            "x.yaml:4:1",
            "x.yaml:5:3",
            "x.yaml:6:7"
        ]
    );
    assert!(found[3].ends_with("`score.strict` is here again, first in line 4"));
}

#[test]
fn codes_tell_faults_apart() {
    let code = |text: &str| file(text).unwrap_err().code();
    assert_eq!(code("enocder: {}"), ErrorCode::ConfigUnknownTopLevelKey);
    assert_eq!(code("encoder: {radius: 3}"), ErrorCode::ConfigGeneric);
    assert_eq!(
        code("schema_version: 2.0.0"),
        ErrorCode::ConfigSchemaIncompat
    );
    assert_eq!(code("[1]"), ErrorCode::ConfigGeneric);
}

#[test]
fn hostile_files_fail_at_once() {
    let laughs: String = (0..40)
        .map(|n| {
            format!(
                "a{}: &a{} [{}]\n",
                n + 1,
                n + 1,
                format!("*a{n}, ").repeat(10)
            )
        })
        .collect();
    let laughs = format!("a0: &a0 lol\n{laughs}");
    assert!(only_fault(laughs).contains("aliases are not supported"));
    assert!(only_fault("[".repeat(500_000)).contains("not YAML"));
    assert!(only_fault("- ".repeat(500_000)).contains("not YAML"));
    assert!(only_fault("score: {a: ".repeat(50_000)).contains("not YAML"));
    assert!(only_fault(b"seed: \xff").contains("not UTF-8"));
    assert!(only_fault("#".repeat((1 << 20) + 1)).contains("larger than"));
    assert!(only_fault("a: 1\n---\nb: 2").contains("second document"));
    assert!(only_fault("just words").contains("expected keys with values, found a word"));
    assert!(only_fault("\"a\\nb\\e\": 1").contains("unknown key `a\\nb\\u{1b}`"));
}

#[test]
fn an_empty_file_or_section_changes_nothing() {
    let defaults = Layers::default().resolve().unwrap();
    for text in [
        "",
        "# nothing\n",
        "---\n",
        "null\n",
        "{}",
        "score:\n",
        "score:\n  # strict: true\n",
    ] {
        let settings = Settings {
            files: Vec::new(),
            ..file(text).unwrap().settings()
        };
        assert_eq!(settings, defaults.settings(), "{text:?}");
    }
}
