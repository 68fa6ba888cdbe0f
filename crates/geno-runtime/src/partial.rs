//! What a run has done so far, kept beside its output until it is complete.
//!
//! The folder `OUTPUT.partial` holds the scores, the receipts and the rejected rows, and a journal
//! that says how much of them is whole. Rows are written as they come; every so often a *chunk* is
//! closed: what was written is made durable, and then a line of the journal says so, with a digest.
//! A run that is killed leaves its chunks, and what stands behind the last one is cut off when the
//! run is resumed. The final files are made from the whole at the end, so they do not depend on
//! where chunks ended or runs were killed.

mod error;
mod journal;
mod keep;
mod run_key;
mod spool;

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, BufReader, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

pub use self::error::PartialError;
use self::journal::Journal;
pub(crate) use self::{
    journal::{Chunk, Header},
    keep::{copy_out, remove_stale},
    run_key::RunKey,
    spool::Spool,
};

/// A chunk has this many rows and took this long, or took longer whatever it has: often enough to
/// lose little, seldom enough not to wait for disks.
const CHUNK_ROWS: u64 = 1_000;
const SHORTEST_CHUNK: Duration = Duration::from_millis(100);
const LONGEST_CHUNK: Duration = Duration::from_secs(10);

const JOURNAL: &str = "journal.jsonl";
const SPOOLS: [&str; 3] = ["scores.tsv", "receipts.jsonl", "rejected.jsonl"];

/// What becomes of an unfinished run that had the same output.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Unfinished {
    /// It is an error.
    #[default]
    Refuse,
    /// It is resumed; if there is none, a run begins.
    Resume,
    /// What it did is thrown away.
    Discard,
}

/// The folder of an unfinished run.
pub(crate) struct Partial {
    folder: PathBuf,
    journal: File,
    /// Scores, receipts, rejected rows.
    spools: [Spool; 3],
    /// Whether the journal has its header.
    is_begun: bool,
    rows: u64,
    chunk_started: Instant,
}

/// What a resumed run finds.
pub(crate) struct Resumed {
    pub(crate) header: Header,
    pub(crate) done: Chunk,
}

/// The folder of a run that has this output.
pub(crate) fn folder_of(output: &Path) -> PathBuf {
    let mut name = output.as_os_str().to_owned();
    name.push(".partial");
    name.into()
}

impl Partial {
    /// Makes the folder, or takes over that of an unfinished run, which `key` must be equal to.
    pub(crate) fn open<E: From<PartialError>>(
        output: &Path,
        unfinished: Unfinished,
        key: impl FnOnce() -> Result<RunKey, E>,
    ) -> Result<(Self, Option<Resumed>), E> {
        let folder = folder_of(output);
        if !folder.exists() {
            return Ok((Self::create(folder)?, None));
        }
        let journal = lock(&folder, OpenOptions::new().read(true).append(true))?;
        let found = match &journal {
            Some(file) if unfinished != Unfinished::Discard => Journal::read(&folder, file)?,
            _ => None,
        };
        let (Some(file), Some(found)) = (journal, found) else {
            // A run that closed no chunk left nothing to keep either.
            remove(&folder)?;
            return Ok((Self::create(folder)?, None));
        };
        match unfinished {
            Unfinished::Resume => {
                let key = key()?;
                if let Some(what) = key.difference(&found.header.key) {
                    let what = what.to_owned();
                    return Err(PartialError::OtherRun { folder, what }.into());
                }
                let (partial, resumed) = Self::resume(folder, file, found)?;
                Ok((partial, Some(resumed)))
            }
            _ => Err(PartialError::Unfinished { folder }.into()),
        }
    }

    fn create(folder: PathBuf) -> Result<Self, PartialError> {
        let io = |source| PartialError::io(&folder, source);
        fs::create_dir(&folder).map_err(io)?;
        let journal = lock(&folder, OpenOptions::new().append(true).create_new(true))?;
        let journal = journal.ok_or_else(|| io(io::ErrorKind::NotFound.into()))?;
        let [scores, receipts, rejected] = SPOOLS.map(|name| Spool::create(folder.join(name)));
        let spools = [
            scores.map_err(io)?,
            receipts.map_err(io)?,
            rejected.map_err(io)?,
        ];
        Ok(Self::of(folder, journal, spools, false))
    }

    fn of(folder: PathBuf, journal: File, spools: [Spool; 3], is_begun: bool) -> Self {
        Self {
            folder,
            journal,
            spools,
            is_begun,
            rows: 0,
            chunk_started: Instant::now(),
        }
    }

    /// Keeps the chunks that are whole.
    fn resume(
        folder: PathBuf,
        file: File,
        found: Journal,
    ) -> Result<(Self, Resumed), PartialError> {
        let io = |source| PartialError::io(&folder, source);
        let [scores, receipts, rejected] = SPOOLS.map(|name| Spool::reopen(folder.join(name)));
        let mut spools = [
            scores.map_err(io)?,
            receipts.map_err(io)?,
            rejected.map_err(io)?,
        ];
        let (mut done, mut journal_len) = (Chunk::default(), found.header_len);
        for (chunk, end) in found.chunks {
            let mut is_whole = true;
            for (spool, part) in spools.iter_mut().zip(&chunk.parts) {
                is_whole &= spool.check(part).map_err(io)?;
            }
            if !is_whole {
                break;
            }
            spools.iter_mut().for_each(Spool::keep);
            (done, journal_len) = (chunk, end);
        }
        for spool in &mut spools {
            spool.cut().map_err(io)?;
        }
        file.set_len(journal_len).map_err(io)?;
        let header = found.header;
        let partial = Self::of(folder, file, spools, true);
        Ok((partial, Resumed { header, done }))
    }

    pub(crate) fn scores(&mut self) -> &mut Spool {
        &mut self.spools[0]
    }

    pub(crate) fn receipts(&mut self) -> &mut Spool {
        &mut self.spools[1]
    }

    pub(crate) fn rejected(&mut self) -> &mut Spool {
        &mut self.spools[2]
    }

    /// Counts a row of this chunk.
    pub(crate) fn count_row(&mut self) {
        self.rows += 1;
    }

    /// Whether it is time to close the chunk.
    pub(crate) fn is_chunk_full(&self) -> bool {
        let age = self.chunk_started.elapsed();
        self.rows > 0
            && (age >= LONGEST_CHUNK || (age >= SHORTEST_CHUNK && self.rows >= CHUNK_ROWS))
    }

    /// Whether rows were written since the last chunk.
    pub(crate) fn has_rows(&self) -> bool {
        self.rows > 0
    }

    /// Whether anything would be left of the run.
    pub(crate) fn is_begun(&self) -> bool {
        self.is_begun
    }

    /// Makes all rows durable that were written so far. `done` says what the run has done up to
    /// here; the header is asked for with the first chunk.
    pub(crate) fn close_chunk<E: From<PartialError>>(
        &mut self,
        mut done: Chunk,
        header: impl FnOnce() -> Result<Header, E>,
    ) -> Result<(), E> {
        let folder = self.folder.clone();
        let io = |source| PartialError::io(&folder, source);
        let mut lines = match self.is_begun {
            true => Vec::new(),
            false => header()?.to_line(),
        };
        for (spool, part) in self.spools.iter_mut().zip(&mut done.parts) {
            *part = spool.close_chunk().map_err(io)?;
        }
        lines.extend(done.to_line());
        let written = self.journal.write_all(&lines);
        written
            .and_then(|()| self.journal.sync_data())
            .map_err(io)?;
        if !self.is_begun {
            // The folder and its files have names on the disk from here on.
            sync_folder(&folder);
            self.is_begun = true;
        }
        self.rows = 0;
        self.chunk_started = Instant::now();
        Ok(())
    }

    /// Reads a spool from its start.
    pub(crate) fn read(
        &mut self,
        which: fn(&mut Self) -> &mut Spool,
    ) -> io::Result<BufReader<File>> {
        let reader = which(self).read()?;
        Ok(BufReader::with_capacity(1 << 20, reader))
    }

    /// Removes the folder: the run is complete.
    pub(crate) fn finish(self) -> Result<(), PartialError> {
        remove(&self.folder)
    }
}

impl Drop for Partial {
    /// A folder that nothing can be resumed from does not stay.
    fn drop(&mut self) {
        if !self.is_begun && self.folder.exists() {
            let _best_effort = remove(&self.folder);
        }
    }
}

/// Opens the journal of a folder for this process alone, if there is one.
fn lock(folder: &Path, options: &OpenOptions) -> Result<Option<File>, PartialError> {
    let io = |source| PartialError::io(folder, source);
    let journal = match options.open(folder.join(JOURNAL)) {
        Ok(journal) => journal,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(error)),
    };
    match journal.try_lock() {
        Ok(()) => Ok(Some(journal)),
        Err(TryLockError::WouldBlock) => {
            let folder = folder.to_owned();
            Err(PartialError::InUse { folder })
        }
        // Some network file systems lock nothing.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
            Ok(Some(journal))
        }
        Err(TryLockError::Error(error)) => Err(io(error)),
    }
}

/// Removes a folder with the files of a run; one that holds others stays, and is an error.
fn remove(folder: &Path) -> Result<(), PartialError> {
    for name in SPOOLS.into_iter().chain([JOURNAL]) {
        match fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(PartialError::io(folder, error));
            }
            _ => {}
        }
    }
    fs::remove_dir(folder).map_err(|source| PartialError::io(folder, source))
}

fn sync_folder(folder: &Path) {
    for path in [Some(folder), folder.parent()].into_iter().flatten() {
        let path = if path == Path::new("") {
            Path::new(".")
        } else {
            path
        };
        if let Ok(directory) = File::open(path) {
            // Some systems cannot sync a directory.
            let _ = directory.sync_all();
        }
    }
}
