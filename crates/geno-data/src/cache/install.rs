//! Putting states into a cache.

use std::{collections::HashSet, fs, io::Write};

use geno_core::{Coded, ErrorCode};
use geno_provenance::write_atomic;
use half::f16;

use super::{
    error::CacheError,
    header::{MAX_DIM, is_line},
    recipe::{StateKey, StateRecipe, StoredAs},
    row::StatePlace,
    shard::{Built, build},
    writer::CacheWriter,
};

/// A state to be cached.
#[derive(Clone, Copy, Debug)]
pub struct NewState<'a> {
    /// Its window and locus.
    pub place: StatePlace<'a>,
    /// Its values.
    pub values: &'a [f32],
}

/// Why a state cannot be cached.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StateFault {
    /// A value is infinite or not a number.
    #[error("value {value} is not finite")]
    NotFinite {
        /// The value, from 0.
        value: usize,
    },
    /// A value is too large for binary16.
    #[error("value {value} is larger than binary16 holds: store the states as fp32")]
    Overflow {
        /// The value, from 0.
        value: usize,
    },
    /// States of one call have different widths, none, or more values than a state has.
    #[error("it has {found} values, where {expected} are expected")]
    Width {
        /// Values of the state.
        found: usize,
        /// Values of the first one.
        expected: usize,
    },
    /// The locus is not in the window.
    #[error("its locus is outside its window of {window_bp} bases")]
    Locus {
        /// Bases of the window.
        window_bp: u32,
    },
    /// The name of a contig or of the backend is empty or has a line break.
    #[error("the name of its contig or backend is empty or has a line break")]
    Name,
    /// The states lie on more contigs than one shard can name.
    #[error("they lie on too many contigs for one shard")]
    TooManyContigs,
}

impl Coded for StateFault {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Locus { .. } => ErrorCode::InputOutOfWindow,
            _ => ErrorCode::InputGeneric,
        }
    }
}

/// Why states were not cached. None of them was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InstallError {
    /// A state that cannot be cached.
    #[error("cannot cache state {index}")]
    State {
        /// The state, from 0.
        index: usize,
        /// Why.
        source: StateFault,
    },
    /// The cache.
    #[error(transparent)]
    Cache(#[from] CacheError),
}

impl Coded for InstallError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::State { source, .. } => source.code(),
            Self::Cache(source) => source.code(),
        }
    }
}

/// What became of the states of one call.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Installed {
    /// States that were written.
    pub written: u64,
    /// States whose key was there already. It keeps its older state.
    pub present: u64,
    /// Bytes of the new shard.
    pub bytes: u64,
    /// Shards that were taken out to make room.
    pub evicted: u64,
}

impl CacheWriter {
    /// Adds states of one recipe as one shard, which is there whole and for good when this
    /// returns, or not at all.
    ///
    /// `backend` names what computed them, for whoever wonders about last bits.
    ///
    /// # Errors
    ///
    /// [`InstallError::State`] for the first state that cannot be cached; [`CacheError::Busy`],
    /// [`CacheError::Full`], [`CacheError::Write`] and [`CacheError::Index`]. The cache is then
    /// as it was.
    pub fn install(
        &mut self,
        recipe: &StateRecipe,
        backend: &str,
        states: &[NewState<'_>],
    ) -> Result<Installed, InstallError> {
        check(recipe.stored, backend, states)?;
        let keys = recipe.keys();
        let key = |state: &NewState<'_>| keys.key(state.place.window, state.place.locus);
        let keys: Vec<StateKey> = states.iter().map(key).collect();

        let _lock = self.lock_current()?;
        let present = self.cache().contains(&keys)?;
        let mut seen = HashSet::new();
        let fresh = states.iter().zip(keys).zip(present);
        let fresh: Vec<_> = fresh
            .filter(|((_, key), is_present)| !is_present && seen.insert(*key))
            .map(|((state, key), _)| (key, state))
            .collect();
        let mut installed = Installed {
            written: fresh.len() as u64,
            present: (states.len() - fresh.len()) as u64,
            ..Installed::default()
        };
        if !fresh.is_empty() {
            let failed = |source| InstallError::State { index: 0, source };
            let shard = build(recipe, backend, &fresh).map_err(failed)?;
            installed.bytes = shard.bytes.len() as u64;
            installed.evicted = self.make_room(installed.bytes)?;
            let keys: Vec<StateKey> = fresh.iter().map(|(key, _)| *key).collect();
            self.put(shard, &keys)?;
        }
        Ok(installed)
    }

    /// Writes a shard and then its keys. The lock is held.
    pub(crate) fn put(&mut self, shard: Built, keys: &[StateKey]) -> Result<(), CacheError> {
        let Built { name, bytes } = shard;
        let path = self.cache().folder().shard(&name);
        self.cache().folder().create()?;
        write_atomic(&path, |file| file.write_all(&bytes)).map_err(CacheError::Write)?;
        let n_bytes = bytes.len() as u64;
        let indexed = self
            .cache()
            .with_index(|index| index.add(&name, n_bytes, keys));
        if indexed.is_err() {
            // Without its keys the shard is of no use yet, and the disk may be full.
            let _ = fs::remove_file(&path);
        }
        indexed?;
        self.note_own(name);
        Ok(())
    }
}

/// Checks states before anything is written.
fn check(stored: StoredAs, backend: &str, states: &[NewState<'_>]) -> Result<(), InstallError> {
    let expected = states.first().map_or(0, |state| state.values.len());
    for (index, NewState { place, values }) in states.iter().enumerate() {
        let found = values.len();
        let too_large = |value: &f32| f16::from_f32(*value).is_infinite();
        let fault = if let Some(value) = values.iter().position(|value| !value.is_finite()) {
            StateFault::NotFinite { value }
        } else if stored == StoredAs::F16
            && let Some(value) = values.iter().position(too_large)
        {
            StateFault::Overflow { value }
        } else if found != expected || !(1..=MAX_DIM).contains(&found) {
            StateFault::Width { found, expected }
        } else if place.locus.is_some_and(|locus| locus >= place.window_bp) {
            let window_bp = place.window_bp;
            StateFault::Locus { window_bp }
        } else if !is_line(place.contig) || !is_line(backend) {
            StateFault::Name
        } else {
            continue;
        };
        return Err(InstallError::State {
            index,
            source: fault,
        });
    }
    Ok(())
}
