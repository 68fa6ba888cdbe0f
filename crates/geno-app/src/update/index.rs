//! The list of releases that a publisher keeps.

use std::collections::BTreeSet;

use geno_core::{Coded, Digest, ErrorCode};
use geno_provenance::{Json, JsonError, Label, Manifest, ReadManifestError};

use super::{ModelVersion, ReleaseId, ReleaseIdError};
use crate::fetch::{Location, LocationError};

/// What a release index says.
pub(super) enum Index {
    /// The index is the manifest of the only release.
    Manifest,
    Releases(Vec<Entry>),
}

/// One release of an index.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) model_version: String,
    pub(super) release_id: ReleaseId,
    pub(super) manifest: Location,
    pub(super) base: Location,
    /// The digest of the manifest's bytes, where the index states it.
    pub(super) manifest_digest: Option<Digest>,
    /// Why the release was withdrawn, if it was.
    pub(super) yanked: Option<Label>,
}

/// Why a release index cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// The index is not JSON.
    #[error("release index is not JSON")]
    Json(#[from] JsonError),
    /// The index is neither a list of releases nor a manifest.
    #[error("release index holds neither `releases` nor a manifest")]
    Neither(#[source] ReadManifestError),
    /// A field of an entry is missing or no text.
    #[error("field `releases[{entry}].{field}` is missing or no text")]
    Field {
        /// Number of the entry, from 0.
        entry: usize,
        /// The field.
        field: &'static str,
    },
    /// An entry's name cannot name a folder.
    #[error("field `releases[{entry}].release_id` is refused")]
    ReleaseId {
        /// Number of the entry, from 0.
        entry: usize,
        /// Why.
        source: ReleaseIdError,
    },
    /// An entry leads where none may lead.
    #[error("field `releases[{entry}].{field}` is refused")]
    Location {
        /// Number of the entry, from 0.
        entry: usize,
        /// The field.
        field: &'static str,
        /// Why.
        source: LocationError,
    },
    /// A field of an entry is there and is not what it should be.
    #[error("field `releases[{entry}].{field}` is no {expected}")]
    Malformed {
        /// Number of the entry, from 0.
        entry: usize,
        /// The field.
        field: &'static str,
        /// What belongs there.
        expected: &'static str,
    },
    /// The release that was asked for, or every release, is withdrawn.
    #[error("release `{release_id}` is withdrawn: {reason}")]
    Yanked {
        /// The release, or the latest of all.
        release_id: String,
        /// Why, as the publisher says.
        reason: Label,
    },
    /// Two entries have one name.
    #[error("release `{release_id}` stands twice in the index")]
    Twice {
        /// The name.
        release_id: String,
    },
    /// The index lists nothing.
    #[error("release index is empty")]
    Empty,
    /// No entry is the one that was asked for.
    #[error("no release `{wanted}` in the index")]
    NoSuchRelease {
        /// The version or the name.
        wanted: String,
    },
}

impl Coded for IndexError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl Index {
    /// Reads an index that was found at a location. Fields beside those used are not looked at.
    pub(super) fn parse(bytes: &[u8], at: &Location) -> Result<Self, IndexError> {
        let document = Json::parse(bytes)?;
        let Some(Json::Array(listed)) = document.get("releases") else {
            Manifest::parse(bytes).map_err(IndexError::Neither)?;
            return Ok(Self::Manifest);
        };
        let mut entries = Vec::new();
        let mut seen = BTreeSet::new();
        for (i, release) in listed.iter().enumerate() {
            let entry = Entry::parse(release, i, at)?;
            if !seen.insert(entry.release_id.clone()) {
                let release_id = entry.release_id.to_string();
                return Err(IndexError::Twice { release_id });
            }
            entries.push(entry);
        }
        Ok(Self::Releases(entries))
    }
}

impl Entry {
    fn parse(release: &Json, entry: usize, at: &Location) -> Result<Self, IndexError> {
        let text = |field| {
            let text = release.get(field).and_then(Json::as_str);
            text.ok_or(IndexError::Field { entry, field })
        };
        let location = |field| {
            let location = at.resolve(text(field)?);
            location.map_err(|source| IndexError::Location {
                entry,
                field,
                source,
            })
        };
        let malformed = |field, expected| IndexError::Malformed {
            entry,
            field,
            expected,
        };
        let digest = |value: &Json| {
            let digest = value.as_str().and_then(|text| text.parse().ok());
            digest.ok_or(malformed("manifest_sha256", "digest"))
        };
        let reason = |value: &Json| {
            let reason = value.as_str().and_then(|text| Label::new(text).ok());
            reason.ok_or(malformed("yanked", "reason"))
        };
        let manifest = location("manifest_url")?;
        let base = ["artifact_base_url", "base_url"]
            .into_iter()
            .find(|field| release.get(field).is_some());
        Ok(Self {
            model_version: text("model_version")?.to_owned(),
            release_id: ReleaseId::new(text("release_id")?)
                .map_err(|source| IndexError::ReleaseId { entry, source })?,
            base: match base {
                Some(field) => location(field)?,
                None => manifest.parent(),
            },
            manifest,
            manifest_digest: release.get("manifest_sha256").map(digest).transpose()?,
            yanked: release.get("yanked").map(reason).transpose()?,
        })
    }

    fn refusal(&self, reason: &Label) -> IndexError {
        IndexError::Yanked {
            release_id: self.release_id.to_string(),
            reason: reason.clone(),
        }
    }
}

/// The entry of a version or a name; without one the latest.
///
/// A pre-release is offered only where one is installed, where it is asked for, or where there is
/// nothing else. A release that was withdrawn is never offered.
pub(super) fn choose(
    entries: Vec<Entry>,
    wanted: Option<&str>,
    installed: Option<&str>,
) -> Result<Entry, IndexError> {
    let version = |entry: &Entry| ModelVersion::new(&entry.model_version);
    if let Some(wanted) = wanted {
        let is_wanted =
            |entry: &Entry| entry.release_id.as_str() == wanted || entry.model_version == wanted;
        let found = entries.into_iter().filter(is_wanted).max_by_key(version);
        let found = found.ok_or_else(|| IndexError::NoSuchRelease {
            wanted: wanted.to_owned(),
        })?;
        return match &found.yanked {
            Some(reason) => Err(found.refusal(reason)),
            None => Ok(found),
        };
    }
    let (yanked, entries): (Vec<_>, Vec<_>) = entries
        .into_iter()
        .partition(|entry| entry.yanked.is_some());
    let takes_any = installed.is_some_and(|text| ModelVersion::new(text).is_pre_release())
        || entries.iter().all(|entry| version(entry).is_pre_release());
    let suits = |entry: &Entry| takes_any || !version(entry).is_pre_release();
    let latest = entries.into_iter().filter(suits).max_by_key(version);
    latest.ok_or_else(|| {
        let latest = yanked.iter().max_by_key(|entry| version(entry));
        let refusal = latest.and_then(|entry| Some(entry.refusal(entry.yanked.as_ref()?)));
        refusal.unwrap_or(IndexError::Empty)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(releases: &str) -> Result<Vec<Entry>, IndexError> {
        let at = Location::parse("https://host/geno/releases.json").unwrap();
        let text = format!(r#"{{"releases": [{releases}]}}"#);
        Index::parse(text.as_bytes(), &at).map(|index| match index {
            Index::Releases(entries) => entries,
            Index::Manifest => Vec::new(),
        })
    }

    fn entry(version: &str) -> String {
        format!(
            r#"{{"model_version": "{version}", "release_id": "r{version}", "manifest_url": "{version}/manifest.json"}}"#
        )
    }

    fn chosen(versions: &[&str], wanted: Option<&str>, installed: Option<&str>) -> String {
        let entries: Vec<_> = versions.iter().map(|version| entry(version)).collect();
        let entries = index(&entries.join(",")).unwrap();
        choose(entries, wanted, installed).unwrap().model_version
    }

    #[test]
    fn the_latest_release_is_chosen_and_a_pre_release_only_where_it_suits() {
        let versions = ["0.9.0", "0.10.0", "0.11.0-rc.1"];
        assert_eq!(chosen(&versions, None, None), "0.10.0");
        assert_eq!(chosen(&versions, None, Some("0.10.0-rc.3")), "0.11.0-rc.1");
        assert_eq!(chosen(&versions, Some("r0.9.0"), None), "0.9.0");
        assert_eq!(chosen(&versions, Some("0.11.0-rc.1"), None), "0.11.0-rc.1");
        assert_eq!(chosen(&["1.0.0-a", "1.0.0-b"], None, None), "1.0.0-b");
    }

    #[test]
    fn a_withdrawn_release_is_not_offered_and_says_why_where_it_is_named() {
        let yanked = |version: &str| entry(version).replacen('{', r#"{"yanked": "bad labels","#, 1);
        let of = |listed: &[String], wanted| {
            choose(index(&listed.join(",")).unwrap(), wanted, None).map(|entry| entry.model_version)
        };
        let listed = [entry("0.1.0"), yanked("0.2.0"), entry("0.3.0-rc.1")];
        assert_eq!(of(&listed, None).unwrap(), "0.1.0");
        let error = of(&listed, Some("0.2.0")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "release `r0.2.0` is withdrawn: bad labels"
        );
        let all = [yanked("0.1.0"), yanked("0.2.0")];
        let error = of(&all, None).unwrap_err();
        assert!(matches!(error, IndexError::Yanked { release_id, .. } if release_id == "r0.2.0"));
        assert_eq!(of(&[], None), Err(IndexError::Empty));
    }

    #[test]
    fn a_digest_and_a_reason_are_read_strictly() {
        for (field, value) in [
            ("manifest_sha256", "\"sha256:00\""),
            ("manifest_sha256", "7"),
            ("yanked", "true"),
            ("yanked", "\"\""),
            ("yanked", "\"a\\u001bb\""),
        ] {
            let with = entry("1").replacen('{', &format!("{{\"{field}\": {value},"), 1);
            let error = index(&with).unwrap_err();
            assert!(
                matches!(error, IndexError::Malformed { field: f, .. } if f == field),
                "{value}: {error}"
            );
        }
    }

    #[test]
    fn files_lie_beside_the_manifest_unless_the_index_says_otherwise() {
        let entries = index(&entry("1")).unwrap();
        assert_eq!(entries[0].base.to_string(), "https://host/geno/1");
        let with_base = entry("1").replacen('{', r#"{"base_url": "https://cdn/files","#, 1);
        let entries = index(&with_base).unwrap();
        assert_eq!(entries[0].base.to_string(), "https://cdn/files");
    }

    #[test]
    fn hostile_entries_are_refused() {
        let escaping = entry("1").replace("\"r1\"", "\"../../r1\"");
        assert!(matches!(
            index(&escaping),
            Err(IndexError::ReleaseId { entry: 0, .. })
        ));
        let local = entry("1").replace("1/manifest.json", "file:///etc/passwd");
        assert!(matches!(index(&local), Err(IndexError::Location { .. })));
        let twice = format!("{},{}", entry("1"), entry("1"));
        assert!(matches!(index(&twice), Err(IndexError::Twice { .. })));
        assert!(matches!(index("{}"), Err(IndexError::Field { .. })));
        assert!(matches!(index("7"), Err(IndexError::Field { .. })));
    }
}
