//! Looking states up.

use std::{
    collections::HashMap,
    io,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use super::{
    error::CacheError,
    folder::Folder,
    index::{Index, IndexError, Location},
    recipe::StateKey,
    shard::{Fault, Shard},
};

/// Shards kept open at once.
const MAX_OPEN: usize = 256;

/// A cache of reference states, open for looking up. Threads may share it.
///
/// It sees what other processes add while it is open. A row is compared with its digest and its
/// key whenever it is read, so no damage to a shard or to the index gives another state than the
/// one that was stored.
///
/// See [`CacheWriter`](crate::CacheWriter) for an example.
pub struct StateCache {
    folder: Folder,
    inner: Mutex<Inner>,
}

struct Inner {
    number: u64,
    index: Index,
    open: HashMap<i64, OpenShard>,
    /// Counts uses, to tell which shard to close.
    clock: u64,
}

struct OpenShard {
    shard: Arc<Shard>,
    used: u64,
}

impl StateCache {
    /// Opens the cache in a folder.
    ///
    /// # Errors
    ///
    /// [`CacheError::NoCache`] if the folder has no index, [`CacheError::Index`] if it has one
    /// that cannot be used.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, CacheError> {
        let folder = Folder::new(path.as_ref());
        // An index may be replaced between being found and being opened.
        let mut attempts = 0;
        loop {
            let Some(number) = folder.current()? else {
                let path = folder.path().to_owned();
                return Err(CacheError::NoCache { path });
            };
            attempts += 1;
            match Index::open(&folder.index(number)) {
                Ok(index) => return Ok(Self::new(folder, number, index)),
                Err(_) if attempts < 5 && folder.current()? != Some(number) => {}
                Err(error) => return Err(CacheError::index(&folder.index(number), error)),
            }
        }
    }

    pub(crate) fn new(folder: Folder, number: u64, index: Index) -> Self {
        let inner = Inner {
            number,
            index,
            open: HashMap::new(),
            clock: 0,
        };
        Self {
            folder,
            inner: Mutex::new(inner),
        }
    }

    /// The state of a key, if it is there.
    ///
    /// States stored as binary16 come back widened, which is exact.
    ///
    /// # Errors
    ///
    /// [`CacheError::Index`], and [`CacheError::Shard`] if the row or its shard is damaged.
    pub fn get(&self, key: &StateKey) -> Result<Option<Vec<f32>>, CacheError> {
        let mut inner = self.lock();
        let found = inner.index.find(key);
        let Some(location) = found.map_err(|error| self.index_error(&inner, error))? else {
            return Ok(None);
        };
        let Some(shard) = self.shard(&mut inner, location.shard)? else {
            return Ok(None);
        };
        drop(inner);
        self.read(&shard, location, key).map(Some)
    }

    /// The states of many keys, each where its key stands. Faster than one by one: the index is
    /// asked at one moment, and the shards are read in order.
    ///
    /// # Errors
    ///
    /// As [`StateCache::get`].
    pub fn get_many(&self, keys: &[StateKey]) -> Result<Vec<Option<Vec<f32>>>, CacheError> {
        let inner = self.lock();
        let found = inner.index.find_all(keys);
        let found = found.map_err(|error| self.index_error(&inner, error))?;
        let located = found.into_iter().enumerate();
        let mut located: Vec<_> = located.filter_map(|(i, at)| Some((at?, i))).collect();
        located.sort_unstable();

        drop(inner);
        let mut states = vec![None; keys.len()];
        let mut last = None;
        for (location, i) in located {
            let shard = match last.take() {
                Some((id, shard)) if id == location.shard => shard,
                _ => self.shard(&mut self.lock(), location.shard)?,
            };
            if let Some(shard) = &shard {
                states[i] = Some(self.read(shard, location, &keys[i])?);
            }
            last = Some((location.shard, shard));
        }
        Ok(states)
    }

    /// Which of some keys have a state.
    ///
    /// # Errors
    ///
    /// [`CacheError::Index`].
    pub fn contains(&self, keys: &[StateKey]) -> Result<Vec<bool>, CacheError> {
        let inner = self.lock();
        let found = inner.index.find_all(keys);
        let found = found.map_err(|error| self.index_error(&inner, error))?;
        Ok(found.iter().map(Option::is_some).collect())
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The number of the index in use.
    pub(crate) fn number(&self) -> u64 {
        self.lock().number
    }

    /// Does something with the index.
    pub(crate) fn with_index<T>(
        &self,
        work: impl FnOnce(&mut Index) -> Result<T, IndexError>,
    ) -> Result<T, CacheError> {
        let mut inner = self.lock();
        let outcome = work(&mut inner.index);
        outcome.map_err(|error| self.index_error(&inner, error))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn index_error(&self, inner: &Inner, error: IndexError) -> CacheError {
        CacheError::index(&self.folder.index(inner.number), error)
    }

    fn read(
        &self,
        shard: &Shard,
        Location { shard: id, row }: Location,
        key: &StateKey,
    ) -> Result<Vec<f32>, CacheError> {
        shard.read(row, key).map_err(|fault| {
            let name = self.lock().index.shard_name(id).ok().flatten();
            let path = self.folder.shard(&name.unwrap_or_default());
            CacheError::shard(&path, fault)
        })
    }

    /// A shard, opened where it is not. None if it was taken out since the index was asked.
    fn shard(&self, inner: &mut Inner, id: i64) -> Result<Option<Arc<Shard>>, CacheError> {
        inner.clock += 1;
        let used = inner.clock;
        if let Some(open) = inner.open.get_mut(&id) {
            open.used = used;
            return Ok(Some(open.shard.clone()));
        }
        let name = inner.index.shard_name(id);
        let Some(name) = name.map_err(|error| self.index_error(inner, error))? else {
            return Ok(None);
        };
        let path = self.folder.shard(&name);
        let shard = match Shard::open(&path) {
            Err(Fault::Io(error)) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            shard => Arc::new(shard.map_err(|fault| CacheError::shard(&path, fault))?),
        };
        // The oldest such time is what eviction goes by. Who may not set it reads all the same.
        let _ = shard.file().set_modified(SystemTime::now());
        if inner.open.len() >= MAX_OPEN {
            let oldest = inner.open.iter().min_by_key(|(_, open)| open.used);
            let oldest = oldest.map(|(&id, _)| id);
            oldest.and_then(|id| inner.open.remove(&id));
        }
        let opened = OpenShard {
            shard: shard.clone(),
            used,
        };
        inner.open.insert(id, opened);
        Ok(Some(shard))
    }
}
