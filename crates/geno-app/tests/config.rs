//! Configurations as users and the Python package write them.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use geno_app::config::{
    ConfigError, Effective, KEYS, Kind, Layers, Origin, Value, Warning, explain, json_schema,
};
use geno_core::{Coded, Digest, ErrorCode};
use proptest::prelude::*;

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
        let backend = if name == "score" { "onnx" } else { "cpu" };
        assert_eq!(effective.settings().runtime.backend_for_device(), backend);
    }
}

#[test]
fn every_configuration_of_this_repository_loads() {
    for path in [
        "configs/model.yaml",
        "configs/demo.yaml",
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
fn faults_of_all_layers_are_reported_together() {
    let mut layers = Layers::default();
    layers.file(Path::new("no/such.yaml"));
    layers.environment([("GENO_LEWM_SEED".into(), "x".into())]);
    layers.set("score.batch_size");
    layers.set("score.bach_size=1");
    layers.flag("runtime.threads", "--threads", 0u64);
    let error = layers.resolve().unwrap_err();
    let starts = [
        "no/such.yaml: ",
        "GENO_LEWM_SEED: ",
        "--set score.batch_size: ",
        "--set score.bach_size=1: ",
        "--threads: ",
    ];
    assert_eq!(error.faults().len(), starts.len());
    for (fault, start) in error.faults().iter().zip(starts) {
        assert!(fault.to_string().starts_with(start), "{fault}");
    }
    assert_eq!(error.code(), ErrorCode::ConfigMissingField);
    assert!(
        error
            .to_string()
            .starts_with("5 faults in the configuration\n  no/such.yaml: ")
    );
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
        assert_eq!(
            file(text).unwrap().settings(),
            defaults.settings(),
            "{text:?}"
        );
    }
}

#[test]
fn later_layers_win_and_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let [a, b] = ["a.yaml", "b.yaml"].map(|name| folder.path().join(name));
    fs::write(&a, "seed: 1\nscore:\n  batch_size: 1\n  strict: true\n").unwrap();
    fs::write(&b, "score:\n  batch_size: 2\nrun_id: b\n").unwrap();
    let base = || {
        let mut layers = Layers::default();
        layers.file(&a);
        layers.file(&b);
        layers
    };
    let batch_size = |layers: Layers| {
        let effective = layers.resolve().unwrap();
        let entry = effective.entry("score.batch_size").unwrap();
        (entry.value.to_yaml(), entry.origin.clone())
    };
    let environment = || [("GENO_LEWM_SCORE_BATCH_SIZE".into(), OsString::from("3"))];

    let mut layers = base();
    assert_eq!(batch_size(layers.clone()).0, "2");
    assert_eq!(
        layers.clone().resolve().unwrap().get("seed"),
        Some(&Value::Int(1))
    );
    layers.flag("score.batch_size", "--batch-size", 5u64);
    layers.set("score.batch_size=4");
    layers.environment(environment());
    assert_eq!(
        batch_size(layers),
        ("5".to_owned(), Origin::Flag("--batch-size"))
    );
    let mut layers = base();
    layers.set("score.batch_size=4");
    layers.environment(environment());
    assert_eq!(batch_size(layers).0, "4");
    let mut layers = base();
    layers.environment(environment());
    let variable = Origin::Variable("GENO_LEWM_SCORE_BATCH_SIZE".to_owned());
    assert_eq!(batch_size(layers), ("3".to_owned(), variable));
}

#[test]
fn the_environment_has_the_python_packages_names_too() {
    let mut layers = Layers::default();
    layers.environment(
        [
            ("GENO_LEWM_MODEL_DIR", "null"),
            ("GENO_LEWM_LOG_LEVEL", "debug"),
            ("GENO_LEWM_ENCODER_DIR", ""),
            ("GENO_LEWM_LOG_FORMAT", "human"),
            ("GENO_LEWM_OBSERVABILITY_LOG_FORMAT", "json"),
            ("GENO_LEWM_RUN_ID", "2024"),
            ("GENO_LEWM_SCORE_BACH_SIZE", "3"),
            ("PATH", "/bin"),
        ]
        .map(|(name, value)| (name.into(), value.into())),
    );
    let effective = layers.resolve().unwrap();
    let settings = effective.settings();
    assert_eq!(settings.paths.model_dir, Some("null".into()));
    assert_eq!(settings.paths.encoder_dir, None);
    assert_eq!(settings.observability.log_level, "debug");
    assert_eq!(settings.observability.log_format, "json");
    assert_eq!(settings.run_id.as_deref(), Some("2024"));
    let expected = Warning::UnknownVariable {
        name: "GENO_LEWM_SCORE_BACH_SIZE".to_owned(),
        suggested: Some("GENO_LEWM_SCORE_BATCH_SIZE".to_owned()),
    };
    assert_eq!(effective.warnings("score"), [expected]);
}

#[test]
fn what_has_no_effect_on_a_command_is_said() {
    let mut layers = Layers::default();
    layers.set("encoder.dtype=fp32");
    layers.set("score.strict=true");
    layers.flag("seed", "--seed", 7u64);
    let effective = layers.resolve().unwrap();
    let said: Vec<_> = effective
        .warnings("score")
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        said,
        [
            "`--seed` has no effect on `score`: read by calibrate",
            "`--set encoder.dtype=fp32` has no effect on `score`: read by a model's own configuration only",
        ]
    );
}

#[test]
fn lists_and_quotes_are_read_from_a_shell() {
    let get = |set: &str, path: &str| {
        let mut layers = Layers::default();
        layers.set(set);
        layers.resolve().unwrap().get(path).unwrap().to_yaml()
    };
    assert_eq!(get("eval.benchmarks=a,b", "eval.benchmarks"), "[a, b]");
    assert_eq!(
        get("eval.benchmarks=['a', \"b\"]", "eval.benchmarks"),
        "[a, b]"
    );
    assert_eq!(get("eval.benchmarks=[]", "eval.benchmarks"), "[]");
    assert_eq!(get("run_id=a=b", "run_id"), "\"a=b\"");
    assert_eq!(get("run_id = null", "run_id"), "null");
}

#[test]
fn an_explanation_holds_all_there_is_to_know() {
    let text = explain("runtime.backend").unwrap();
    for part in [
        "a name",
        "torch, which means auto",
        "auto, cpu, ",
        "GENO_LEWM_RUNTIME_BACKEND",
        "score, calibrate, demo",
    ] {
        assert!(text.contains(part), "{text}");
    }
    assert_eq!(explain("score").unwrap().matches("default:").count(), 6);
    let error = explain("score.bach_size").unwrap_err();
    assert_eq!(error.suggested[0], "score.batch_size");
    assert_eq!(error.code().exit_code(), 3);
    assert!(explain("").is_err());
}

#[test]
fn the_schema_accepts_what_is_read_and_refuses_what_is_not() {
    let schema: serde_json::Value = serde_json::from_str(&json_schema()).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let valid = |json: &str| schema.is_valid(&serde_json::from_str(json).unwrap());
    assert!(valid(
        r#"{"score": {"batch_size": 3, "region": null}, "runtime": {"backend": "torch"}, "training": null}"#
    ));
    assert!(valid(
        r#"{"schema_version": "1.0.0", "action": {"sub_encoders": ["snv"]}, "seed": 18446744073709551615}"#
    ));
    for json in [
        r#"{"score": {"bach_size": 3}}"#,
        r#"{"scroe": {}}"#,
        r#"{"score": {"batch_size": 0}}"#,
        r#"{"optimizer": {"beta1": 1.0}}"#,
        r#"{"runtime": {"backend": "gpu"}}"#,
        r#"{"schema_version": "2.0.0"}"#,
        r#"{"run_id": 3}"#,
    ] {
        assert!(!valid(json), "{json}");
    }
}

#[test]
fn the_table_of_keys_is_sound() {
    let mut variables = Vec::new();
    let mut sections: Vec<&str> = Vec::new();
    for key in KEYS {
        // Panics where a default is not one of its own values.
        key.default_value();
        variables.push(key.variable());
        let (section, _) = key.section_and_name();
        if sections.last() != Some(&section) {
            assert!(!sections.contains(&section), "`{section}` in two parts");
            sections.push(section);
        }
        assert!(
            !key.meaning.contains(['|', '\n']) && !key.meaning.ends_with('.'),
            "{}",
            key.path
        );
    }
    let others = KEYS.iter().flat_map(|key| key.other_variables);
    variables.extend(others.map(|name| (*name).to_owned()));
    let n_variables = variables.len();
    variables.sort();
    variables.dedup();
    assert_eq!(variables.len(), n_variables, "two keys share a variable");
}

/// A value that a key may hold, as a shell passes it.
fn any_value(kind: Kind) -> BoxedStrategy<String> {
    match kind {
        Kind::Bool => any::<bool>().prop_map(|value| value.to_string()).boxed(),
        Kind::Int { min, max } => (min..=max).prop_map(|value| value.to_string()).boxed(),
        Kind::Float { min, below } => (min..below.unwrap_or(1e300))
            .prop_map(|value| format!("{value:e}"))
            .boxed(),
        Kind::SchemaVersion => "1\\.[0-9]{1,3}\\.[0-9]".boxed(),
        Kind::Name(names) => proptest::sample::select(names)
            .prop_map(str::to_owned)
            .boxed(),
        Kind::Names(names) => proptest::sample::subsequence(names, 0..=names.len())
            .prop_map(|names| names.join(","))
            .boxed(),
        Kind::Text | Kind::Path => {
            "\\PC{1,12}|[a-z]{3}\n\t\u{1b}|no|1e5|0x1f|~|- a|a: b|#|'|\"".boxed()
        }
        Kind::Texts => "[a-z \"':#{}!&*-]{0,12}".boxed(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_printed_configuration_reads_back_as_the_same_values(
        values in KEYS.iter().map(|key| any_value(key.kind)).collect::<Vec<_>>(),
    ) {
        let mut layers = Layers::default();
        for (key, value) in KEYS.iter().zip(&values) {
            let mut alone = Layers::default();
            let set = format!("{}={value}", key.path);
            alone.set(&set);
            // A text of blanks, or of nothing between quotes, is none.
            if alone.resolve().is_ok() {
                layers.set(&set);
            }
        }
        let printed = layers.resolve().unwrap();
        let read = file(printed.to_yaml()).unwrap();
        for (a, b) in printed.entries().iter().zip(read.entries()) {
            prop_assert_eq!(&a.value, &b.value, "{}", a.key.path);
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[a-z:\\[\\]{}&*!|>'\"#%@,?\n \t-]{0,80}") {
        let _outcome = file(text);
    }
}
