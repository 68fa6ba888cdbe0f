//! The files that a run writes.

mod target;

use std::{
    collections::BTreeMap,
    io::Write,
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

use geno_core::Digest;
use geno_data::{RejectedRow, VcfIndex};
use geno_provenance::{AtomicFile, BatchBuilder, Envelope, ReceiptReader, Timestamp};

use self::target::{Stream, Target, output};
use crate::{
    found::ScoredVariant,
    partial::{Chunk, Header, Partial, PartialError, Resumed},
    receipts::{ReceiptWriter, Scope},
    rows::{ExtraColumns, ScoreRow},
    run_vcf::{Completion, Pause, Progress},
    runtime::{RatedVariant, Runtime},
    score_vcf::{Keys, ScoreVcf, ScoreVcfError},
};

/// How many rows were rejected, by code.
pub(crate) type RejectedCounts = BTreeMap<&'static str, u64>;

/// The files of a run, none of them under its final name yet.
pub(crate) struct Outputs<'a> {
    request: &'a ScoreVcf<'a>,
    extra: ExtraColumns,
    target: Target<'a>,
    receipts: Option<Receipts>,
    rejected: RejectedCounts,
    timestamp: Timestamp,
    is_resumed: bool,
}

struct Receipts {
    writer: ReceiptWriter,
    batch: Option<BatchBuilder>,
}

/// What was written.
pub(crate) struct Finished {
    pub(crate) rejected: RejectedCounts,
    pub(crate) rejected_path: Option<PathBuf>,
    pub(crate) index: Option<VcfIndex>,
    pub(crate) left_out: u64,
}

impl<'a> Outputs<'a> {
    /// Begins the outputs, or takes over those of an unfinished run; also what that run has done.
    pub(crate) fn create(
        runtime: &Runtime,
        request: &'a ScoreVcf<'a>,
        keys: &mut Keys<'_, '_>,
    ) -> Result<(Self, Progress), ScoreVcfError> {
        check_writable(request)?;
        let extra = request.extra_columns(runtime.windows_per_variant());
        let (target, resumed) = match request.output {
            None => (
                Target::Stream(Stream::create(request, &extra)?.into()),
                None,
            ),
            Some(path) => {
                let (partial, resumed) = Partial::open(path, request.unfinished, || {
                    keys.key()?
                        .ok_or_else(|| ScoreVcfError::from(PartialError::NotResumable))
                })?;
                (Target::File(path, partial.into()), resumed)
            }
        };
        let is_resumed = resumed.is_some();
        let (timestamp, done) = match resumed {
            None => (request.timestamp, Chunk::default()),
            Some(Resumed { header, done }) => (header.timestamp, done),
        };
        let receipts = match &request.receipts {
            None => None,
            Some(files) => Some(Receipts {
                writer: runtime.receipt_writer(timestamp, files.salt)?,
                batch: files.batch.map(|_| BatchBuilder::new()),
            }),
        };
        let mut outputs = Self {
            request,
            extra,
            target,
            receipts,
            rejected: done.rejected,
            timestamp,
            is_resumed,
        };
        if done.scored > 0 {
            outputs.read_receipts_again()?;
        }
        let done = Progress {
            scored: done.scored,
            full_passes: done.full_passes,
            rejected: outputs.n_rejected(),
            ..Progress::default()
        };
        Ok((outputs, done))
    }

    /// When a resumed run began.
    pub(crate) fn started(&self) -> Option<Timestamp> {
        self.is_resumed.then_some(self.timestamp)
    }

    fn n_rejected(&self) -> u64 {
        self.rejected.values().sum()
    }

    /// Adds the receipts of an unfinished run to the batch.
    fn read_receipts_again(&mut self) -> Result<(), ScoreVcfError> {
        let batch = self.receipts.as_mut().and_then(|own| own.batch.as_mut());
        if let (Target::File(_, partial), Some(batch)) = (&mut self.target, batch) {
            let reader = partial
                .read(Partial::receipts)
                .map_err(output("receipts"))?;
            for receipt in ReceiptReader::new(reader) {
                batch.push(&receipt?)?;
            }
        }
        Ok(())
    }

    pub(crate) fn write_score(
        &mut self,
        scored: &ScoredVariant,
        rated: &RatedVariant,
        number: u64,
    ) -> Result<(), ScoreVcfError> {
        let variant = &scored.variant;
        let row = ScoreRow {
            edit: variant.edit(),
            score: &rated.score,
            windows: rated.spread,
            numbers: &rated.numbers,
            notation: variant.notation(),
        };
        self.target.write_score(&row, variant)?;
        let Some(receipts) = &mut self.receipts else {
            return Ok(());
        };
        let scope = Scope::VcfRow(number);
        let receipt =
            receipts
                .writer
                .write(variant.edit(), &scored.windows(), &rated.score, scope)?;
        if let Some(batch) = &mut receipts.batch {
            batch.push(&receipt)?;
        }
        self.target.write_receipt(&receipt.to_line())
    }

    pub(crate) fn write_rejected(&mut self, row: &RejectedRow) -> Result<(), ScoreVcfError> {
        *self.rejected.entry(row.code().as_str()).or_default() += 1;
        self.target
            .write_rejected(self.request.rejected, || row.to_json())
    }

    /// Closes a chunk if it is time to, so that a run that ends here can be resumed.
    pub(crate) fn paused(
        &mut self,
        progress: &Progress,
        pause: Pause,
        keys: &mut Keys<'_, '_>,
    ) -> Result<(), ScoreVcfError> {
        let Target::File(_, partial) = &mut self.target else {
            return Ok(());
        };
        let is_due = match pause {
            Pause::Batch => partial.is_chunk_full(),
            Pause::Stopped => partial.has_rows(),
            // A run that was short so far is over before a chunk could help.
            Pause::End => partial.has_rows() && partial.is_begun(),
        };
        if !is_due || !keys.is_resumable() {
            return Ok(());
        }
        let done = Chunk {
            scored: progress.scored,
            full_passes: progress.full_passes,
            rejected: self.rejected.clone(),
            ..Chunk::default()
        };
        let timestamp = self.timestamp;
        partial.close_chunk(done, || match keys.key()? {
            Some(key) => Ok(Header { key, timestamp }),
            None => Err(PartialError::NotResumable.into()),
        })
    }

    /// Gives every file its name, the scores last: where they are, the rest is too.
    ///
    /// `vcf` is the digest of the file that was scored.
    pub(crate) fn finish(
        mut self,
        envelope: Option<(Envelope, &Path)>,
        vcf: Digest,
        stop: &AtomicBool,
    ) -> Result<Completion<Finished>, ScoreVcfError> {
        let n_rejected = self.n_rejected();
        let rejected_path = match self.request.rejected {
            Some(path) => self.target.finish_rejected(path, n_rejected)?,
            None => None,
        };
        self.finish_receipts()?;
        if let Some((envelope, path)) = envelope {
            envelope.write(path)?;
        }
        let (request, extra) = (self.request, &self.extra);
        match self.target.finish_scores(request, extra, vcf, stop)? {
            Completion::Interrupted => Ok(Completion::Interrupted),
            Completion::Finished(outcome) => Ok(Completion::Finished(Finished {
                rejected: self.rejected,
                rejected_path,
                index: outcome.index,
                left_out: outcome.left_out,
            })),
        }
    }

    fn finish_receipts(&mut self) -> Result<(), ScoreVcfError> {
        let (Some(files), Some(receipts)) = (&self.request.receipts, &mut self.receipts) else {
            return Ok(());
        };
        if let (Some(path), Some(batch)) = (files.batch, receipts.batch.take()) {
            let line = batch.seal(self.timestamp)?.to_line();
            let mut file = AtomicFile::create(path)?;
            file.write_all(&line).map_err(output("the batch receipt"))?;
            file.commit()?;
        }
        self.target.finish_receipts(files.stream)
    }
}

/// A name that takes no file is told before the work, not after it.
fn check_writable(request: &ScoreVcf<'_>) -> Result<(), ScoreVcfError> {
    let stream = request.receipts.map(|receipts| receipts.stream);
    let batch = request.receipts.and_then(|receipts| receipts.batch);
    for path in [request.output, stream, batch].into_iter().flatten() {
        drop(AtomicFile::create(path)?);
    }
    Ok(())
}
