//! Filling a cache of reference states.

use std::{
    collections::{BTreeMap, HashSet},
    mem,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use geno_core::{Coded, Digest, ErrorCode, PoolType};
use geno_data::{
    CacheError, CacheWriter, CorpusError, InstallError, NewState, Progress, ReferenceLoci,
    ReferenceWindow, ReferenceWindows, ReferenceWindowsError, StateKey, StatePlace, StateRecipe,
    StoredAs,
};

use crate::{
    model_dir::ModelDir,
    run_vcf::Completion,
    runtime::{Runtime, RuntimeError},
};

/// Windows looked up together.
const LOOKUP: usize = 256;
/// States are written at the latest so long after those before them.
const PERIOD: Duration = Duration::from_secs(60);

/// What a cache is filled with.
#[derive(Clone, Copy)]
pub struct BuildCache<'a> {
    /// Where states are wanted.
    pub loci: ReferenceLoci<'a>,
    /// What they are made with: that of the runtime's model, see [`state_recipe`].
    pub recipe: StateRecipe,
    /// Windows computed together. Never changes a state.
    pub batch_size: usize,
    /// States of one shard, which is what a killed run loses at most.
    pub per_shard: usize,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CacheProgress {
    /// Bases of a genome, bytes of a file or rows of a table that were passed.
    pub input: Progress,
    /// States computed.
    pub computed: u64,
    /// States that were there.
    pub present: u64,
}

/// What a run did.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CacheBuilt {
    /// States that were written.
    pub written: u64,
    /// States that were there already, or twice among the windows.
    pub present: u64,
    /// Bytes of the new shards.
    pub bytes: u64,
    /// Shards that were taken out to make room.
    pub evicted: u64,
    /// Loci of a genome that were passed over because their base is unknown.
    pub unknown: u64,
    /// Rows and regions that could not be used, by code.
    pub rejected: BTreeMap<&'static str, u64>,
}

/// Why a cache was not filled. What was written before stays.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildCacheError {
    /// A batch holds nothing.
    #[error("batch size is 0")]
    BatchSize,
    /// What windows come from cannot be opened.
    #[error(transparent)]
    Open(#[from] CorpusError),
    /// What windows come from cannot be read to its end.
    #[error(transparent)]
    Windows(#[from] ReferenceWindowsError),
    /// The model cannot encode.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The cache cannot be asked.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// The states cannot be written.
    #[error(transparent)]
    Install(#[from] InstallError),
}

impl Coded for BuildCacheError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::BatchSize => ErrorCode::InputGeneric,
            Self::Open(source) => source.code(),
            Self::Windows(source) => source.code(),
            Self::Runtime(source) => source.code(),
            Self::Cache(source) => source.code(),
            Self::Install(source) => source.code(),
        }
    }
}

/// What a model makes states with.
pub fn state_recipe(model: &ModelDir, stored: StoredAs) -> StateRecipe {
    let encoder = &model.config().encoder;
    StateRecipe {
        contract: encoder.state_contract,
        encoder: model.manifest().encoder.hash,
        state_layer: encoder.state_layer,
        pool_type: encoder.pool_type,
        pool_radius: match encoder.pool_type {
            PoolType::GlobalMean => 0,
            _ => u32::try_from(encoder.pool_radius).unwrap_or(u32::MAX),
        },
        dtype: encoder.dtype,
        stored,
    }
}

impl Runtime {
    /// Encodes the windows whose states a cache does not hold and adds them, a shard at a time.
    ///
    /// A run that was killed loses what it computed since its last shard, a minute's work at most.
    /// One that is stopped loses nothing.
    ///
    /// # Errors
    ///
    /// [`BuildCacheError`].
    pub fn build_cache(
        &self,
        request: &BuildCache<'_>,
        writer: &mut CacheWriter,
        mut on_progress: impl FnMut(CacheProgress),
        stop: &AtomicBool,
    ) -> Result<Completion<CacheBuilt>, BuildCacheError> {
        if request.batch_size == 0 {
            return Err(BuildCacheError::BatchSize);
        }
        let mut windows = ReferenceWindows::open(request.loci)?;
        let mut build = Build {
            runtime: self,
            request,
            writer,
            waiting: Vec::new(),
            waiting_keys: HashSet::new(),
            last: Instant::now(),
            computed: 0,
            built: CacheBuilt::default(),
        };
        loop {
            let next = windows.by_ref().take(LOOKUP);
            let next: Vec<_> = next.collect::<Result<_, _>>()?;
            let is_over = next.is_empty() || stop.load(Ordering::Relaxed);
            if !is_over {
                build.add(next, stop)?;
                on_progress(CacheProgress {
                    input: windows.progress(),
                    computed: build.computed,
                    present: build.built.present,
                });
                continue;
            }
            build.write()?;
            let (unknown, rejected) = (windows.unknown(), windows.rejected().clone());
            return Ok(match stop.load(Ordering::Relaxed) {
                true => Completion::Interrupted,
                false => Completion::Finished(CacheBuilt {
                    unknown,
                    rejected,
                    ..build.built
                }),
            });
        }
    }
}

struct Build<'a, 'w> {
    runtime: &'a Runtime,
    request: &'a BuildCache<'a>,
    writer: &'w mut CacheWriter,
    /// States that are in no shard yet.
    waiting: Vec<Computed>,
    waiting_keys: HashSet<StateKey>,
    /// When the last shard was written.
    last: Instant,
    computed: u64,
    built: CacheBuilt,
}

struct Wanted {
    window: ReferenceWindow,
    digest: Digest,
    locus: Option<usize>,
}

struct Computed {
    wanted: Wanted,
    values: Vec<f32>,
}

impl Build<'_, '_> {
    /// Computes what is not there of some windows, unless it is stopped between two batches.
    fn add(
        &mut self,
        windows: Vec<ReferenceWindow>,
        stop: &AtomicBool,
    ) -> Result<(), BuildCacheError> {
        let recipe = &self.request.recipe;
        let is_pooled_around = recipe.pool_type != PoolType::GlobalMean;
        let wanted = windows.into_iter().map(|window| Wanted {
            digest: Digest::of(window.window.bases()),
            locus: is_pooled_around.then_some(window.locus),
            window,
        });
        let wanted: Vec<_> = wanted.collect();
        let keys = recipe.keys();
        let keys: Vec<_> = wanted
            .iter()
            .map(|wanted| keys.key(wanted.digest, wanted.locus.map(in_window)))
            .collect();
        let present = self.writer.cache().contains(&keys)?;

        let mut missing = Vec::new();
        for ((wanted, key), is_present) in wanted.into_iter().zip(keys).zip(present) {
            if is_present || !self.waiting_keys.insert(key) {
                self.built.present += 1;
            } else {
                missing.push(wanted);
            }
        }
        while !missing.is_empty() && !stop.load(Ordering::Relaxed) {
            let rest = missing.split_off(self.request.batch_size.min(missing.len()));
            self.compute(mem::replace(&mut missing, rest))?;
            if self.waiting.len() >= self.request.per_shard || self.last.elapsed() >= PERIOD {
                self.write()?;
            }
        }
        Ok(())
    }

    fn compute(&mut self, batch: Vec<Wanted>) -> Result<(), RuntimeError> {
        let windows = batch
            .iter()
            .map(|wanted| (&wanted.window.window, wanted.locus));
        let windows: Vec<_> = windows.collect();
        let states = self.runtime.encode_windows(&windows)?;
        self.computed += batch.len() as u64;
        let computed = batch.into_iter().zip(states);
        self.waiting
            .extend(computed.map(|(wanted, values)| Computed { wanted, values }));
        Ok(())
    }

    /// Writes what is waiting as one shard.
    fn write(&mut self) -> Result<(), InstallError> {
        let states = self
            .waiting
            .iter()
            .map(|Computed { wanted, values }| NewState {
                place: StatePlace {
                    window: wanted.digest,
                    contig: &wanted.window.contig,
                    start: wanted.window.window.start(),
                    window_bp: in_window(wanted.window.window.len()),
                    locus: wanted.locus.map(in_window),
                },
                values,
            });
        let states: Vec<_> = states.collect();
        let kernel = self.runtime.backend().kernel();
        let installed = self.writer.install(&self.request.recipe, kernel, &states)?;
        self.built.written += installed.written;
        self.built.present += installed.present;
        self.built.bytes += installed.bytes;
        self.built.evicted += installed.evicted;
        self.waiting.clear();
        self.waiting_keys.clear();
        self.last = Instant::now();
        Ok(())
    }
}

/// A place in a window that an encoder took: far below what 32 bits hold.
fn in_window(bases: usize) -> u32 {
    u32::try_from(bases).expect("a window that was encoded")
}
