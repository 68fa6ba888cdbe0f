//! The table of keys as a JSON Schema.

use serde_json::{Map, Value as Json, json};

use super::{key::Key, keys::KEYS, kind::Kind, value::Value};

/// The JSON Schema of a configuration file (draft 2020-12), for editors.
pub fn json_schema() -> String {
    let mut properties = Map::new();
    for key in KEYS {
        let (section, name) = key.section_and_name();
        let target = match section {
            "" => &mut properties,
            section => {
                let entry = properties.entry(section).or_insert_with(|| {
                    json!({ "type": ["object", "null"], "additionalProperties": false, "properties": {} })
                });
                match entry["properties"].as_object_mut() {
                    Some(properties) => properties,
                    None => continue,
                }
            }
        };
        target.insert(name.to_owned(), key_schema(key));
    }
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuration of geno-lewm",
        "type": ["object", "null"],
        "additionalProperties": false,
        "properties": properties,
    });
    format!("{:#}\n", sorted(schema))
}

fn key_schema(key: &Key) -> Json {
    let names = |names: &[&str]| -> Vec<Json> {
        let synonyms = key.synonyms.iter().map(|(name, _)| *name);
        names
            .iter()
            .copied()
            .chain(synonyms)
            .map(Json::from)
            .collect()
    };
    let mut schema = match key.kind {
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Int { min, max } => {
            json!({ "type": "integer", "minimum": bound(min), "maximum": bound(max) })
        }
        Kind::Bytes => json!({ "anyOf": [
            { "type": "integer", "minimum": 1, "maximum": u64::MAX },
            { "type": "string", "pattern": "^[+]?[1-9][0-9_]*[KMGTkmgt]$" },
        ] }),
        Kind::Float { min, below: None } => json!({ "type": "number", "minimum": min }),
        Kind::Float { min, below } => {
            json!({ "type": "number", "minimum": min, "exclusiveMaximum": below })
        }
        Kind::Text | Kind::Path => json!({ "type": "string", "minLength": 1 }),
        Kind::SchemaVersion => json!({ "type": "string", "pattern": "^1\\." }),
        Kind::Name(allowed) => json!({ "enum": names(allowed) }),
        Kind::Names(allowed) => json!({ "type": "array", "items": { "enum": names(allowed) } }),
        Kind::Texts => {
            json!({ "type": "array", "items": { "type": "string", "minLength": 1 } })
        }
    };
    if key.optional {
        schema = json!({ "anyOf": [schema, { "type": "null" }] });
    }
    schema["description"] = format!("{}. Read by {}.", key.meaning, key.readers).into();
    schema["default"] = default(key);
    schema
}

fn default(key: &Key) -> Json {
    match key.default_value() {
        Value::Null => Json::Null,
        Value::Bool(value) => value.into(),
        Value::Int(value) => bound(value),
        Value::Float(value) => value.into(),
        Value::Text(text) => text.into(),
        Value::Path(path) => path.to_string_lossy().into(),
        Value::List(items) => items.into(),
    }
}

fn bound(value: i128) -> Json {
    match (i64::try_from(value), u64::try_from(value)) {
        (Ok(value), _) => value.into(),
        (_, Ok(value)) => value.into(),
        _ => Json::Null,
    }
}

/// The same with its keys in order, whether or not `serde_json` was built to keep another.
fn sorted(value: Json) -> Json {
    match value {
        Json::Object(fields) => {
            let mut fields: Vec<_> = fields.into_iter().map(|(k, v)| (k, sorted(v))).collect();
            fields.sort_by(|(a, _), (b, _)| a.cmp(b));
            Json::Object(fields.into_iter().collect())
        }
        Json::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}
