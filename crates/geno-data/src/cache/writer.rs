//! Who may write: one process at a time, for as long as a shard takes.

use std::{
    collections::HashSet,
    fs::{File, TryLockError},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use super::{
    error::CacheError, folder::Folder, index::Index, reindex::build_index, shard::Fault,
    store::StateCache,
};

/// How long to sleep between two attempts at the lock.
const PAUSE: Duration = Duration::from_millis(20);

/// A cache of reference states, open for adding to it.
///
/// Several processes may fill one cache: each holds the lock only while it writes a shard, and
/// what another one has written in the meantime is not written again. A process killed at any
/// moment leaves a cache that is whole, and the system frees its lock.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use geno_core::{Digest, Dtype, PoolType, StateContract};
/// use geno_data::{CacheWriter, NewState, StateCache, StatePlace, StateRecipe, StoredAs};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("cache");
/// let recipe = StateRecipe {
///     contract: StateContract::L2NormalizedV2,
///     encoder: Digest::of(b"weights"),
///     state_layer: 20,
///     pool_type: PoolType::DownstreamMean,
///     pool_radius: 8,
///     dtype: Dtype::F32,
///     stored: StoredAs::F32,
/// };
/// let place = StatePlace {
///     window: Digest::of(b"ACGTACGT"),
///     contig: "20",
///     start: 1_000_000,
///     window_bp: 8,
///     locus: Some(4),
/// };
/// let mut writer = CacheWriter::open(&path, Duration::from_secs(1))?;
/// let state = NewState { place, values: &[0.6, 0.8] };
/// assert_eq!(writer.install(&recipe, "flex", &[state])?.written, 1);
/// assert_eq!(writer.install(&recipe, "flex", &[state])?.present, 1);
///
/// let cache = StateCache::open(&path)?;
/// let key = recipe.keys().key(place.window, place.locus);
/// assert_eq!(cache.get(&key)?, Some(vec![0.6, 0.8]));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct CacheWriter {
    cache: StateCache,
    wait: Duration,
    max_bytes: Option<u64>,
    /// Shards this writer put in, which it does not take out to make room.
    own: HashSet<String>,
}

impl CacheWriter {
    /// Opens the cache in a folder, and makes one where there is none.
    ///
    /// Whoever else is writing is waited for, now and later, for up to `wait`. What a killed
    /// writer left half done is finished or removed.
    ///
    /// # Errors
    ///
    /// [`CacheError::Busy`], [`CacheError::Index`] and [`CacheError::Io`].
    pub fn open(path: impl AsRef<Path>, wait: Duration) -> Result<Self, CacheError> {
        let folder = Folder::new(path.as_ref());
        folder.create()?;
        let lock = lock(&folder, wait)?;
        if folder.current()?.is_none() {
            build_index(&folder, &mut |_, _| {})?;
        }
        let mut writer = Self {
            wait,
            ..Self::of_current(folder)?
        };
        writer.recover()?;
        drop(lock);
        Ok(writer)
    }

    /// A writer of the index that counts, for who holds the lock.
    pub(crate) fn of_current(folder: Folder) -> Result<Self, CacheError> {
        Ok(Self {
            cache: open_current(folder)?,
            wait: Duration::ZERO,
            max_bytes: None,
            own: HashSet::new(),
        })
    }

    /// Keeps the shards under a number of bytes: the ones that were opened longest ago are taken
    /// out to make room. What this writer adds stays; when only that is left, a further shard is
    /// refused.
    pub fn with_max_bytes(self, max_bytes: u64) -> Self {
        Self {
            max_bytes: Some(max_bytes),
            ..self
        }
    }

    /// The cache, for looking up.
    pub fn cache(&self) -> &StateCache {
        &self.cache
    }

    pub(crate) fn max_bytes(&self) -> Option<u64> {
        self.max_bytes
    }

    pub(crate) fn is_own(&self, shard: &str) -> bool {
        self.own.contains(shard)
    }

    pub(crate) fn note_own(&mut self, shard: String) {
        self.own.insert(shard);
    }

    /// Takes the lock, and the index that counts now.
    pub(crate) fn lock_current(&mut self) -> Result<Lock, CacheError> {
        let folder = self.cache.folder().clone();
        let lock = lock(&folder, self.wait)?;
        if folder.current()? != Some(self.cache.number()) {
            if folder.current()?.is_none() {
                build_index(&folder, &mut |_, _| {})?;
            }
            self.cache = open_current(folder)?;
        }
        Ok(lock)
    }

    /// Finishes what killed writers began: indexes whole shards that no index names, and removes
    /// half-written files. The lock is held.
    fn recover(&mut self) -> Result<(), CacheError> {
        let folder = self.cache.folder().clone();
        folder.remove_unfinished()?;
        folder.remove_other_indexes(Some(self.cache.number()))?;
        let indexed = self.cache.with_index(|index| index.shards())?;
        let indexed: HashSet<_> = indexed.into_iter().map(|shard| shard.name).collect();
        for name in folder.shard_names()? {
            if indexed.contains(&name) {
                continue;
            }
            match super::check::check(&folder, &name) {
                Ok(shard) => self
                    .cache
                    .with_index(|index| index.add(&name, shard.bytes, &shard.keys))?,
                // A damaged one is for `repair` to take out.
                Err(Fault::Shard(_)) => {}
                Err(fault) => return Err(CacheError::shard(&folder.shard(&name), fault)),
            }
        }
        Ok(())
    }
}

fn open_current(folder: Folder) -> Result<StateCache, CacheError> {
    let Some(number) = folder.current()? else {
        let path = folder.path().to_owned();
        return Err(CacheError::NoCache { path });
    };
    let path = folder.index(number);
    let index = Index::open_writable(&path).map_err(|error| CacheError::index(&path, error))?;
    Ok(StateCache::new(folder, number, index))
}

/// The right to write. Dropping it, or the end of the process, gives it back.
#[must_use = "the lock is free again as soon as it is dropped"]
pub(crate) struct Lock(#[expect(dead_code, reason = "held for its lock")] File);

/// Takes the lock of a cache.
pub(crate) fn lock(folder: &Folder, wait: Duration) -> Result<Lock, CacheError> {
    let path = folder.lock();
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|source| CacheError::io(&path, source))?;
    let begin = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Lock(file)),
            Err(TryLockError::WouldBlock) if begin.elapsed() < wait => thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => {
                let path = folder.path().to_owned();
                return Err(CacheError::Busy { path });
            }
            Err(TryLockError::Error(source)) => return Err(CacheError::io(&path, source)),
        }
    }
}
