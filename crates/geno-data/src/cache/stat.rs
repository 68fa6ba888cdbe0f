//! What a cache holds.

use std::{collections::BTreeMap, path::Path};

use super::{
    error::CacheError,
    folder::{Folder, files},
    recipe::StateRecipe,
    shard::{Fault, Shard},
    store::StateCache,
};

/// What a cache holds.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CacheStat {
    /// Shards in the index.
    pub shards: u64,
    /// Keys in the index.
    pub states: u64,
    /// Bytes of the shards in the index.
    pub bytes: u64,
    /// Shards whose head cannot be read. `verify` says more.
    pub unreadable: u64,
    /// Files in the quarantine.
    pub quarantined: u64,
    /// The shards by what their states were made with, in a fixed order.
    pub recipes: Vec<RecipeStat>,
}

/// The shards of one recipe and backend.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RecipeStat {
    /// What the states were made with.
    pub recipe: StateRecipe,
    /// What computed them.
    pub backend: String,
    /// Values of a state.
    pub d_state: usize,
    /// Shards.
    pub shards: u64,
    /// Rows of the shards.
    pub rows: u64,
    /// Bytes of the shards.
    pub bytes: u64,
}

/// Reads the index and the head of every shard.
///
/// # Errors
///
/// As [`StateCache::open`], and [`CacheError::Io`].
pub fn cache_stat(path: impl AsRef<Path>) -> Result<CacheStat, CacheError> {
    let cache = StateCache::open(path)?;
    let folder: &Folder = cache.folder();
    let (states, shards) = cache.with_index(|index| Ok((index.n_states()?, index.shards()?)))?;
    let mut stat = CacheStat {
        shards: shards.len() as u64,
        states,
        bytes: shards.iter().map(|shard| shard.bytes).sum(),
        quarantined: files(&folder.quarantine())?.len() as u64,
        ..CacheStat::default()
    };
    let mut recipes = BTreeMap::new();
    for shard in shards {
        let path = folder.shard(&shard.name);
        let header = match Shard::open(&path) {
            Ok(open) => open.header,
            Err(Fault::Shard(_)) => {
                stat.unreadable += 1;
                continue;
            }
            Err(Fault::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => {
                stat.unreadable += 1;
                continue;
            }
            Err(fault) => return Err(CacheError::shard(&path, fault)),
        };
        let key = (header.recipe.text(), header.backend.clone(), header.dim);
        let entry = recipes.entry(key).or_insert_with(|| RecipeStat {
            recipe: header.recipe,
            backend: header.backend,
            d_state: header.dim,
            shards: 0,
            rows: 0,
            bytes: 0,
        });
        entry.shards += 1;
        entry.rows += shard.rows;
        entry.bytes += shard.bytes;
    }
    stat.recipes = recipes.into_values().collect();
    Ok(stat)
}
