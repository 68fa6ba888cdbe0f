//! The first thing in which two identities differ.

use geno_core::{Coded, ErrorCode};
use serde::Serialize;
use serde_json::Value;

/// A value that two identities do not share.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{key}` is {there}, not {asked}")]
pub struct IdentityDifference {
    /// The key, such as `states.encoder.weights`.
    pub key: String,
    /// What a folder or a checkpoint has, as JSON.
    pub there: String,
    /// What was asked for, as JSON.
    pub asked: String,
}

impl IdentityDifference {
    /// The first value that differs, in the order of the keys; none if nothing does.
    pub(crate) fn between<T: Serialize>(there: &T, asked: &T) -> Option<Self> {
        let json = |value| serde_json::to_value(value).expect("texts, numbers and maps");
        find(String::new(), &json(there), &json(asked))
    }
}

impl Coded for IdentityDifference {
    fn code(&self) -> ErrorCode {
        ErrorCode::ConfigGeneric
    }
}

fn find(key: String, there: &Value, asked: &Value) -> Option<IdentityDifference> {
    if there == asked {
        return None;
    }
    if let (Value::Object(a), Value::Object(b)) = (there, asked) {
        let inside = |name: &String| match key.as_str() {
            "" => name.clone(),
            key => format!("{key}.{name}"),
        };
        let value = |side: &serde_json::Map<String, Value>, name| {
            side.get(name).cloned().unwrap_or(Value::Null)
        };
        let mut names: Vec<&String> = a.keys().chain(b.keys()).collect();
        names.sort_unstable();
        return names
            .into_iter()
            .find_map(|name| find(inside(name), &value(a, name), &value(b, name)));
    }
    Some(IdentityDifference {
        key,
        there: there.to_string(),
        asked: asked.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_difference_is_named() {
        let found = |a: Value, b: Value| {
            let found = IdentityDifference::between(&a, &b);
            found.map(|difference| difference.to_string())
        };
        assert_eq!(found(json!({"a": {"b": 1}}), json!({"a": {"b": 1}})), None);
        let difference = found(
            json!({"a": {"b": 1, "c": 2}}),
            json!({"a": {"b": 1, "c": 3}}),
        );
        assert_eq!(difference.as_deref(), Some("`a.c` is 2, not 3"));
        let missing = found(json!({"inputs": {}}), json!({"inputs": {"fasta": "x"}}));
        assert_eq!(
            missing.as_deref(),
            Some("`inputs.fasta` is null, not \"x\"")
        );
        let other = found(json!({"tuples": null}), json!({"tuples": {"epochs": 1}}));
        assert_eq!(
            other.as_deref(),
            Some("`tuples` is null, not {\"epochs\":1}")
        );
    }

    #[test]
    fn a_number_that_was_written_does_not_differ_from_itself() {
        for number in [0.1 + 0.2, 1.0 / 3.0, 5e-324, 0.1f64.powi(7)] {
            let written = serde_json::to_string(&[number]).unwrap();
            let read: [f64; 1] = serde_json::from_str(&written).unwrap();
            assert_eq!(IdentityDifference::between(&read, &[number]), None);
        }
    }
}
