//! What a document says against what the files give.

use geno_provenance::{Artifact, Json};

use super::release::Release;

/// Where a value is not as expected, as paths of fields. Fields that nobody expects are passed over.
pub(super) fn differences(expected: &Json, stated: &Json) -> Vec<String> {
    let mut at = Vec::new();
    collect(expected, stated, "", &mut at);
    at
}

fn collect(expected: &Json, stated: &Json, place: &str, at: &mut Vec<String>) {
    match (expected, stated) {
        (Json::Object(fields), Json::Object(there)) => {
            for (name, value) in fields {
                let place = match place {
                    "" => name.clone(),
                    _ => format!("{place}.{name}"),
                };
                match there.get(name) {
                    Some(there) => collect(value, there, &place, at),
                    None => at.push(place),
                }
            }
        }
        (Json::Array(items), Json::Array(there)) if items.len() == there.len() => {
            for (i, (item, there)) in items.iter().zip(there).enumerate() {
                collect(item, there, &format!("{place}[{i}]"), at);
            }
        }
        _ if expected == stated => {}
        _ => at.push(place.to_owned()),
    }
}

impl Release {
    /// Whether a document says what the files give.
    pub(super) fn compare(&mut self, path: &str, code: &str, expected: &Json, stated: &Json) {
        for field in differences(expected, stated) {
            self.error(code, path, format!("`{field}` is not what the files give"));
        }
    }

    /// The same of a document that says nothing else.
    pub(super) fn compare_whole(&mut self, path: &str, code: &str, expected: &Json, stated: &Json) {
        self.compare(path, code, expected, stated);
        if *expected != *stated && differences(expected, stated).is_empty() {
            self.error(code, path, "says more than the files give");
        }
    }

    /// `{path, sha256, size_bytes}` of the file of a public name, under the name that the document has for it.
    pub(super) fn identity(&mut self, file: &str, name: &str) -> Option<Json> {
        let observed = self.observe(file)?;
        Some(Json::object(identity_fields(&observed, name)))
    }
}

/// The fields of a file under another name.
pub(super) fn identity_fields(file: &Artifact, name: &str) -> [(&'static str, Json); 3] {
    let [_, digest, size] = file.fields();
    [("path", name.into()), digest, size]
}

/// A document with more fields.
pub(super) fn with<const N: usize>(document: Json, more: [(&str, Json); N]) -> Json {
    let Json::Object(mut fields) = document else {
        return document;
    };
    fields.extend(more.map(|(name, value)| (name.to_owned(), value)));
    Json::Object(fields)
}

/// Some fields of a document, those that it has.
pub(super) fn only(document: &Json, names: &[&str]) -> Json {
    let fields = names
        .iter()
        .filter_map(|&name| Some((name, document.get(name)?.clone())));
    Json::object(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_expected_is_compared() {
        let json = |text: &str| Json::parse(text.as_bytes()).unwrap();
        let expected = json(r#"{"a": {"b": [1, 2.0]}, "c": 1, "d": null}"#);
        let stated = json(r#"{"a": {"b": [1, 2], "x": 0}, "c": 1}"#);
        assert_eq!(differences(&expected, &stated), ["a.b[1]", "d"]);
    }
}
