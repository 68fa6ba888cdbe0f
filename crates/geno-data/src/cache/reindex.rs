//! Making a new index from the shards.

use std::{fs, path::PathBuf, time::Duration};

use super::{
    check::check, error::CacheError, folder::Folder, header::ShardFault, index::Index,
    shard::Fault, writer::lock,
};

/// A shard that cannot be used, and why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DamagedShard {
    /// Its file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub fault: ShardFault,
}

/// What a new index holds.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Reindexed {
    /// Shards in the index.
    pub shards: u64,
    /// Keys in the index.
    pub states: u64,
    /// Shards that were left out. They stay where they are.
    pub damaged: Vec<DamagedShard>,
}

/// Makes a new index from the shards of a cache and puts it in the place of the old one, which is
/// neither read nor removed before the new one stands. Damaged shards are left out.
///
/// `progress` is told, after each shard, how many are done and how many there are. Who has the
/// cache open for looking up goes on with the old index; writers take the new one.
///
/// # Errors
///
/// [`CacheError::NoCache`], [`CacheError::Busy`] after waiting for `wait`, and
/// [`CacheError::Io`] and [`CacheError::Index`]; the old index then stays.
pub fn reindex_cache(
    path: impl AsRef<std::path::Path>,
    wait: Duration,
    mut progress: impl FnMut(u64, u64),
) -> Result<Reindexed, CacheError> {
    let folder = existing(path.as_ref())?;
    let _lock = lock(&folder, wait)?;
    folder.remove_unfinished()?;
    build_index(&folder, &mut progress)
}

/// The folder of a cache, with or without an index.
pub(crate) fn existing(path: &std::path::Path) -> Result<Folder, CacheError> {
    let folder = Folder::new(path);
    match folder.shards().is_dir() || folder.current()?.is_some() {
        true => Ok(folder),
        false => Err(CacheError::NoCache {
            path: path.to_owned(),
        }),
    }
}

/// Makes the index. The lock is held.
pub(crate) fn build_index(
    folder: &Folder,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Reindexed, CacheError> {
    let current = folder.current()?;
    folder.remove_other_indexes(current)?;
    let report = write_index(folder, current.map_or(1, |number| number + 1), progress);
    if report.is_err() {
        // The disk may be full, and the old index still counts.
        let _ = folder.remove_other_indexes(current);
    }
    report
}

fn write_index(
    folder: &Folder,
    number: u64,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Reindexed, CacheError> {
    let path = folder.new_index();
    let fail = |error| CacheError::index(&path, error);
    let mut index = Index::create(&path).map_err(fail)?;
    let mut report = Reindexed::default();
    let names = folder.shard_names()?;
    for (done, name) in names.iter().enumerate() {
        match check(folder, name) {
            Ok(shard) => {
                let added = index.add(name, shard.bytes, &shard.keys);
                added.map_err(fail)?;
                report.shards += 1;
            }
            Err(Fault::Shard(fault)) => report.damaged.push(DamagedShard {
                path: folder.shard(name),
                fault,
            }),
            Err(fault) => return Err(CacheError::shard(&folder.shard(name), fault)),
        }
        progress(done as u64 + 1, names.len() as u64);
    }
    report.states = index.n_states().map_err(fail)?;
    index.finish().map_err(fail)?;

    let installed = folder.index(number);
    let io = |source| CacheError::io(&path, source);
    let file = fs::File::options().write(true).open(&path).map_err(io)?;
    file.sync_all().map_err(io)?;
    fs::rename(&path, &installed).map_err(io)?;
    if let Ok(directory) = fs::File::open(folder.path()) {
        // The index is whole under its name; some systems cannot sync a directory.
        let _ = directory.sync_all();
    }
    folder.remove_other_indexes(Some(number))?;
    Ok(report)
}
