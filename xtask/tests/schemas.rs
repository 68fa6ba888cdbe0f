//! The schemas accept what the readers accept, and refuse what they refuse.

use geno_eval::{MetricsDocument, ReadDocumentError, RowError};
use geno_provenance::{
    Envelope, ExperimentManifest, FieldError, Json, Manifest, ReadEnvelopeError, Receipt,
    ReceiptReader, canonical_json,
};
use jsonschema::Validator;
use serde_json::Value;

const MANIFEST: &[u8] = include_bytes!("../../fixtures/parity/model/manifest.json");
const RECEIPTS: &[u8] = include_bytes!("../../fixtures/parity/receipts.jsonl");
const PROVENANCE: &[u8] = include_bytes!("../../fixtures/parity/provenance_golden.json");
const EXPERIMENTS: &[u8] = include_bytes!("../../fixtures/parity/experiment_manifest_golden.json");
const METRICS: &[u8] = include_bytes!("../../fixtures/records/metrics.json");
const ENVELOPE: &[u8] = include_bytes!("../../fixtures/records/envelope.json");

/// A receipt with a digest, as version 0.3 writes them; whether the digest fits is not its form.
const SEALED: &str = r#"{
    "schema_version": "1.0.0", "model_id": "H", "input_commitment": "H", "output_commitment": "H",
    "output": {
        "bucket_id": "*", "confidence": 1.0, "low_confidence": false,
        "sigma_calibrated": 0.25, "sigma_raw": 0.5
    },
    "calibration_hash": "H",
    "runtime": {
        "backend": "cpu", "carbon_revision": "r1", "device": "cpu/x86_64",
        "geno_lewm_version": "0.3.0"
    },
    "timestamp": "2026-01-02T03:04:05Z",
    "provenance": {
        "kind": "checksum_only", "details": {"receipt_digest": "H", "row_index": 1}
    }
}"#;

/// What stands in for every value, to see whether its type is checked.
const OTHERS: [&str; 10] = [
    "null",
    "true",
    "-1",
    "1.5",
    "\"\"",
    "\"a\\u0000b\"",
    "\"../a\"",
    "\"text\"",
    "[]",
    "{}",
];

fn schema(name: &str) -> Validator {
    let mut schemas = geno_provenance::schemas();
    schemas.push(("metrics", geno_eval::metrics_schema()));
    let (_, schema) = schemas.iter().find(|(known, _)| *known == name).unwrap();
    jsonschema::validator_for(schema).unwrap()
}

/// Whether a document is valid, on which schema and reader must agree.
fn verdict(document: &Json, schema: &Validator, reads: impl Fn(&[u8]) -> bool) -> bool {
    let mut bytes = canonical_json(document);
    let value: Value = serde_json::from_slice(&bytes).unwrap();
    bytes.push(b'\n');
    let read = reads(&bytes);
    let text = String::from_utf8_lossy(&bytes);
    assert_eq!(
        schema.is_valid(&value),
        read,
        "the reader says {read} to {text}"
    );
    read
}

/// Every document that is one step away: a key less, a key more, another value.
fn neighbours(document: &Json) -> Vec<Json> {
    let others = OTHERS
        .iter()
        .map(|text| Json::parse(text.as_bytes()).unwrap());
    let mut found: Vec<Json> = others.collect();
    match document {
        Json::Object(fields) => {
            let mut more = fields.clone();
            more.insert("unknown key".to_owned(), Json::Null);
            found.push(Json::Object(more));
            for (key, field) in fields {
                let mut less = fields.clone();
                less.remove(key);
                found.push(Json::Object(less));
                for neighbour in neighbours(field) {
                    let mut other = fields.clone();
                    other.insert(key.clone(), neighbour);
                    found.push(Json::Object(other));
                }
            }
        }
        Json::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                for neighbour in neighbours(item) {
                    let mut other = items.clone();
                    other[i] = neighbour;
                    found.push(Json::Array(other));
                }
            }
        }
        _ => {}
    }
    found
}

/// Compares the verdicts on a valid document and on everything one step away from it.
fn agree_around(valid: &[u8], name: &str, reads: impl Fn(&[u8]) -> bool) {
    let (document, schema) = (Json::parse(valid).unwrap(), schema(name));
    assert!(verdict(&document, &schema, &reads), "the {name} is valid");
    let neighbours = neighbours(&document);
    let n_valid = neighbours
        .iter()
        .filter(|neighbour| verdict(neighbour, &schema, &reads))
        .count();
    assert!(
        n_valid > 0 && n_valid * 2 < neighbours.len(),
        "{n_valid} of {name}"
    );
}

fn cases(golden: &[u8], section: &str) -> Vec<Json> {
    match Json::parse(golden).unwrap().get(section) {
        Some(Json::Array(cases)) => cases.clone(),
        _ => panic!("no section {section}"),
    }
}

fn text<'a>(case: &'a Json, key: &str) -> &'a str {
    case.get(key).and_then(Json::as_str).unwrap()
}

#[test]
fn manifests_agree() {
    agree_around(MANIFEST, "manifest", |bytes| Manifest::parse(bytes).is_ok());
}

#[test]
fn receipts_agree() {
    let sealed = SEALED.replace("\"H\"", &format!("\"sha256:{}\"", "0".repeat(64)));
    let unsealed = ReceiptReader::new(RECEIPTS).next().unwrap().unwrap();
    let reads = |bytes: &[u8]| Receipt::parse(bytes).is_ok();
    agree_around(sealed.as_bytes(), "receipt", reads);
    agree_around(&unsealed.to_line(), "receipt", reads);
}

#[test]
fn envelopes_agree() {
    agree_around(ENVELOPE, "envelope", |bytes| match Envelope::parse(bytes) {
        // No schema counts the files, and none knows an order.
        Ok(_)
        | Err(
            ReadEnvelopeError::Count { .. } | ReadEnvelopeError::Field(FieldError::Unsorted { .. }),
        ) => true,
        Err(_) => false,
    });
}

#[test]
fn metrics_agree() {
    let reads = |bytes: &[u8]| match MetricsDocument::parse(bytes) {
        // No schema compares two numbers, two digests or two rows.
        Ok(_)
        | Err(
            ReadDocumentError::Twice { .. }
            | ReadDocumentError::Row {
                source: RowError::Ends { .. } | RowError::OtherVariants | RowError::OtherVerdict,
                ..
            },
        ) => true,
        Err(_) => false,
    };
    agree_around(METRICS, "metrics", reads);
    // Without anything that a document may lack, as the Python package writes of one metric.
    let least = r#"{"schema_version": "1.0.0", "generated_by": "geno-lewm-eval-all", "generated_at": "t",
        "metrics": [{"name": "a", "value": 1, "split": "s", "unit": "u", "higher_is_better": true}],
        "artifacts": {}, "limitations": ["l"], "negative_findings": ["f"], "conclusions": ["c"]}"#;
    agree_around(least.as_bytes(), "metrics", reads);
}

#[test]
fn experiment_manifests_agree() {
    let reads = |bytes: &[u8]| ExperimentManifest::parse(bytes).is_ok();
    let schema = schema("experiment-manifest");
    let (mut n_compared, mut n_valid) = (0, 0);
    for case in cases(EXPERIMENTS, "validate") {
        // To JSON Schema 1.0 is an integer; to the reader it is not.
        if text(&case, "name") == "invalid_seed_float" {
            continue;
        }
        let ours = text(&case, "input").replace("\"pytyche\"", "\"geno_lewm\"");
        let document = Json::parse(ours.as_bytes()).unwrap();
        n_compared += 1;
        if verdict(&document, &schema, reads) {
            n_valid += 1;
            agree_around(ours.as_bytes(), "experiment-manifest", reads);
        }
    }
    assert_eq!((n_compared, n_valid), (27, 2));
}

#[test]
fn goldens_of_manifests_and_receipts_agree() {
    let compare = |section, name, reads: fn(&[u8]) -> bool| {
        let schema = schema(name);
        let cases = cases(PROVENANCE, section);
        // What is not JSON at all no schema sees, and later editions have other keys.
        let is_first = |document: &Json| {
            let version = document.get("schema_version").and_then(Json::as_str);
            version.is_none_or(|version| !version.starts_with("1.1"))
        };
        let documents = cases
            .iter()
            .filter_map(|case| Json::parse(text(case, "text").as_bytes()).ok())
            .filter(is_first);
        let verdicts: Vec<bool> = documents
            .map(|document| verdict(&document, &schema, reads))
            .collect();
        assert!(verdicts.len() > 20 && verdicts.contains(&true), "{section}");
    };
    compare("manifests", "manifest", |bytes| {
        Manifest::parse(bytes).is_ok()
    });
    compare("receipts", "receipt", |bytes| Receipt::parse(bytes).is_ok());
}
