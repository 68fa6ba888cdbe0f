//! Installing a release beside the others, and going back.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use geno_core::Digest;
use geno_provenance::{Manifest, PublicPath, write_atomic};

use super::{InstallLock, InstalledModel, Offer, ReleaseId, UpdateError, root::sync_folder};
use crate::fetch::{Client, Download, Transfer};

/// What an installation did.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Outcome {
    /// The folder of the release.
    pub path: PathBuf,
    /// Whether it was there before.
    pub was_there: bool,
    /// The release that was in use before, if it was another.
    pub previous: Option<ReleaseId>,
}

/// Installs a release in its own folder and puts it in use.
///
/// Files arrive in a hidden folder, each checked against the manifest before it gets its name. The
/// folder gets the release's name when all are there, and only then the pointer moves. Whatever
/// ends the process in between, the version in use stays in use, and the next installation goes on
/// where this one stopped. A folder that is there already is checked, not replaced.
///
/// `in_use` is the release that is in use where no pointer says so.
///
/// # Errors
///
/// [`UpdateError`]. `limit` is the most bytes that one file may have.
pub fn install(
    client: &Client,
    lock: &InstallLock,
    offer: &Offer,
    in_use: Option<&ReleaseId>,
    limit: u64,
    progress: &mut dyn FnMut(&PublicPath, Transfer),
) -> Result<Outcome, UpdateError> {
    let root = lock.root();
    let files = distinct_files(&offer.manifest)?;
    let before = root.current()?.or_else(|| in_use.cloned());
    root.previous()?;

    let path = root.release(&offer.release_id);
    let was_there = match InstalledModel::find(&path)? {
        Some(model) if model.manifest().model_id() == offer.manifest.model_id() => {
            model.verify()?;
            true
        }
        Some(_) => return Err(UpdateError::OtherModel { path }),
        None => false,
    };
    if !was_there {
        let staging = staging(root.path(), offer);
        for (file, hash) in files {
            fetch_file(client, offer, &staging, file, hash, limit, progress)?;
        }
        write_atomic(&staging.join("manifest.json"), |out| {
            out.write_all(&offer.manifest_bytes)
        })?;
        sync_folder(&staging);
        fs::rename(&staging, &path).map_err(|source| UpdateError::File {
            path: path.clone(),
            source,
        })?;
        sync_folder(root.path());
    }
    lock.switch(&offer.release_id, before.as_ref())?;
    remove_leftovers(root.path());
    Ok(Outcome {
        path,
        was_there,
        previous: before.filter(|before| *before != offer.release_id),
    })
}

/// Puts the previous release in use again, after checking every file of it.
///
/// # Errors
///
/// [`UpdateError::NoPrevious`], and [`UpdateError::Installed`] if it is damaged; nothing changes
/// then.
pub fn rollback(lock: &InstallLock) -> Result<ReleaseId, UpdateError> {
    let root = lock.root();
    let current = root.current()?;
    let previous = root.previous()?.filter(|id| Some(id) != current.as_ref());
    let previous = previous.ok_or_else(|| UpdateError::NoPrevious {
        root: root.path().to_owned(),
    })?;
    InstalledModel::open(&root.release(&previous))?.verify()?;
    lock.swap(&previous, current.as_ref())?;
    Ok(previous)
}

fn fetch_file(
    client: &Client,
    offer: &Offer,
    staging: &Path,
    file: &PublicPath,
    hash: Digest,
    limit: u64,
    progress: &mut dyn FnMut(&PublicPath, Transfer),
) -> Result<(), UpdateError> {
    let to = file.under(staging);
    let have = fs::File::open(&to).and_then(Digest::of_reader);
    if have.is_ok_and(|have| have == hash) {
        return Ok(());
    }
    let folder = to.parent().unwrap_or(staging);
    fs::create_dir_all(folder).map_err(|source| UpdateError::File {
        path: folder.to_owned(),
        source,
    })?;
    let download = Download {
        from: &offer.base.file(file),
        to: &to,
        expected: Some(hash),
        limit,
    };
    client
        .download(&download, &mut |transfer| progress(file, transfer))
        .and_then(|staged| staged.publish())
        .map_err(|source| UpdateError::Fetch {
            what: "a file of the release",
            source,
        })
}

/// The files of a manifest, each once: no two digests for one path, no file where another needs a
/// folder, none in the manifest's own place.
fn distinct_files(manifest: &Manifest) -> Result<BTreeMap<&PublicPath, Digest>, UpdateError> {
    let mut files: BTreeMap<&PublicPath, Digest> = BTreeMap::new();
    for (_, path, hash) in manifest.files() {
        let text = path.as_str();
        let clashes = files.iter().any(|(other, known)| {
            let other = other.as_str();
            let is_above =
                |a: &str, b: &str| b.strip_prefix(a).is_some_and(|rest| rest.starts_with('/'));
            other == text && *known != hash || is_above(other, text) || is_above(text, other)
        });
        let is_manifests = text == "manifest.json" || text.starts_with("manifest.json/");
        if clashes || is_manifests {
            return Err(UpdateError::PathConflict { path: path.clone() });
        }
        files.insert(path, hash);
    }
    Ok(files)
}

/// Where a release arrives. The model is in the name, so that no other one is taken up.
fn staging(root: &Path, offer: &Offer) -> PathBuf {
    let model = offer.manifest.model_id().to_hex();
    root.join(format!(".{}-{}.partial", offer.release_id, &model[..16]))
}

/// Removes what broken installations left. What cannot be removed does no harm.
fn remove_leftovers(root: &Path) {
    for entry in fs::read_dir(root).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') && name.ends_with(".partial") {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
