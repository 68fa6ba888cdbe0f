//! The two lists as files: of releases, and of withdrawn models.

use anyhow::{Context, Result, ensure};
use geno_core::Digest;
use geno_provenance::{Label, Timestamp};
use serde_json::{Map, Value, json};

/// The list of releases, in the order in which they came.
#[derive(Default)]
pub(super) struct Releases(Vec<Entry>);

/// One release.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Entry {
    pub(super) model_version: String,
    pub(super) release_id: String,
    pub(super) manifest_url: String,
    pub(super) artifact_base_url: Option<String>,
    pub(super) manifest_sha256: Digest,
    /// What a list of withdrawn models calls it.
    pub(super) model_id: Digest,
    /// Why it was withdrawn.
    pub(super) yanked: Option<String>,
}

impl Releases {
    /// # Errors
    ///
    /// If a field is missing, of another kind, or not one that is written here: nothing is dropped.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self> {
        let document: Map<String, Value> = serde_json::from_slice(bytes)?;
        let listed = document.get("releases").and_then(Value::as_array);
        let listed = listed.context("it has no `releases`")?;
        ensure!(document.len() == 1, "it holds more than `releases`");
        let entry = |(i, value)| Entry::parse(value).with_context(|| format!("`releases[{i}]`"));
        Ok(Self(
            listed
                .iter()
                .enumerate()
                .map(entry)
                .collect::<Result<_>>()?,
        ))
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.0
    }

    /// Adds a release; the same once more changes nothing.
    ///
    /// # Errors
    ///
    /// What is in the way: another release of that name, or of that version.
    pub(super) fn add(&mut self, entry: Entry) -> Result<(), String> {
        let same_name = self.0.iter().find(|old| old.release_id == entry.release_id);
        match same_name {
            Some(old) if *old == entry => Ok(()),
            Some(_) => Err(format!(
                "`{}` is in the list with other contents: a release is never replaced",
                entry.release_id
            )),
            None => {
                self.0.push(entry);
                Ok(())
            }
        }
    }

    /// Withdraws a release, and says by which id its receipts name it.
    ///
    /// # Errors
    ///
    /// Why it cannot be.
    pub(super) fn yank(&mut self, release: &str, reason: &str) -> Result<Digest, String> {
        Label::new(reason).map_err(|error| format!("the reason is refused: {error}"))?;
        let found = self.0.iter_mut().find(|entry| entry.release_id == release);
        let entry = found.ok_or_else(|| format!("there is no release `{release}` in the list"))?;
        match &entry.yanked {
            Some(reason) => Err(format!("`{release}` is withdrawn already: {reason}")),
            None => {
                entry.yanked = Some(reason.to_owned());
                Ok(entry.model_id)
            }
        }
    }

    pub(super) fn to_text(&self) -> String {
        let entries: Vec<Value> = self.0.iter().map(Entry::to_json).collect();
        format!("{:#}\n", json!({ "releases": entries }))
    }
}

impl Entry {
    fn parse(value: &Value) -> Result<Self> {
        let mut fields = value.as_object().context("it is no object")?.clone();
        let mut optional = |name: &str| match fields.remove(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(anyhow::anyhow!("`{name}` is no text")),
        };
        let (artifact_base_url, yanked) = (optional("artifact_base_url")?, optional("yanked")?);
        let mut text = |name: &str| optional(name)?.with_context(|| format!("`{name}` is missing"));
        let digest = |name: &str, text: String| -> Result<Digest> {
            text.parse()
                .with_context(|| format!("`{name}` is no digest"))
        };
        let entry = Self {
            model_version: text("model_version")?,
            release_id: text("release_id")?,
            manifest_url: text("manifest_url")?,
            manifest_sha256: digest("manifest_sha256", text("manifest_sha256")?)?,
            model_id: digest("model_id", text("model_id")?)?,
            artifact_base_url,
            yanked,
        };
        let rest: Vec<_> = fields.keys().collect();
        ensure!(rest.is_empty(), "{rest:?} would be lost");
        Ok(entry)
    }

    fn to_json(&self) -> Value {
        let mut value = json!({
            "model_version": self.model_version,
            "release_id": self.release_id,
            "manifest_url": self.manifest_url,
            "manifest_sha256": self.manifest_sha256.to_string(),
            "model_id": self.model_id.to_string(),
        });
        if let Some(url) = &self.artifact_base_url {
            value["artifact_base_url"] = json!(url);
        }
        if let Some(reason) = &self.yanked {
            value["yanked"] = json!(reason);
        }
        value
    }
}

/// The list of withdrawn models with one more, as `verify --revocation` reads it once it is signed.
///
/// # Errors
///
/// If the old list is none.
pub(super) fn revoked(
    old: Option<&[u8]>,
    model_id: Digest,
    reason: &str,
    now: Timestamp,
) -> Result<String> {
    let mut models = match old {
        None => Vec::new(),
        Some(bytes) => {
            let document: Value = serde_json::from_slice(bytes)?;
            ensure!(
                document["schema_version"] == json!("1.0.0"),
                "it is no list of version 1.0.0"
            );
            document["models"]
                .as_array()
                .context("it has no `models`")?
                .clone()
        }
    };
    let id = json!(model_id.to_string());
    if !models.iter().any(|model| model["model_id"] == id) {
        models.push(json!({ "model_id": id, "reason": reason, "since": now.to_string() }));
    }
    let list = json!({ "schema_version": "1.0.0", "issued": now.to_string(), "models": models });
    Ok(format!("{list:#}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str) -> Entry {
        Entry {
            model_version: "0.1.0".to_owned(),
            release_id: id.to_owned(),
            manifest_url: "a/manifest.json".to_owned(),
            artifact_base_url: Some("https://host/files".to_owned()),
            manifest_sha256: Digest::of(b"manifest"),
            model_id: Digest::of(b"model"),
            yanked: None,
        }
    }

    #[test]
    fn a_list_is_read_as_it_is_written() {
        let mut releases = Releases::default();
        releases.add(entry("a")).unwrap();
        releases.add(entry("b")).unwrap();
        releases.yank("b", "bad").unwrap();
        let read = Releases::parse(releases.to_text().as_bytes()).unwrap();
        assert_eq!(read.entries(), releases.entries());
    }

    #[test]
    fn a_release_is_never_replaced() {
        let mut releases = Releases::default();
        releases.add(entry("a")).unwrap();
        let other = Entry {
            manifest_sha256: Digest::of(b"another"),
            ..entry("a")
        };
        assert!(releases.add(other).unwrap_err().contains("never replaced"));
        assert!(releases.yank("a", "").unwrap_err().contains("reason"));
    }

    #[test]
    fn nothing_that_somebody_added_by_hand_is_lost() {
        let mut releases = Releases::default();
        releases.add(entry("a")).unwrap();
        let text = releases.to_text();
        let extra = text.replacen("\"release_id\"", "\"notes\": \"x\", \"release_id\"", 1);
        let error = format!("{:#}", Releases::parse(extra.as_bytes()).err().unwrap());
        assert!(error.contains("would be lost"), "{error}");
        let extra = text.replacen('{', "{\"more\": 1,", 1);
        assert!(Releases::parse(extra.as_bytes()).is_err());
        assert!(Releases::parse(b"{}").is_err());
    }

    #[test]
    fn a_model_stands_once_in_the_list_of_withdrawn_ones() {
        let [then, now] = [0, 1].map(|n| Timestamp::from_unix_seconds(1_767_225_600 + n).unwrap());
        let first = revoked(None, Digest::of(b"a"), "bad", then).unwrap();
        let again = revoked(Some(first.as_bytes()), Digest::of(b"a"), "worse", now).unwrap();
        let list: Value = serde_json::from_str(&again).unwrap();
        assert_eq!(list["models"].as_array().unwrap().len(), 1);
        assert_eq!(list["models"][0]["reason"], json!("bad"));
        assert_eq!(list["issued"], json!(now.to_string()));
        assert!(revoked(Some(b"{}"), Digest::of(b"a"), "bad", now).is_err());
    }
}
