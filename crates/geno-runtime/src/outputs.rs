//! The files that a run writes.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use geno_core::{Digest, Window};
use geno_data::{RejectedRow, Variant, VcfIndex};
use geno_provenance::{AtomicFile, BatchBuilder, Envelope, ReceiptReader, Timestamp};
use geno_surprise::SurpriseResult;

use crate::{
    annotated::{Annotated, annotate},
    partial::{Chunk, Header, Partial, PartialError, Resumed},
    receipts::{ReceiptWriter, Scope},
    rejected,
    row_sink::RowSink,
    rows::{RowFormat, ScoreRow},
    run_vcf::{Completion, Pause, Progress},
    runtime::Runtime,
    score_vcf::{Keys, ScoreVcf, ScoreVcfError},
    spooled_row::{SpooledRow, SpooledRows},
};

/// How many rows were rejected, by code.
pub(crate) type RejectedCounts = BTreeMap<&'static str, u64>;

/// The files of a run, none of them under its final name yet.
pub(crate) struct Outputs<'a> {
    request: &'a ScoreVcf<'a>,
    target: Target<'a>,
    receipts: Option<Receipts>,
    rejected: RejectedCounts,
    timestamp: Timestamp,
    is_resumed: bool,
}

/// Where rows go until the run is complete.
enum Target<'a> {
    /// Scores go to standard output, the rest to files in the making.
    Stream(Box<Stream>),
    /// Everything is kept beside the output.
    File(&'a Path, Box<Partial>),
}

struct Stream {
    scores: io::BufWriter<io::Stdout>,
    receipts: Option<AtomicFile>,
    rejected: Option<AtomicFile>,
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
        let (target, resumed) = match request.output {
            None => (Target::Stream(Stream::create(request)?.into()), None),
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
            rejected: outputs.rejected.values().sum(),
            ..Progress::default()
        };
        Ok((outputs, done))
    }

    /// When a resumed run began.
    pub(crate) fn started(&self) -> Option<Timestamp> {
        self.is_resumed.then_some(self.timestamp)
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
        variant: &Variant,
        score: &SurpriseResult,
        window: &Window,
        number: u64,
    ) -> Result<(), ScoreVcfError> {
        let edit = variant.edit();
        let written = match &mut self.target {
            Target::Stream(stream) => {
                let row = ScoreRow { edit, score };
                self.request.format.write_row(&row, &mut stream.scores)
            }
            Target::File(_, partial) => {
                partial.count_row();
                SpooledRow::write(variant, score, partial.scores())
            }
        };
        written.map_err(output("scores"))?;

        let Some(receipts) = &mut self.receipts else {
            return Ok(());
        };
        let scope = Scope::VcfRow(number);
        let receipt = receipts.writer.write(edit, window, score, scope)?;
        if let Some(batch) = &mut receipts.batch {
            batch.push(&receipt)?;
        }
        let line = receipt.to_line();
        let written = match &mut self.target {
            Target::Stream(stream) => match &mut stream.receipts {
                Some(file) => file.write_all(&line),
                None => Ok(()),
            },
            Target::File(_, partial) => partial.receipts().write_all(&line),
        };
        written.map_err(output("receipts"))
    }

    pub(crate) fn write_rejected(&mut self, row: &RejectedRow) -> Result<(), ScoreVcfError> {
        *self.rejected.entry(row.code().as_str()).or_default() += 1;
        if let Target::File(_, partial) = &mut self.target {
            partial.count_row();
        }
        let Some(path) = self.request.rejected else {
            return Ok(());
        };
        let line = rejected::to_json(row);
        let written = match &mut self.target {
            Target::File(_, partial) => writeln!(partial.rejected(), "{line}"),
            Target::Stream(stream) => match &mut stream.rejected {
                Some(file) => writeln!(file, "{line}"),
                none => writeln!(none.insert(AtomicFile::create(path)?), "{line}"),
            },
        };
        written.map_err(output("rejected rows"))
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
        let rejected_path = self.finish_rejected()?;
        self.finish_receipts()?;
        if let Some((envelope, path)) = envelope {
            envelope.write(path)?;
        }
        let mut finished = Finished {
            rejected: self.rejected,
            rejected_path,
            index: None,
            left_out: 0,
        };
        match self.target {
            Target::Stream(mut stream) => stream.scores.flush().map_err(output("scores"))?,
            Target::File(path, mut partial) => {
                let spool = partial.read(Partial::scores).map_err(output("scores"))?;
                let rows = SpooledRows::new(spool);
                let format = self.request.format;
                if format == RowFormat::Vcf {
                    let annotated = annotate(self.request.vcf, vcf, path, rows, stop)?;
                    let Completion::Finished(Annotated { index, left_out }) = annotated else {
                        return Ok(Completion::Interrupted);
                    };
                    (finished.index, finished.left_out) = (Some(index), left_out);
                } else {
                    let mut sink = RowSink::create(path, format)?;
                    for row in rows {
                        if stop.load(Ordering::Relaxed) {
                            return Ok(Completion::Interrupted);
                        }
                        sink.push(&row.map_err(output("scores"))?.row())?;
                    }
                    sink.commit()?;
                }
                partial.finish()?;
            }
        }
        Ok(Completion::Finished(finished))
    }

    fn finish_rejected(&mut self) -> Result<Option<PathBuf>, ScoreVcfError> {
        let Some(path) = self.request.rejected else {
            return Ok(None);
        };
        if self.rejected.is_empty() {
            remove_stale(path)?;
            return Ok(None);
        }
        match &mut self.target {
            Target::File(_, partial) => {
                let spool = partial.read(Partial::rejected);
                copy(spool, path, "rejected rows")?;
            }
            Target::Stream(stream) => {
                if let Some(file) = stream.rejected.take() {
                    file.commit()?;
                }
            }
        }
        Ok(Some(path.to_owned()))
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
        match &mut self.target {
            Target::File(_, partial) => {
                let spool = partial.read(Partial::receipts);
                copy(spool, files.stream, "receipts")
            }
            Target::Stream(stream) => match stream.receipts.take() {
                Some(file) => Ok(file.commit()?),
                None => Ok(()),
            },
        }
    }
}

impl Stream {
    fn create(request: &ScoreVcf<'_>) -> Result<Self, ScoreVcfError> {
        let mut scores = io::BufWriter::new(io::stdout());
        let written = request.format.write_header(&mut scores);
        written.map_err(output("scores"))?;
        let receipts = request
            .receipts
            .map(|files| AtomicFile::create(files.stream));
        Ok(Self {
            scores,
            receipts: receipts.transpose()?,
            rejected: None,
        })
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

/// Copies what was kept to its final name. It stays where it is too, so that a run that is killed
/// here can still be resumed.
fn copy(
    spool: io::Result<impl io::Read>,
    path: &Path,
    what: &'static str,
) -> Result<(), ScoreVcfError> {
    let mut file = AtomicFile::create(path)?;
    let copied = spool.and_then(|mut spool| io::copy(&mut spool, &mut file));
    copied.map_err(output(what))?;
    Ok(file.commit()?)
}

/// A sidecar of an earlier run would be taken for this one's.
fn remove_stale(path: &Path) -> Result<(), ScoreVcfError> {
    match std::fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(ScoreVcfError::Output {
            what: "rejected rows",
            source,
        }),
        _ => Ok(()),
    }
}

fn output(what: &'static str) -> impl Fn(io::Error) -> ScoreVcfError {
    move |source| ScoreVcfError::Output { what, source }
}
