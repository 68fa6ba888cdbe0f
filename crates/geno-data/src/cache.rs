//! The window-state cache: reference states by what they were made with and of what.
//!
//! A folder of immutable shards, each named by the BLAKE3 of its contents, and an SQLite index. A
//! shard is one head and rows of one length, so a state is read in place with one read. What is on
//! disk is checked whenever it is used: the head by its digest, a row by its own and by its key.

mod check;
mod error;
mod evict;
mod folder;
mod header;
mod index;
mod install;
#[cfg(feature = "parquet")]
mod peer;
mod recipe;
mod reindex;
mod repair;
mod row;
mod shard;
mod stat;
mod store;
mod verify;
mod writer;

#[cfg(feature = "parquet")]
pub use self::peer::{
    ExportPeerError, Exported, ImportFault, ImportPeerError, Imported, export_peer, import_peer,
};
pub use self::{
    error::CacheError,
    header::ShardFault,
    index::IndexError,
    install::{InstallError, Installed, NewState, StateFault},
    recipe::{StateKey, StateKeys, StateRecipe, StoredAs},
    reindex::{DamagedShard, Reindexed, reindex_cache},
    repair::{Repaired, repair_cache},
    row::StatePlace,
    stat::{CacheStat, RecipeStat, cache_stat},
    store::StateCache,
    verify::{Verified, verify_cache},
    writer::CacheWriter,
};
