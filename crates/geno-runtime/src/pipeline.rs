//! Reading, computing and writing, side by side.
//!
//! One thread reads the VCF and cuts windows, the caller's thread computes, and one thread writes.
//! The channels between them hold a chunk and a batch at most, so whoever is slowest holds up the
//! others and memory stays bounded. Nothing that is computed depends on who was faster.
//!
//! An error of any thread ends the others: each finds its channel closed. What was read before an
//! error is still computed and written. The caller's thread computes because its pool of threads is
//! the one that callers choose.

use std::{
    panic::resume_unwind,
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{self, ScopedJoinHandle},
};

use geno_core::Event;
use geno_data::{PlaceError, SiteChunk, SiteChunks, VariantReader};
use geno_provenance::FileRecord;

use crate::{
    found::{ChunkInOrder, Found, FoundRow},
    run_log::RunLog,
    run_vcf::{Pause, Progress, RunVcfError, SiteScorer, Value, Visitor},
};

/// A chunk, and how much of the VCF had been read before and after it.
struct ReadChunk {
    chunk: SiteChunk,
    before: geno_data::Progress,
    after: geno_data::Progress,
}

/// Rows that are known, and how much of the VCF that is.
struct KnownRows<V> {
    found: Found<V>,
    bytes: u64,
    total_bytes: Option<u64>,
}

/// How far writing came.
struct Written {
    progress: Progress,
    /// Whether the run can be resumed behind what was written.
    is_whole: bool,
}

/// One way of a VCF through a model.
pub(crate) struct Pipeline<'a, S> {
    pub(crate) scorer: &'a S,
    /// Edits that are computed together, at least, while there are more.
    pub(crate) batch_size: usize,
    pub(crate) stop: &'a AtomicBool,
}

/// What takes the rows, and what has been done before.
pub(crate) struct Sink<'a, V, F> {
    pub(crate) visitor: &'a mut V,
    pub(crate) on_progress: F,
    pub(crate) log: RunLog,
    pub(crate) done: Progress,
}

impl<S: SiteScorer> Pipeline<'_, S> {
    /// Runs until the VCF ends; `None` if somebody stopped it.
    pub(crate) fn run<V: Visitor<Value = Value<S>>, F: FnMut(Progress) + Send>(
        &self,
        chunks: SiteChunks<'_, VariantReader<'_>>,
        sink: Sink<'_, V, F>,
    ) -> Result<Option<(Progress, FileRecord)>, V::Error> {
        thread::scope(|scope| {
            let (to_compute, read) = sync_channel(0);
            let (to_write, known) = sync_channel(1);
            let reader = scope.spawn(move || read_chunks(chunks, &to_compute));
            let stop = self.stop;
            let writer = scope.spawn(move || sink.write(&known, stop));

            let computed = self.compute(read, to_write);
            let (written, visitor, log) = join(writer)?;
            let vcf = join(reader);
            computed?;

            let Written { progress, is_whole } = written;
            let is_stopped = self.stop.load(Ordering::Relaxed);
            let pause = match is_stopped {
                true => Pause::Stopped,
                false => Pause::End,
            };
            if is_whole {
                visitor.paused(&progress, pause)?;
            }
            log.ended(&progress, !is_stopped);
            let vcf = vcf.filter(|_| !is_stopped);
            Ok(vcf.map(|vcf| (progress, vcf)))
        })
    }

    /// Computes chunk by chunk, until there are no more or nobody wants them.
    fn compute(
        &self,
        chunks: Receiver<Result<ReadChunk, PlaceError>>,
        out: SyncSender<KnownRows<Value<S>>>,
    ) -> Result<(), RunVcfError> {
        for chunk in chunks {
            let ReadChunk {
                chunk,
                before,
                after,
            } = chunk?;
            let n_rows = chunk.rows.len();
            let mut chunk = ChunkInOrder::new(chunk);
            let mut n_left = n_rows;
            while n_left > 0 {
                if self.stop.load(Ordering::Relaxed) {
                    return Ok(());
                }
                let computed = self.scorer.score(chunk.next_sites(self.batch_size))?;
                let found = chunk.add(computed);
                n_left = found.n_left;
                if found.rows.is_empty() {
                    continue;
                }
                let share = |bytes: u64| u128::from(bytes) * n_left as u128 / n_rows as u128;
                let unread = share(after.read - before.read) as u64;
                let known = KnownRows {
                    found,
                    bytes: after.read - unread,
                    total_bytes: after.total,
                };
                if out.send(known).is_err() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

/// Waits for a thread; its panic is the caller's.
fn join<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}

/// Reads until the VCF ends or nobody wants more; what the VCF was, if it was read to its end.
fn read_chunks(
    mut chunks: SiteChunks<'_, VariantReader<'_>>,
    out: &SyncSender<Result<ReadChunk, PlaceError>>,
) -> Option<FileRecord> {
    let mut before = chunks.rows().progress();
    while let Some(chunk) = chunks.next() {
        let after = chunks.rows().progress();
        let chunk = chunk.map(|chunk| ReadChunk {
            chunk,
            before,
            after,
        });
        out.send(chunk).ok()?;
        before = after;
    }
    // What is skipped makes no chunk, so the end may lie behind the last of them.
    Some(FileRecord {
        digest: chunks.rows().digest()?,
        size: chunks.rows().progress().read,
    })
}

impl<'a, V: Visitor, F: FnMut(Progress) + Send> Sink<'a, V, F> {
    /// Writes rows until there are no more or the run is stopped.
    fn write(
        mut self,
        known: &Receiver<KnownRows<V::Value>>,
        stop: &AtomicBool,
    ) -> Result<(Written, &'a mut V, RunLog), V::Error> {
        let mut written = Written {
            progress: self.done,
            is_whole: true,
        };
        for KnownRows {
            found,
            bytes,
            total_bytes,
        } in known
        {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let progress = &mut written.progress;
            (progress.bytes, progress.total_bytes) = (bytes, total_bytes);
            progress.full_passes += found.full_passes;
            for row in found.rows {
                self.write_row(row, progress)?;
            }
            written.is_whole = found.is_whole;
            if found.is_whole {
                self.visitor.paused(progress, Pause::Batch)?;
            }
            self.log.batch_ended(progress);
            (self.on_progress)(*progress);
        }
        Ok((written, self.visitor, self.log))
    }

    fn write_row(
        &mut self,
        row: FoundRow<V::Value>,
        progress: &mut Progress,
    ) -> Result<(), V::Error> {
        match row {
            FoundRow::Scored(scored) => {
                progress.scored += 1;
                self.visitor.scored(&scored)
            }
            FoundRow::Rejected(row) => {
                progress.rejected += 1;
                let error_code = row.code();
                Event::InferenceRowRejected { error_code }.emit();
                self.visitor.rejected(row)
            }
        }
    }
}
