//! JSON Schemas of the documents, from the types that read and write them.
//!
//! A schema says the form of a document. What no schema can say, such as that a digest fits, that
//! a day exists or that bytes are canonical, stays with the readers.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use crate::{
    Commit, ENVELOPE_SCHEMA, EXPERIMENT_SCHEMA, Envelope, ExperimentManifest, GitSha, Integer,
    Json, Label, MANIFEST_SCHEMA, Manifest, PublicPath, RECEIPT_SCHEMA, Receipt, Timestamp,
};

/// The JSON Schema (draft 2020-12) of each kind of document, by its name.
///
/// | name | document |
/// |---|---|
/// | `manifest` | the manifest of a model directory |
/// | `receipt` | the receipt of one score |
/// | `experiment-manifest` | the manifest of an experiment, in our dialect |
/// | `envelope` | the reproducibility envelope of a run |
pub fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        ("manifest", of::<Manifest>()),
        ("receipt", of::<Receipt>()),
        ("experiment-manifest", of::<ExperimentManifest>()),
        ("envelope", of::<Envelope>()),
    ]
}

fn of<T: JsonSchema>() -> Value {
    SchemaGenerator::default()
        .into_root_schema_for::<T>()
        .into()
}

/// A type whose schema is a text that fits a pattern.
macro_rules! text {
    ($($name:ident, $description:literal, $pattern:expr;)*) => {$(
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "description": $description,
                    "pattern": $pattern,
                })
            }
        }
    )*};
}

/// Text without control characters.
const LABEL: &str = r"^[^\u0000-\u001f\u007f-\u009f]+$";
/// Parts between single `/`, none of them `.` or `..`, without backslash, colon and control
/// characters, the first not beginning with `~`.
const PATH: &str = concat!(
    r"^(?!~)(?!.{513})(?!(?:.*/)?\.{1,2}(?:/|$))",
    r"[^/\\:\u0000-\u001f\u007f-\u009f]+(?:/[^/\\:\u0000-\u001f\u007f-\u009f]+)*$"
);
const SECOND: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$";
const UTC_TIME: &str = concat!(
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}",
    r"(?:\.[0-9]{1,9})?(?:Z|\+00:00)$"
);

/// A digest as an experiment manifest may spell it.
pub(crate) struct DigestWithOrWithoutPrefix;

text! {
    Label, "A text that is not empty and holds no control character.", LABEL;
    PublicPath, "A relative path with `/` between its parts that stays inside its folder.", PATH;
    GitSha, "The full name of a commit.", "^(?:[0-9a-f]{40}|[0-9a-f]{64})$";
    Timestamp, "A second in UTC, from 1970 to 9999.", SECOND;
    DigestWithOrWithoutPrefix, "A SHA-256 digest, with or without `sha256:`.",
        "^(?:sha256:)?[0-9a-f]{64}$";
}

impl JsonSchema for Json {
    fn schema_name() -> Cow<'static, str> {
        "Json".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        true.into()
    }
}

impl JsonSchema for Integer {
    fn schema_name() -> Cow<'static, str> {
        "Integer".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer" })
    }
}

pub(crate) fn commit_or_null(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<Option<Commit>>()
}

pub(crate) fn utc_time(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": UTC_TIME })
}

/// Adds a field that the type does not hold, since it is always the same or follows from others.
fn add(schema: &mut Schema, key: &str, field: Value) {
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.insert(key.to_owned(), field);
    }
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        required.insert(0, key.into());
    }
}

pub(crate) fn add_manifest_version(schema: &mut Schema) {
    add(
        schema,
        "schema_version",
        json!({ "const": MANIFEST_SCHEMA }),
    );
}

pub(crate) fn add_envelope_version(schema: &mut Schema) {
    add(
        schema,
        "schema_version",
        json!({ "const": ENVELOPE_SCHEMA }),
    );
}

pub(crate) fn add_experiment_version(schema: &mut Schema) {
    let version = json!({ "type": "integer", "const": EXPERIMENT_SCHEMA });
    add(schema, "manifest_schema_version", version);
}

pub(crate) fn add_artifact_count(schema: &mut Schema) {
    let count = json!({
        "type": "integer",
        "minimum": 0,
        "description": "How many files were read.",
    });
    add(schema, "artifact_count", count);
}

/// Adds a field that may be left out, and is never null.
pub(crate) fn add_layout(schema: &mut Schema) {
    let layout = json!({
        "$ref": "#/$defs/Label",
        "description": "How windows were laid over it, if they were.",
    });
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.insert("layout".to_owned(), layout);
    }
}

/// Adds the schema version and the provenance, where the digest of a sealed receipt stands.
///
/// Receipts of versions up to 0.2 may be without a digest.
pub(crate) fn complete_receipt(schema: &mut Schema) {
    let digest = json!({ "$ref": "#/$defs/Digest" });
    let provenance = json!({
        "type": "object",
        "required": ["kind"],
        "properties": {
            "kind": { "const": "checksum_only" },
            "details": {
                "type": ["object", "null"],
                "description": "Free facts, and in a sealed receipt its digest.",
                "properties": { "receipt_digest": digest },
            },
        },
        "additionalProperties": false,
    });
    add(schema, "provenance", provenance);
    add(schema, "schema_version", json!({ "const": RECEIPT_SCHEMA }));

    let unsealed_version = json!({
        "properties": {
            "runtime": {
                "type": "object",
                "properties": { "geno_lewm_version": { "type": "string", "pattern": r"^0\.[0-2]\." } },
                "required": ["geno_lewm_version"],
            },
        },
        "required": ["runtime"],
    });
    let sealed = json!({
        "properties": {
            "provenance": {
                "type": "object",
                "properties": { "details": { "type": "object", "required": ["receipt_digest"] } },
                "required": ["details"],
            },
        },
        "required": ["provenance"],
    });
    let to_the_second = json!({ "properties": { "timestamp": { "pattern": SECOND } } });
    let rules = json!([
        { "if": { "not": unsealed_version }, "then": sealed },
        { "if": sealed, "then": to_the_second },
    ]);
    schema.insert("allOf".to_owned(), rules);
}
