//! Layers of configuration, and what is made from the table of keys.

use std::{ffi::OsString, fs, path::Path};

use geno_app::{
    LogFormat,
    config::{
        ConfigError, Effective, KEYS, Kind, Layers, Origin, Value, Warning, explain, json_schema,
    },
};
use geno_core::{Coded, ErrorCode, Severity};
use proptest::prelude::*;

/// Resolves one file with these contents.
fn file(text: impl AsRef<[u8]>) -> Result<Effective, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.yaml");
    fs::write(&path, text).unwrap();
    let mut layers = Layers::default();
    layers.file(&path);
    layers.resolve()
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
    assert_eq!(settings.observability.log_level, Some(Severity::Debug));
    assert_eq!(settings.observability.log_format, LogFormat::Json);
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
            "`--seed` has no effect on `score`: read by calibrate, plan, windows, tuples, targets, pretrain, encoder, train, benchmark",
            "`--set encoder.dtype=fp32` has no effect on `score`: read by train, and a model's own configuration",
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
        "auto, native, cpu, ",
        "GENO_LEWM_RUNTIME_BACKEND",
        "score, predict, rollout, verify, calibrate, plan, cache-windows, targets, pretrain, demo, experiment, train",
    ] {
        assert!(text.contains(part), "{text}");
    }
    assert_eq!(explain("score").unwrap().matches("default:").count(), 5);
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
        Kind::Bytes => "[1-9][0-9]{0,6}[KMGkmg]?".boxed(),
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
