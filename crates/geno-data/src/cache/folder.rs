//! What a cache's folder holds, and the names it has.
//!
//! ```text
//! shards/NAME.states     immutable; NAME is the BLAKE3 of the contents
//! index.N.sqlite         which shard and row holds a key; the highest N counts
//! index.new.sqlite       an index in the making
//! writer.lock            locked by whoever writes
//! quarantine/            shards that `repair` took out
//! ```
//!
//! A new index takes the next number, so it never meets the write-ahead log of the one before.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

use super::{error::CacheError, shard::EXTENSION};

/// The paths of one cache.
#[derive(Clone, Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn shards(&self) -> PathBuf {
        self.0.join("shards")
    }

    pub(crate) fn shard(&self, name: &str) -> PathBuf {
        self.shards().join(format!("{name}.{EXTENSION}"))
    }

    pub(crate) fn quarantine(&self) -> PathBuf {
        self.0.join("quarantine")
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.0.join("writer.lock")
    }

    pub(crate) fn index(&self, number: u64) -> PathBuf {
        self.0.join(format!("index.{number}.sqlite"))
    }

    pub(crate) fn new_index(&self) -> PathBuf {
        self.0.join("index.new.sqlite")
    }

    /// The number of the index that counts; none in a folder without one.
    pub(crate) fn current(&self) -> Result<Option<u64>, CacheError> {
        let numbers = files(&self.0)?.into_iter().filter_map(|path| {
            let name = path.file_name()?.to_str()?;
            index_number(name.strip_suffix(".sqlite")?)
        });
        Ok(numbers.max())
    }

    /// Removes every index but the one that counts, and what was left half made.
    pub(crate) fn remove_other_indexes(&self, current: Option<u64>) -> Result<(), CacheError> {
        for path in files(&self.0)? {
            let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
            let stem = ["", "-wal", "-shm", "-journal"]
                .iter()
                .find_map(|suffix| name.strip_suffix(&format!(".sqlite{suffix}")));
            let is_old = stem.is_some_and(|stem| match index_number(stem) {
                Some(number) => Some(number) != current,
                None => stem == "index.new",
            });
            if is_old {
                fs::remove_file(&path).map_err(|source| CacheError::io(&path, source))?;
            }
        }
        Ok(())
    }

    /// The names of the shards on disk, sorted.
    pub(crate) fn shard_names(&self) -> Result<Vec<String>, CacheError> {
        let extension = OsStr::new(EXTENSION);
        let paths = files(&self.shards())?.into_iter();
        let shards = paths.filter(|path| path.extension() == Some(extension));
        let names = shards.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()));
        let mut names: Vec<_> = names.collect();
        names.sort_unstable();
        Ok(names)
    }

    /// Removes shards that a killed writer left half written. Only for who holds the lock.
    pub(crate) fn remove_unfinished(&self) -> Result<(), CacheError> {
        for path in files(&self.shards())? {
            if path.extension() != Some(OsStr::new(EXTENSION)) {
                fs::remove_file(&path).map_err(|source| CacheError::io(&path, source))?;
            }
        }
        Ok(())
    }

    /// Makes the folder and those in it.
    pub(crate) fn create(&self) -> Result<(), CacheError> {
        let shards = self.shards();
        fs::create_dir_all(&shards).map_err(|source| CacheError::io(&shards, source))
    }
}

fn index_number(stem: &str) -> Option<u64> {
    stem.strip_prefix("index.")?.parse().ok()
}

/// The files in a folder; none if it is not there.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>, CacheError> {
    let fail = |source| CacheError::io(folder, source);
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(fail)?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry.map_err(fail)?;
        if entry.file_type().map_err(fail)?.is_file() {
            files.push(entry.path());
        }
    }
    Ok(files)
}
