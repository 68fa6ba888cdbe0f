//! What the JSON Schema of a document says beside what its types do.

use schemars::Schema;
use serde_json::{Map, Value, json};

use super::{Verdict, comparison::DELTA_ENDS};
use crate::report::SCHEMA_VERSION;

/// The version, and what is known of model, data and machine.
pub(super) fn complete_document(schema: &mut Schema) {
    add(schema, "schema_version", json!({ "const": SCHEMA_VERSION }));
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        required.insert(0, "schema_version".into());
    }
    add(schema, "model_id", json!({ "$ref": "#/$defs/Digest" }));
    for key in ["model_release", "dataset_snapshot", "commit", "hardware"] {
        let nullable = json!({ "anyOf": [{ "$ref": "#/$defs/Label" }, { "type": "null" }] });
        add(schema, key, nullable);
    }
}

/// A baseline comes with its numbers, and with the variants of both.
pub(super) fn complete_metric(schema: &mut Schema) {
    let (own, theirs) = (
        "evaluated_variant_keys_sha256",
        "baseline_evaluated_variant_keys_sha256",
    );
    add(schema, theirs, json!({ "$ref": "#/$defs/Digest" }));
    add_baseline(schema, "delta_vs_baseline", &[own, theirs]);
    need(schema, theirs, &["baseline"]);
    add_ends(schema, ["ci_low", "ci_high"]);
}

/// An interval comes with its verdict, and the verdict with its interval.
pub(super) fn complete_comparison(schema: &mut Schema) {
    add_number(schema, "p_value_delong");
    add_ends(schema, DELTA_ENDS);
    let [low, _] = DELTA_ENDS;
    need(schema, low, &["verdict"]);
    let words: Vec<Value> = Verdict::ALL.map(|verdict| verdict.as_str().into()).into();
    let or_none = [&words[..], &[Value::Null]].concat();
    add(schema, "verdict", json!({ "enum": or_none }));
    let verdicts = |all: &[Value]| json!({ "properties": { "verdict": { "enum": all } } });
    let rule = json!({
        "if": { "required": [low] },
        "then": verdicts(&words),
        "else": verdicts(&[Value::Null]),
    });
    schema.insert("allOf".to_owned(), json!([rule]));
}

/// What a class with too few variants lacks.
pub(super) fn complete_stratum(schema: &mut Schema) {
    add_number(schema, "value");
    add_baseline(schema, "delta", &[]);
    add_ends(schema, ["ci_low", "ci_high"]);
    add_ends(schema, DELTA_ENDS);
}

fn add_baseline(schema: &mut Schema, delta: &'static str, more: &[&'static str]) {
    add(schema, "baseline", json!({ "$ref": "#/$defs/Label" }));
    let numbers = ["baseline_value", delta];
    for key in numbers {
        add_number(schema, key);
        need(schema, key, &["baseline"]);
    }
    need(schema, "baseline", &[&numbers, more].concat());
}

/// Both ends of an interval, or none.
fn add_ends(schema: &mut Schema, [low, high]: [&'static str; 2]) {
    for (key, other) in [(low, high), (high, low)] {
        add_number(schema, key);
        need(schema, key, &[other]);
    }
}

fn add_number(schema: &mut Schema, key: &'static str) {
    add(schema, key, json!({ "type": "number" }));
}

/// Adds a field that may be left out.
fn add(schema: &mut Schema, key: &'static str, field: Value) {
    entry(schema, "properties").insert(key.to_owned(), field);
}

/// Says that where one field is, others are.
fn need(schema: &mut Schema, key: &'static str, others: &[&'static str]) {
    let needs = entry(schema, "dependentRequired").entry(key);
    if let Value::Array(all) = needs.or_insert_with(|| json!([])) {
        all.extend(others.iter().map(|other| Value::from(*other)));
    }
}

/// An object of the schema, made if it is not there.
fn entry<'a>(schema: &'a mut Schema, key: &'static str) -> &'a mut Map<String, Value> {
    let all = schema.ensure_object();
    let found = all.entry(key).or_insert_with(|| json!({}));
    found
        .as_object_mut()
        .expect("a keyword that holds an object")
}
