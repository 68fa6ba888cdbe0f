//! Editions of a schema: what a later one may add, and how an earlier reader treats it.

use std::collections::BTreeMap;

use geno_core::{Coded, ErrorCode};

use crate::{FieldError, Json, JsonKind};

/// The first edition, whose keys are closed.
const FIRST: &str = "1.0.0";

/// The key under which a later edition names what its readers must understand.
const REQUIRES: &str = "requires";

/// The edition of the schema that a document follows.
///
/// - `1.0.0` has closed keys: every other key is an error.
/// - `1.y.z` with `y > 0` may hold other keys at every level. They are kept, so that digests still
///   cover the document as it was read, and mean nothing here. Keys that a reader must understand
///   stand in the top-level list `requires`, by path, `runtime.enclave`; one that this program
///   does not know is an error.
///
/// A document made here is of the first edition, which is the default.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Edition {
    version: String,
    /// Unknown keys, each at its place, and `requires`.
    unknown: BTreeMap<String, Json>,
}

/// A document that another program has to read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EditionError {
    /// The version is not one of the first major version.
    #[error("schema version is neither {FIRST} nor a later 1.y.z")]
    Version {
        /// What stands in its place.
        found: Json,
    },
    /// The document demands that a key be understood.
    #[error("required key `{key}` is unknown")]
    Required {
        /// Path of the key.
        key: String,
    },
}

impl Coded for EditionError {
    fn code(&self) -> ErrorCode {
        ErrorCode::ConfigSchemaIncompat
    }
}

impl Default for Edition {
    fn default() -> Self {
        Self {
            version: FIRST.to_owned(),
            unknown: BTreeMap::new(),
        }
    }
}

impl Edition {
    /// Takes out of a document what only later editions have, so that the rest is of the first.
    ///
    /// `known` holds the path of every key of the first edition. An object none of whose keys is
    /// in it is a free map, and stays as it is.
    pub(crate) fn take<E>(document: &mut Json, known: &[&str]) -> Result<Self, E>
    where
        E: From<EditionError> + From<FieldError>,
    {
        let Json::Object(fields) = document else {
            // Whoever takes the document apart says so.
            return Ok(Self::default());
        };
        let missing = || FieldError::Missing {
            field: "schema_version".to_owned(),
        };
        let found = fields.get("schema_version").ok_or_else(missing)?;
        let version = match found.as_str() {
            Some(FIRST) => return Ok(Self::default()),
            Some(version) if is_later(version) => version.to_owned(),
            _ => {
                let found = found.clone();
                return Err(EditionError::Version { found }.into());
            }
        };
        if let Some(requires) = fields.get(REQUIRES) {
            check_required::<E>(requires, known)?;
        }
        let unknown = split(fields, "", known);
        Ok(Self { version, unknown })
    }

    /// Puts back what was taken out.
    pub(crate) fn restore(&self, mut document: Json) -> Json {
        merge(&mut document, &self.unknown);
        document
    }

    /// The version, as the document states it.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether the document may hold keys that are unknown here.
    pub fn is_open(&self) -> bool {
        self.version != FIRST
    }
}

/// Whether a version is `1.y.z` with `y > 0`, without leading zeros.
fn is_later(version: &str) -> bool {
    let is_number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits && (text == "0" || !text.starts_with('0'))
    };
    match version.split('.').collect::<Vec<_>>()[..] {
        ["1", minor, patch] => is_number(minor) && minor != "0" && is_number(patch),
        _ => false,
    }
}

fn check_required<E>(requires: &Json, known: &[&str]) -> Result<(), E>
where
    E: From<EditionError> + From<FieldError>,
{
    let wrong_type = || FieldError::WrongType {
        field: REQUIRES.to_owned(),
        expected: JsonKind::Strings,
    };
    let Json::Array(keys) = requires else {
        return Err(wrong_type().into());
    };
    for key in keys {
        let key = key.as_str().ok_or_else(wrong_type)?;
        if !known.contains(&key) {
            let key = key.to_owned();
            return Err(EditionError::Required { key }.into());
        }
    }
    Ok(())
}

/// Removes the unknown keys below a path and returns them, each at its place.
fn split(
    fields: &mut BTreeMap<String, Json>,
    path: &str,
    known: &[&str],
) -> BTreeMap<String, Json> {
    let is_known = |key: &String| known.contains(&&*format!("{path}{key}"));
    let mut unknown: BTreeMap<_, _> = fields.extract_if(.., |key, _| !is_known(key)).collect();
    for (key, field) in fields {
        let below = format!("{path}{key}.");
        let is_section = known.iter().any(|name| name.starts_with(&below));
        if let (Json::Object(inner), true) = (field, is_section) {
            let inner = split(inner, &below, known);
            if !inner.is_empty() {
                unknown.insert(key.clone(), Json::Object(inner));
            }
        }
    }
    unknown
}

fn merge(document: &mut Json, unknown: &BTreeMap<String, Json>) {
    let Json::Object(fields) = document else {
        return;
    };
    for (key, added) in unknown {
        match (fields.get_mut(key), added) {
            (Some(section), Json::Object(inner)) => merge(section, inner),
            _ => drop(fields.insert(key.clone(), added.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_later_editions_of_the_first_major_version_are_read() {
        for version in ["1.1.0", "1.10.3", "1.2.0"] {
            assert!(is_later(version), "{version}");
        }
        for version in [
            "",
            "1",
            "1.1",
            "1.0.1",
            "1.01.0",
            "01.1.0",
            "1.1.00",
            "2.1.0",
            "1.1.0-rc1",
            "1.1.0.0",
            "1.1.",
            "1..0",
            " 1.1.0",
            "1.+1.0",
            "1.-1.0",
            "11.1.0",
        ] {
            assert!(!is_later(version), "{version}");
        }
    }

    #[test]
    fn what_is_taken_out_is_put_back() {
        let text = br#"{"a":{"b":1,"free":{"x":1},"new":[]},"new":{"b":2},"requires":["a.b"],"schema_version":"1.1.0"}"#;
        let document = Json::parse(text).unwrap();
        let mut first = document.clone();
        let known = ["schema_version", "a", "a.b", "a.free"];
        let edition: Edition =
            Edition::take::<crate::ReadManifestError>(&mut first, &known).unwrap();
        let rest = br#"{"a":{"b":1,"free":{"x":1}},"schema_version":"1.1.0"}"#;
        assert_eq!(crate::canonical_json(&first), rest);
        assert_eq!(edition.restore(first), document);
    }
}
