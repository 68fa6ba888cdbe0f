//! Reading a checkpoint.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use geno_core::Digest;
use geno_provenance::PublicPath;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::error::CheckpointError;

/// The file that describes the others.
pub(super) const CHECKPOINT: &str = "checkpoint.json";

/// The version of that file.
pub(super) const SCHEMA: &str = "1.0.0";

#[derive(Deserialize)]
struct Version {
    schema_version: String,
}

#[derive(Deserialize, Serialize)]
pub(super) struct Header<S> {
    pub(super) schema_version: String,
    pub(super) kind: String,
    pub(super) step: u64,
    pub(super) files: BTreeMap<String, FileEntry>,
    pub(super) state: S,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileEntry {
    pub(super) size_bytes: u64,
    pub(super) sha256: Digest,
}

/// A checkpoint whose files are the ones that were written.
#[derive(Debug)]
pub struct Checkpoint<S> {
    /// Steps that were done.
    pub step: u64,
    /// What the run goes on from, besides its files.
    pub state: S,
    files: BTreeMap<String, Vec<u8>>,
}

impl<S: DeserializeOwned> Checkpoint<S> {
    /// Reads and checks a checkpoint of a `kind` of run.
    ///
    /// # Errors
    ///
    /// [`CheckpointError`].
    pub fn read(folder: &Path, kind: &'static str) -> Result<Self, CheckpointError> {
        Ok(Self::read_one_of(folder, &[kind])?.1)
    }

    /// Reads and checks a checkpoint of one of several kinds of run, at least one, and says of which.
    pub(crate) fn read_one_of(
        folder: &Path,
        kinds: &[&'static str],
    ) -> Result<(&'static str, Self), CheckpointError> {
        let path = folder.join(CHECKPOINT);
        let text = fs::read(&path).map_err(io(&path))?;
        let malformed = |source| CheckpointError::Malformed {
            path: path.clone(),
            source,
        };
        // The rest depends on the version, and the state on the kind, so these are looked at first.
        let version: Version = serde_json::from_slice(&text).map_err(malformed)?;
        if version.schema_version != SCHEMA {
            return Err(CheckpointError::Schema {
                path,
                found: version.schema_version,
            });
        }
        let header: Header<serde_json::Value> = serde_json::from_slice(&text).map_err(malformed)?;
        let Some(kind) = kinds.iter().find(|kind| header.kind == **kind) else {
            return Err(CheckpointError::Kind {
                path: folder.to_owned(),
                found: header.kind,
                expected: kinds[0],
            });
        };
        let files = header.files.into_iter().map(|(name, entry)| {
            let bytes = read_file(folder, &name, &entry)?;
            Ok((name, bytes))
        });
        let checkpoint = Self {
            step: header.step,
            files: files.collect::<Result<_, CheckpointError>>()?,
            state: serde_json::from_value(header.state).map_err(malformed)?,
        };
        Ok((kind, checkpoint))
    }

    /// The bytes of one of its files.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Missing`].
    pub fn take(&mut self, name: &str) -> Result<Vec<u8>, CheckpointError> {
        let missing = || CheckpointError::Missing(name.to_owned());
        self.files.remove(name).ok_or_else(missing)
    }
}

fn read_file(folder: &Path, name: &str, entry: &FileEntry) -> Result<Vec<u8>, CheckpointError> {
    let path = folder.join(name);
    let damaged = |what| CheckpointError::Damaged {
        path: path.clone(),
        what,
    };
    // A name that leads out of the folder was not written by a run.
    PublicPath::new(name).map_err(|_| damaged("name"))?;
    let file = File::open(&path).map_err(io(&path))?;
    let size = file.metadata().map_err(io(&path))?.len();
    if size != entry.size_bytes {
        return Err(damaged("size"));
    }
    let mut bytes = Vec::new();
    file.take(size).read_to_end(&mut bytes).map_err(io(&path))?;
    match Digest::of(&bytes) == entry.sha256 {
        true => Ok(bytes),
        false => Err(damaged("digest")),
    }
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> CheckpointError {
    let path: PathBuf = path.to_owned();
    move |source| CheckpointError::Io { path, source }
}
