//! Checking whole shards.

use super::{
    folder::Folder,
    header::ShardFault,
    recipe::StateKey,
    row,
    shard::{Fault, scan},
};

/// A shard that is whole.
pub(crate) struct CheckedShard {
    pub(crate) bytes: u64,
    /// Key of each row.
    pub(crate) keys: Vec<StateKey>,
}

/// Reads a shard from end to end: head, length, rows and name all hold.
pub(crate) fn check(folder: &Folder, name: &str) -> Result<CheckedShard, Fault> {
    let mut keys = Vec::new();
    let scan = scan(
        &folder.shard(name),
        name,
        |_, _, row| -> Result<(), Fault> {
            keys.push(row::head(row?).key);
            Ok(())
        },
    )?;
    match scan.is_named {
        true => Ok(CheckedShard {
            bytes: scan.bytes,
            keys,
        }),
        false => Err(ShardFault::Contents.into()),
    }
}
