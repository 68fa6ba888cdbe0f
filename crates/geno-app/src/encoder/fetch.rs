//! An encoder from a model hub, at one commit, into the cache that other programs share.

use std::{
    fs,
    path::{Path, PathBuf},
};

use geno_core::Digest;
use geno_provenance::{PublicPath, encoder_digest};

use super::{
    Commit, EncoderError, HubRepo,
    link::{CONFIGS, INDEX, SINGLE, check, shard_names},
};
use crate::fetch::{Client, Download, FetchError, Location, Staged, Transfer};

/// The most bytes of a configuration or a list of shards.
const MAX_JSON: u64 = 16 << 20;
/// The most bytes of a file of weights.
const MAX_WEIGHTS: u64 = 1 << 38;

/// An encoder to fetch.
#[derive(Clone, Debug)]
pub struct EncoderFetch {
    /// The hub, `https://huggingface.co`.
    pub base: Location,
    /// The repository.
    pub repo: HubRepo,
    /// The commit.
    pub commit: Commit,
    /// The root of the Hugging Face cache.
    pub cache: PathBuf,
    /// What a manifest says about the weights, if one is known.
    pub expected: Option<Digest>,
}

/// Fetches the files of an encoder from `BASE/OWNER/NAME/resolve/COMMIT/FILE` to
/// `models--OWNER--NAME/snapshots/COMMIT/` in the cache, and returns that folder.
///
/// No file gets its name before all have arrived and the weights hash to what was expected.
/// `config.json`, by which a folder is known for an encoder, is the last. Files that are there
/// already are not fetched, but hashed.
///
/// # Errors
///
/// [`EncoderError`]. What has arrived stays for the next attempt, unless it is wrong.
pub fn fetch_encoder(
    client: &Client,
    request: &EncoderFetch,
    progress: &mut dyn FnMut(&str, Transfer),
) -> Result<PathBuf, EncoderError> {
    let folder = request
        .cache
        .join(request.repo.cache_folder())
        .join("snapshots")
        .join(request.commit.to_string());
    fs::create_dir_all(&folder).map_err(|source| EncoderError::File {
        path: folder.clone(),
        source,
    })?;
    let mut get = |name: &str, limit| {
        let file = fetch_file(client, request, &folder, name, limit, progress);
        file.map_err(|source| EncoderError::Fetch {
            name: name.to_owned(),
            source,
        })
    };

    let mut weights = Vec::new();
    let mut others = Vec::new();
    match get(SINGLE, MAX_WEIGHTS) {
        Ok(file) => weights.push(file),
        Err(EncoderError::Fetch { source, .. }) if is_absent(&source) => {
            let index = get(INDEX, MAX_JSON)?;
            let bytes = fs::read(index.path()).map_err(|source| EncoderError::File {
                path: index.path().to_owned(),
                source,
            })?;
            for name in shard_names(&bytes)? {
                weights.push(get(&name, MAX_WEIGHTS)?);
            }
            others.push(index);
        }
        Err(error) => return Err(error),
    }
    for name in CONFIGS {
        others.push(get(name, MAX_JSON)?);
    }

    let hash = encoder_digest(weights.iter().map(Arrived::digest).collect());
    let files = weights.into_iter().chain(others);
    if let Err(error) = check(request.expected, hash) {
        files.for_each(Arrived::discard);
        return Err(error);
    }
    for file in files {
        let name = file.path().display().to_string();
        file.publish()
            .map_err(|source| EncoderError::Fetch { name, source })?;
    }
    Ok(folder)
}

/// A file that was there, or has arrived.
enum Arrived {
    Named { path: PathBuf, digest: Digest },
    Staged(Staged),
}

impl Arrived {
    fn digest(&self) -> Digest {
        match self {
            Self::Named { digest, .. } => *digest,
            Self::Staged(staged) => staged.digest,
        }
    }

    fn path(&self) -> &Path {
        match self {
            Self::Named { path, .. } => path,
            Self::Staged(staged) => staged.path(),
        }
    }

    fn publish(self) -> Result<(), FetchError> {
        match self {
            Self::Named { .. } => Ok(()),
            Self::Staged(staged) => staged.publish(),
        }
    }

    /// Throws away what has arrived. What was there before is not ours to remove.
    fn discard(self) {
        if let Self::Staged(staged) = self {
            staged.discard();
        }
    }
}

fn fetch_file(
    client: &Client,
    request: &EncoderFetch,
    folder: &Path,
    name: &str,
    limit: u64,
    progress: &mut dyn FnMut(&str, Transfer),
) -> Result<Arrived, FetchError> {
    let path = folder.join(name);
    if let Ok(file) = fs::File::open(&path) {
        let digest = Digest::of_reader(file);
        let digest = digest.map_err(|source| FetchError::file(&path, source))?;
        return Ok(Arrived::Named { path, digest });
    }
    let EncoderFetch { repo, commit, .. } = request;
    // Each part was checked by its type or by the list of shards.
    let remote = PublicPath::new(format!("{repo}/resolve/{commit}/{name}"));
    let remote =
        remote.map_err(|_| FetchError::file(&path, std::io::ErrorKind::InvalidInput.into()))?;
    let download = Download {
        from: &request.base.file(&remote),
        to: &path,
        expected: request.expected.filter(|_| name == SINGLE),
        limit,
    };
    let staged = client.download(&download, &mut |transfer| progress(name, transfer))?;
    Ok(Arrived::Staged(staged))
}

fn is_absent(error: &FetchError) -> bool {
    match error {
        FetchError::Status { status, .. } => *status == 404,
        FetchError::File { source, .. } => source.kind() == std::io::ErrorKind::NotFound,
        _ => false,
    }
}
