//! The release that an index offers, and how it stands to what is installed.

use geno_core::Digest;
use geno_provenance::{Label, Manifest};

use super::{
    ModelVersion, ReleaseId, UpdateError,
    index::{Index, choose},
};
use crate::fetch::{Client, Location};

/// The most bytes of an index.
const MAX_INDEX: u64 = 8 << 20;
/// The most bytes of a manifest.
const MAX_MANIFEST: u64 = 1 << 20;

/// A release that can be installed.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Its name.
    pub release_id: ReleaseId,
    /// What it consists of.
    pub manifest: Manifest,
    /// The manifest as it was published.
    pub manifest_bytes: Vec<u8>,
    /// The folder of its files.
    pub base: Location,
    /// Why the release that is installed was withdrawn, if the index says so.
    pub installed_is_yanked: Option<Label>,
}

/// How an offer stands to what is installed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// Nothing is installed, or something else of an earlier or the same version.
    Installable,
    /// The same model is installed.
    Installed,
    /// A later version is installed.
    Older,
}

impl Offer {
    /// Compares with what is installed.
    pub fn standing(&self, installed: Option<&Manifest>) -> Standing {
        let version = |manifest: &Manifest| ModelVersion::new(&manifest.model_version);
        match installed {
            Some(old) if old.model_id() == self.manifest.model_id() => Standing::Installed,
            Some(old) if version(old) > version(&self.manifest) => Standing::Older,
            _ => Standing::Installable,
        }
    }
}

/// Asks an index for a release: the one of a version or a name, or else the latest.
///
/// The index is a JSON object with `releases`, each with `model_version`, `release_id`,
/// `manifest_url` and perhaps `artifact_base_url` or `base_url`; or it is itself a manifest, whose
/// files lie beside it. URLs may be relative to the index. `manifest_sha256` is the digest that the manifest
/// has to have, and `yanked` says why a release was withdrawn: it is not offered any more.
///
/// # Errors
///
/// [`UpdateError`] if index or manifest cannot be fetched or used, or do not fit each other.
pub fn find_release(
    client: &Client,
    index: &Location,
    wanted: Option<&str>,
    installed: Option<&Manifest>,
) -> Result<Offer, UpdateError> {
    let in_index = |source| UpdateError::Index {
        location: index.to_string(),
        source,
    };
    let fetch = |what, location, limit| {
        let bytes = client.read(location, limit);
        bytes.map_err(|source| UpdateError::Fetch { what, source })
    };
    let bytes = fetch("the release index", index, MAX_INDEX)?;
    match Index::parse(&bytes, index).map_err(in_index)? {
        Index::Manifest => {
            let offer = Offer::of(bytes, index, index.parent())?;
            let is_wanted = wanted.is_none_or(|wanted| {
                wanted == offer.release_id.as_str() || wanted == &*offer.manifest.model_version
            });
            match is_wanted {
                true => Ok(offer),
                false => Err(in_index(super::IndexError::NoSuchRelease {
                    wanted: wanted.unwrap_or_default().to_owned(),
                })),
            }
        }
        Index::Releases(entries) => {
            let version = installed.map(|manifest| manifest.model_version.as_str());
            let is_installed = |id: &ReleaseId| {
                installed.is_some_and(|manifest| &*manifest.release_id == id.as_str())
            };
            let mut yanked = entries
                .iter()
                .filter(|entry| is_installed(&entry.release_id));
            let yanked = yanked.find_map(|entry| entry.yanked.clone());
            let entry = choose(entries, wanted, version).map_err(in_index)?;
            let bytes = fetch("the manifest", &entry.manifest, MAX_MANIFEST)?;
            if let Some(expected) = entry.manifest_digest
                && expected != Digest::of(&bytes)
            {
                return Err(UpdateError::EntryMismatch {
                    field: "digest",
                    expected: expected.to_string(),
                    found: Digest::of(&bytes).to_string(),
                });
            }
            let mut offer = Offer::of(bytes, &entry.manifest, entry.base)?;
            offer.installed_is_yanked = yanked;
            let expected = [
                ("release_id", entry.release_id.as_str()),
                ("model_version", entry.model_version.as_str()),
            ];
            let manifest = &offer.manifest;
            let found = [&*manifest.release_id, &*manifest.model_version];
            for ((field, expected), found) in expected.into_iter().zip(found) {
                if expected != found {
                    return Err(UpdateError::EntryMismatch {
                        field,
                        expected: expected.to_owned(),
                        found: found.to_owned(),
                    });
                }
            }
            Ok(offer)
        }
    }
}

impl Offer {
    fn of(bytes: Vec<u8>, at: &Location, base: Location) -> Result<Self, UpdateError> {
        let manifest = Manifest::parse(&bytes).map_err(|source| UpdateError::Manifest {
            location: at.to_string(),
            source,
        })?;
        Ok(Self {
            release_id: ReleaseId::new(&manifest.release_id)?,
            manifest,
            manifest_bytes: bytes,
            base,
            installed_is_yanked: None,
        })
    }
}
