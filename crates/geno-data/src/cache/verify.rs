//! Checking a whole cache.

use std::{collections::HashSet, path::Path, path::PathBuf, time::Duration};

use super::{
    check::check,
    error::CacheError,
    index::{Index, Location},
    reindex::{DamagedShard, existing},
    shard::Fault,
    writer::lock,
};

/// What a check of a cache found.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Verified {
    /// Shards in the index.
    pub shards: u64,
    /// Keys in the index.
    pub states: u64,
    /// Bytes of the shards in the index that are whole.
    pub bytes: u64,
    /// Shards that are not what they were when they were written.
    pub damaged: Vec<DamagedShard>,
    /// Shards in the index that are not on disk.
    pub missing: Vec<PathBuf>,
    /// Shards on disk that the index does not name.
    pub unindexed: Vec<PathBuf>,
    /// Keys in the index that do not lead to their row of a whole shard.
    pub stray_keys: u64,
    /// Rows of whole shards whose key the index does not know.
    pub lost_states: u64,
    /// What SQLite finds wrong with the index.
    pub index_faults: Vec<String>,
}

impl Verified {
    /// Whether every digest holds and every key leads to its state.
    pub fn is_sound(&self) -> bool {
        let Self {
            damaged,
            missing,
            unindexed,
            stray_keys: 0,
            lost_states: 0,
            index_faults,
            ..
        } = self
        else {
            return false;
        };
        damaged.is_empty() && missing.is_empty() && unindexed.is_empty() && index_faults.is_empty()
    }
}

/// Reads all of a cache and compares every digest, every key and the index. Nothing is changed.
///
/// Writers wait meanwhile. `progress` is told, after each shard, how many are done and how many
/// there are.
///
/// # Errors
///
/// [`CacheError::NoCache`], [`CacheError::Busy`] after waiting for `wait`, [`CacheError::Io`], and
/// [`CacheError::Index`] for an index that cannot be opened at all.
pub fn verify_cache(
    path: impl AsRef<Path>,
    wait: Duration,
    mut progress: impl FnMut(u64, u64),
) -> Result<Verified, CacheError> {
    let folder = existing(path.as_ref())?;
    let _lock = lock(&folder, wait)?;
    let Some(number) = folder.current()? else {
        let path = folder.path().to_owned();
        return Err(CacheError::NoCache { path });
    };
    let index_path = folder.index(number);
    let fail = |error| CacheError::index(&index_path, error);
    let index = Index::open(&index_path).map_err(fail)?;

    let shards = index.shards().map_err(fail)?;
    let mut report = Verified {
        shards: shards.len() as u64,
        states: index.n_states().map_err(fail)?,
        index_faults: index.faults().map_err(fail)?,
        ..Verified::default()
    };
    let names: HashSet<&str> = shards.iter().map(|shard| shard.name.as_str()).collect();
    for name in folder.shard_names()? {
        if !names.contains(name.as_str()) {
            report.unindexed.push(folder.shard(&name));
        }
    }
    let mut found = 0;
    for (done, shard) in shards.iter().enumerate() {
        let path = folder.shard(&shard.name);
        match check(&folder, &shard.name) {
            Ok(checked) => {
                report.bytes += checked.bytes;
                let locations = index.find_all(&checked.keys).map_err(fail)?;
                for (row, location) in (0..).zip(locations) {
                    let id = shard.id;
                    found += u64::from(location == Some(Location { shard: id, row }));
                    report.lost_states += u64::from(location.is_none());
                }
            }
            Err(Fault::Shard(fault)) => report.damaged.push(DamagedShard { path, fault }),
            Err(Fault::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => {
                report.missing.push(path);
            }
            Err(fault) => return Err(CacheError::shard(&path, fault)),
        }
        progress(done as u64 + 1, shards.len() as u64);
    }
    report.stray_keys = report.states.saturating_sub(found);
    Ok(report)
}
