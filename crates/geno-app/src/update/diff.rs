//! What changes from one manifest to another.

use std::collections::{BTreeMap, BTreeSet};

use geno_provenance::{Json, Manifest, canonical_json};

/// A field of a manifest that two manifests hold differently.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FieldChange {
    /// The path of the field, `predictor.hash`.
    pub field: String,
    /// What the old manifest holds.
    pub old: Option<String>,
    /// What the new manifest holds.
    pub new: Option<String>,
}

/// All fields that differ, by path. Without an old manifest, every field is new.
pub fn manifest_changes(old: Option<&Manifest>, new: &Manifest) -> Vec<FieldChange> {
    let old = old.map(leaves).unwrap_or_default();
    let new = leaves(new);
    let fields: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    fields
        .into_iter()
        .filter(|field| old.get(*field) != new.get(*field))
        .map(|field| FieldChange {
            field: field.clone(),
            old: old.get(field).cloned(),
            new: new.get(field).cloned(),
        })
        .collect()
}

fn leaves(manifest: &Manifest) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    // Canonical JSON of a manifest always reads back.
    if let Ok(json) = Json::parse(&manifest.to_bytes()) {
        collect(String::new(), &json, &mut found);
    }
    found
}

fn collect(path: String, value: &Json, found: &mut BTreeMap<String, String>) {
    match value {
        Json::Object(fields) => {
            for (key, value) in fields {
                let path = match path.as_str() {
                    "" => key.clone(),
                    path => format!("{path}.{key}"),
                };
                collect(path, value, found);
            }
        }
        Json::Null => {}
        Json::String(text) => {
            found.insert(path, text.clone());
        }
        other => {
            let text = String::from_utf8_lossy(&canonical_json(other)).into_owned();
            found.insert(path, text);
        }
    }
}
