//! Files that are to be published, checked before anything is sent.

use std::{collections::BTreeMap, path::PathBuf};

use geno_core::Digest;
use geno_provenance::{Artifact, PublicPath};

use super::{HubError, Target, endpoints::asset_name};

/// A file that is to be published.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct PlannedFile {
    /// Where its bytes are.
    pub(crate) source: PathBuf,
    /// Its path at the target. Assets of a release go by its last part.
    pub(crate) destination: PublicPath,
    /// Digest of its bytes.
    pub(crate) digest: Digest,
    /// How many they are.
    pub(crate) size: u64,
}

/// A file of a target, as its host lists it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct RemoteFile {
    /// Its path.
    pub(crate) path: PublicPath,
    /// Its size.
    pub(crate) size: u64,
    /// The digest that the host names, if it names one.
    pub(crate) digest: Option<Digest>,
}

/// The files of one target, by their names there.
pub(super) type Plan<'a> = BTreeMap<String, &'a PlannedFile>;

/// Bytes of the largest object that is uploaded in one piece, by Hugging Face's storage.
const LARGEST_OBJECT: u64 = 5_000_000_000;
/// Bytes of the largest asset of a release.
const LARGEST_ASSET: u64 = (2 << 30) - 1;

/// Collects the files of a target by their names there, and reads each again.
pub(super) fn check<'a>(target: &Target, files: &'a [PlannedFile]) -> Result<Plan<'a>, HubError> {
    let is_release = matches!(target, Target::Release { .. });
    let limit = match is_release {
        true => LARGEST_ASSET,
        false => LARGEST_OBJECT,
    };
    let mut plan = Plan::new();
    for file in files {
        let name = match is_release {
            true => asset_name(&file.destination),
            false => file.destination.as_str(),
        };
        let (target, name) = (target.clone(), name.to_owned());
        if !keeps(is_release, &name) {
            return Err(HubError::Name { target, name });
        }
        if file.size > limit {
            return Err(HubError::OverLimit {
                target,
                name,
                limit,
            });
        }
        if plan.insert(name.clone(), file).is_some() {
            return Err(HubError::Duplicate { target, name });
        }
    }
    if plan.is_empty() {
        let target = target.clone();
        return Err(HubError::Empty { target });
    }
    for (name, file) in &plan {
        let found = Artifact::of_file(&file.source, file.destination.clone())?;
        if found.digest != file.digest || found.size != file.size {
            let name = name.clone();
            return Err(HubError::Changed { name });
        }
    }
    Ok(plan)
}

/// Whether the host keeps a name as it is. GitHub replaces other characters; Hugging Face writes
/// `.gitattributes` itself, and Git has `.git` for its own.
fn keeps(is_release: bool, name: &str) -> bool {
    let plain = |char: char| char.is_ascii_alphanumeric() || "._+-".contains(char);
    match is_release {
        true => !name.starts_with('.') && !name.ends_with('.') && name.chars().all(plain),
        false => name != GIT_ATTRIBUTES && name.split('/').all(|part| part != ".git"),
    }
}

/// The file that Hugging Face puts into every repository.
pub(super) const GIT_ATTRIBUTES: &str = ".gitattributes";
