//! Manifests name the field they fail at.

use std::error::Error;

use geno_core::{Coded, ErrorCode};
use geno_provenance::{FieldError, JsonKind, Manifest, ReadManifestError};
use proptest::prelude::*;

const MANIFEST: &str = include_str!("../../../fixtures/parity/model/manifest.json");

fn error(from: &str, to: &str) -> ReadManifestError {
    let changed = MANIFEST.replacen(from, to, 1);
    assert_ne!(changed, MANIFEST, "{from} does not occur");
    Manifest::parse(changed.as_bytes()).unwrap_err()
}

fn field_message(error: ReadManifestError) -> String {
    assert_eq!(error.code(), ErrorCode::InputGeneric);
    error.source().map(ToString::to_string).unwrap_or_default()
}

#[test]
fn fields_are_named_by_their_path() {
    let cases = [
        (("\"id\":", "\"if\":"), "field `encoder.id` is missing"),
        (
            ("\"id\":", "\"a\":1,\"id\":"),
            "field `encoder.a` is unknown",
        ),
        (
            ("\"training_config.yaml\"", "7"),
            "field `training.config_file` is not a string",
        ),
        (
            ("{\"snapshot\":", "{\"snapshot\":7,\"s\":"),
            "field `training.data_snapshot.snapshot` is not a string",
        ),
        (
            ("\"parity-r1\"", "\"\""),
            "field `encoder.revision` is no label",
        ),
        (
            ("\"parity-r1\"", "\"a\\u001f\""),
            "field `encoder.revision` is no label",
        ),
        (
            ("sha256:9b52", "sha256:9B52"),
            "field `predictor.hash` is no digest",
        ),
        (
            ("\"eval_report.md\"", "\"../eval_report.md\""),
            "field `eval.file` is no path inside the directory",
        ),
        (
            ("\"parity-tiny\"", "null"),
            "field `model_name` is not a string",
        ),
    ];
    for ((from, to), message) in cases {
        assert_eq!(field_message(error(from, to)), message);
    }
}

#[test]
fn a_document_that_is_no_object_is_refused() {
    let field = "document".to_owned();
    let expected = JsonKind::Object;
    let error = ReadManifestError::Field(FieldError::WrongType { field, expected });
    assert_eq!(Manifest::parse(b"[]"), Err(error));
}

#[test]
fn another_schema_is_told_before_anything_else() {
    let error = Manifest::parse(br#"{"schema_version":"2.0.0","new":1}"#).unwrap_err();
    assert_eq!(error.code(), ErrorCode::ConfigSchemaIncompat);
}

#[test]
fn files_are_listed_with_their_sections() {
    let manifest = Manifest::parse(MANIFEST.as_bytes()).unwrap();
    let files = manifest
        .files()
        .map(|(section, path, _)| (section, path.to_string()));
    let expected = [
        ("predictor", "predictor.safetensors"),
        ("action_encoder", "action_encoder.safetensors"),
        ("calibration", "calibration.parquet"),
        ("training", "training_config.yaml"),
        ("eval", "eval_report.md"),
    ];
    assert_eq!(
        files,
        expected.map(|(section, path)| (section, path.to_owned()))
    );
}

proptest! {
    #[test]
    fn what_is_read_is_written_and_read_again(
        name in "[^\\p{Cc}]{1,12}", file in "[a-z]{1,8}(/[a-z.]{3,8})?", fact in "[^\\p{Cc}]{1,12}",
    ) {
        let mut manifest = Manifest::parse(MANIFEST.as_bytes()).unwrap();
        manifest.model_name = geno_provenance::Label::new(name).unwrap();
        if let Ok(path) = geno_provenance::PublicPath::new(file) {
            manifest.predictor.file = path;
        }
        let fact = geno_provenance::Label::new(fact).unwrap();
        manifest.training.data_snapshot.insert(fact.clone(), fact);
        let read = Manifest::parse(&manifest.to_bytes());
        prop_assert_eq!(read, Ok(manifest));
    }

    #[test]
    fn arbitrary_changes_never_panic(
        at in 0..MANIFEST.len(), bytes in prop::collection::vec(any::<u8>(), 0..8),
    ) {
        let mut changed = MANIFEST.as_bytes().to_vec();
        changed.splice(at..at, bytes);
        let _ = Manifest::parse(&changed);
        let _ = geno_provenance::Receipt::parse(&changed);
    }
}
