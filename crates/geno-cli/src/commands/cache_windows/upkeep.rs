//! `geno-lewm cache-windows stat`, `verify`, `repair` and `reindex`.

use std::{path::Path, path::PathBuf, time::Duration};

use geno_app::config::Settings;
use geno_core::{Coded, ErrorCode};
use geno_data::{DamagedShard, RecipeStat, cache_stat, reindex_cache, repair_cache, verify_cache};
use geno_provenance::Json;

use super::print;
use crate::{failure::Failure, progress::Bar};

/// A cache that is not what was written to it.
#[derive(Debug, thiserror::Error)]
#[error("the cache is damaged: `geno-lewm cache-windows repair` keeps what is whole")]
struct Damaged;

impl Coded for Damaged {
    fn code(&self) -> ErrorCode {
        ErrorCode::ResourceCacheCorrupt
    }
}

pub(super) fn stat(folder: &Path) -> Result<(), Failure> {
    let stat = cache_stat(folder)?;
    print(&Json::object([
        ("shards", stat.shards.into()),
        ("states", stat.states.into()),
        ("bytes", stat.bytes.into()),
        ("unreadable_shards", stat.unreadable.into()),
        ("quarantined_files", stat.quarantined.into()),
        (
            "recipes",
            Json::Array(stat.recipes.iter().map(recipe).collect()),
        ),
    ]))
}

fn recipe(stat: &RecipeStat) -> Json {
    let recipe = &stat.recipe;
    Json::object([
        ("contract", recipe.contract.as_str().into()),
        ("encoder", recipe.encoder.into()),
        ("state_layer", i64::from(recipe.state_layer).into()),
        ("pool_type", recipe.pool_type.as_str().into()),
        ("pool_radius", recipe.pool_radius.into()),
        ("dtype", recipe.dtype.as_str().into()),
        ("stored", recipe.stored.as_str().into()),
        ("kernel", stat.backend.as_str().into()),
        ("d_state", (stat.d_state as u64).into()),
        ("shards", stat.shards.into()),
        ("rows", stat.rows.into()),
        ("bytes", stat.bytes.into()),
    ])
}

pub(super) fn verify(folder: &Path, wait: Duration, settings: &Settings) -> Result<(), Failure> {
    let bar = Bar::new(settings.observability.quiet);
    let verified = verify_cache(folder, wait, |done, all| shards(&bar, done, all))?;
    bar.finish();
    let faults = verified.index_faults.iter();
    print(&Json::object([
        ("sound", verified.is_sound().into()),
        ("shards", verified.shards.into()),
        ("states", verified.states.into()),
        ("bytes", verified.bytes.into()),
        ("damaged", damaged(&verified.damaged)),
        ("missing", paths(&verified.missing)),
        ("unindexed", paths(&verified.unindexed)),
        ("stray_keys", verified.stray_keys.into()),
        ("lost_states", verified.lost_states.into()),
        (
            "index_faults",
            Json::Array(faults.map(|fault| fault.as_str().into()).collect()),
        ),
    ]))?;
    match verified.is_sound() {
        true => Ok(()),
        false => Err(Damaged.into()),
    }
}

pub(super) fn repair(folder: &Path, wait: Duration, settings: &Settings) -> Result<(), Failure> {
    let bar = Bar::new(settings.observability.quiet);
    let repaired = repair_cache(folder, wait, |done, all| shards(&bar, done, all))?;
    bar.finish();
    print(&Json::object([
        ("damaged", damaged(&repaired.damaged)),
        ("quarantined", paths(&repaired.quarantined)),
        ("saved_states", repaired.saved.into()),
        ("indexed_shards", repaired.shards.into()),
        ("indexed_states", repaired.states.into()),
    ]))
}

pub(super) fn reindex(folder: &Path, wait: Duration, settings: &Settings) -> Result<(), Failure> {
    let bar = Bar::new(settings.observability.quiet);
    let reindexed = reindex_cache(folder, wait, |done, all| shards(&bar, done, all))?;
    bar.finish();
    print(&Json::object([
        ("indexed_shards", reindexed.shards.into()),
        ("indexed_states", reindexed.states.into()),
        ("damaged", damaged(&reindexed.damaged)),
    ]))
}

fn shards(bar: &Bar, done: u64, all: u64) {
    let progress = geno_data::Progress {
        read: done,
        total: Some(all),
    };
    bar.show_file(progress, format!("{done} shards"));
}

fn paths(paths: &[PathBuf]) -> Json {
    Json::Array(paths.iter().map(|path| text(path)).collect())
}

fn damaged(shards: &[DamagedShard]) -> Json {
    let shard = |shard: &DamagedShard| {
        Json::object([
            ("file", text(&shard.path)),
            ("fault", shard.fault.to_string().into()),
        ])
    };
    Json::Array(shards.iter().map(shard).collect())
}

fn text(path: &Path) -> Json {
    path.display().to_string().into()
}
