//! Keeping a cache under its size.

use std::{fs, io, time::SystemTime};

use super::{error::CacheError, index::IndexedShard, writer::CacheWriter};

impl CacheWriter {
    /// Takes out the shards that were opened longest ago until so many bytes fit in; how many it
    /// took. The lock is held.
    pub(crate) fn make_room(&mut self, needed: u64) -> Result<u64, CacheError> {
        let Some(limit) = self.max_bytes() else {
            return Ok(0);
        };
        let shards = self.cache().with_index(|index| index.shards())?;
        let mut bytes: u64 = shards.iter().map(|shard| shard.bytes).sum();
        let others = shards.into_iter().filter(|shard| !self.is_own(&shard.name));
        let mut others: Vec<_> = others.map(|shard| (self.last_use(&shard), shard)).collect();
        others.sort_by(|(a_use, a), (b_use, b)| (a_use, &a.name).cmp(&(b_use, &b.name)));

        let mut gone = Vec::new();
        for (_, shard) in others {
            if bytes.saturating_add(needed) <= limit {
                break;
            }
            bytes -= shard.bytes;
            gone.push(shard);
        }
        if bytes.saturating_add(needed) > limit {
            return Err(CacheError::Full { needed, limit });
        }
        self.remove(&gone)?;
        Ok(gone.len() as u64)
    }

    /// Forgets shards first and removes them then, so that no key leads to a shard that is gone.
    fn remove(&self, gone: &[IndexedShard]) -> Result<(), CacheError> {
        if gone.is_empty() {
            return Ok(());
        }
        let ids: Vec<_> = gone.iter().map(|shard| shard.id).collect();
        self.cache().with_index(|index| index.remove(&ids))?;
        for shard in gone {
            let path = self.cache().folder().shard(&shard.name);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(CacheError::io(&path, error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// When a shard was last opened, or written. One that is not there is the first to go.
    fn last_use(&self, shard: &IndexedShard) -> SystemTime {
        let path = self.cache().folder().shard(&shard.name);
        let modified = fs::metadata(path).and_then(|metadata| metadata.modified());
        modified.unwrap_or(SystemTime::UNIX_EPOCH)
    }
}
