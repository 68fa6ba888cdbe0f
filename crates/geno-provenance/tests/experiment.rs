//! Experiment manifests: every verdict of the Python package `pytyche` 0.2.1, and our own rules.

use std::fs;

use geno_core::{Coded, ErrorCode};
use geno_provenance::{
    DataProvenance, ExperimentDialect, ExperimentError, ExperimentManifest, Json, JsonError,
    indented_json, validate_experiment, write_experiment,
};
use proptest::prelude::*;

const GOLDEN: &[u8] = include_bytes!("../../../fixtures/parity/experiment_manifest_golden.json");

const VALID: &str = r#"{
    "manifest_schema_version": 1,
    "experiment_id": "2026-01-02T03:04:05_abc1234",
    "timestamp_utc": "2026-01-02T03:04:05.000001+00:00",
    "git": {"sha": "SHA1", "dirty": false, "branch": "main"},
    "env": {"rustc": "rustc 1.95.0"},
    "params": {"lr": 0.1},
    "data_provenance": {"kind": "external", "hashes": {"ref.fa": "sha256:HEX", "a.vcf": "HEX"}},
    "geno_lewm": {}
}"#;

fn valid() -> String {
    VALID
        .replace("SHA1", &"a".repeat(40))
        .replace("HEX", &"0".repeat(64))
}

fn golden(section: &str) -> Vec<Json> {
    match Json::parse(GOLDEN).unwrap().get(section) {
        Some(Json::Array(cases)) => cases.clone(),
        _ => panic!("no section {section}"),
    }
}

fn text<'a>(case: &'a Json, key: &str) -> &'a str {
    case.get(key).and_then(Json::as_str).unwrap()
}

/// The fields that a message of the Python package names, by the path we use.
fn named(message: &str) -> Vec<String> {
    if message.starts_with("manifest must be") {
        return Vec::new();
    }
    if message.starts_with("data_provenance") {
        let part = ["'hashes'", "seed' field", ".seed", "'kind'"]
            .iter()
            .find(|part| message.contains(**part));
        let name = match part {
            Some(_) if message.contains("must be a dict with") => "data_provenance",
            Some(&"'hashes'") => "data_provenance.hashes",
            Some(&"'kind'") => "data_provenance.kind",
            Some(_) => "data_provenance.seed",
            None => panic!("{message}"),
        };
        return vec![name.to_owned()];
    }
    let (_, list) = message.rsplit_once(": ").unwrap();
    list.split(", ").map(str::to_owned).collect()
}

#[test]
fn every_verdict_of_pytyche_is_reproduced_with_the_fields_it_names() {
    let cases = golden("validate");
    assert_eq!(cases.len(), 28);
    for case in &cases {
        let name = text(case, "name");
        let document = Json::parse(text(case, "input").as_bytes()).unwrap();
        let verdict = validate_experiment(&document, ExperimentDialect::Pytyche);
        match case.get("valid") {
            Some(Json::Bool(true)) => {
                assert_eq!(verdict, Ok(()), "{name}");
                let written = indented_json(&document) + "\n";
                assert_eq!(written, text(case, "written_bytes"), "{name}");
            }
            _ => {
                let error = verdict.unwrap_err();
                assert_eq!(error.fields(), named(text(case, "message")), "{name}");
            }
        }
    }
}

#[test]
fn files_are_written_as_pytyche_writes_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("manifest.json");
    let cases = golden("write");
    assert_eq!(cases.len(), 6);
    for case in &cases {
        let Json::Array(case) = case else {
            panic!("no pair")
        };
        let [Json::String(input), Json::String(written)] = &case[..] else {
            panic!("no pair")
        };
        match Json::parse(input.as_bytes()) {
            Ok(document) => {
                write_experiment(&document, &path).unwrap();
                assert_eq!(&fs::read_to_string(&path).unwrap(), written);
            }
            // Overruled: pytyche writes NaN, which no other reader of JSON takes.
            Err(error) => {
                assert!(matches!(error, JsonError::NotFinite { .. }), "{input}");
                assert!(input.contains("NaN"));
            }
        }
    }
}

#[test]
fn the_folder_of_a_manifest_must_exist() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none/manifest.json");
    let error = write_experiment(&Json::object::<&str>([]), &path).unwrap_err();
    assert_eq!(error.code(), ErrorCode::ResourceIo);
}

#[test]
fn our_dialect_checks_what_stands_in_the_fields() {
    assert!(ExperimentManifest::parse(valid().as_bytes()).is_ok());
    let hash = format!("\"a.vcf\": \"{}\"", "0".repeat(64));
    let cases: &[(&str, &str, &str)] = &[
        (
            "\"manifest_schema_version\": 1",
            "\"manifest_schema_version\": 2",
            "manifest_schema_version",
        ),
        (
            "\"manifest_schema_version\": 1",
            "\"manifest_schema_version\": 1.0",
            "manifest_schema_version",
        ),
        ("\"2026-01-02T03:04:05_abc1234\"", "\"\"", "experiment_id"),
        ("+00:00", "+01:00", "timestamp_utc"),
        ("\"2026-01-02T03:04:05.000001+00:00\"", "0", "timestamp_utc"),
        (&"a".repeat(40), &"a".repeat(39), "git.sha"),
        (&"a".repeat(40), &"A".repeat(40), "git.sha"),
        ("false", "0", "git.dirty"),
        ("\"main\"", "null", "git.branch"),
        ("\"branch\"", "\"tag\"", "git.branch"),
        ("\"dirty\"", "\"clean\": true, \"dirty\"", "git.clean"),
        ("\"rustc 1.95.0\"", "1", "env.rustc"),
        ("{\"lr\": 0.1}", "[]", "params"),
        (
            &hash,
            "\"a.vcf\": \"md5:0\"",
            "data_provenance.hashes.a.vcf",
        ),
        ("\"kind\"", "\"more\": 1, \"kind\"", "data_provenance.more"),
        ("\"geno_lewm\": {}", "\"geno_lewm\": 5", "geno_lewm"),
        ("\"geno_lewm\": {}", "\"pytyche\": {}", "pytyche"),
    ];
    for (from, to, field) in cases {
        let valid = valid();
        assert!(valid.contains(from), "{from}");
        let error = ExperimentManifest::parse(valid.replace(from, to).as_bytes()).unwrap_err();
        assert_eq!(error.fields(), [*field], "{error:?}");
    }
}

#[test]
fn another_version_of_the_schema_has_its_own_code() {
    let later = valid().replace("version\": 1", "version\": 2");
    let error = ExperimentManifest::parse(later.as_bytes()).unwrap_err();
    assert!(matches!(error, ExperimentError::Version { .. }));
    assert_eq!(error.code(), ErrorCode::ConfigSchemaIncompat);
}

#[test]
fn building_does_not_validate_and_always_has_our_key() {
    let mut manifest = ExperimentManifest::parse(valid().as_bytes()).unwrap();
    manifest.experiment_id = String::new();
    manifest.data_provenance = DataProvenance::External { hashes: [].into() };
    let document = manifest.to_json();
    assert_eq!(document.get("geno_lewm"), Some(&Json::object::<&str>([])));
    let error = validate_experiment(&document, ExperimentDialect::GenoLewm).unwrap_err();
    assert_eq!(error, ExperimentError::NoHashes);
}

proptest! {
    #[test]
    fn what_is_built_is_read_again(
        id in "[^\\p{Cc}]{1,12}", seed: i64, key in any::<String>(), fact in any::<String>(),
        micros in 0..1_000_000u32,
    ) {
        let mut manifest = ExperimentManifest::parse(valid().as_bytes()).unwrap();
        manifest.experiment_id = id;
        manifest.timestamp_utc = format!("2026-01-02T03:04:05.{micros:06}+00:00");
        manifest.params.insert(key.clone(), fact.clone().into());
        manifest.extensions.insert(key, fact.into());
        manifest.data_provenance = DataProvenance::Synthetic { seed: seed.into() };
        let written = indented_json(&manifest.to_json());
        prop_assert_eq!(ExperimentManifest::parse(written.as_bytes()), Ok(manifest));
    }

    #[test]
    fn arbitrary_changes_never_panic(
        at in 0..VALID.len(), bytes in prop::collection::vec(any::<u8>(), 0..8),
    ) {
        let mut changed = valid().into_bytes();
        changed.splice(at..at, bytes);
        let _ = ExperimentManifest::parse(&changed);
    }
}
