//! The files that a run writes.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::{Path, PathBuf},
};

use geno_core::Window;
use geno_data::RejectedRow;
use geno_provenance::{AtomicFile, BatchBuilder, Envelope, Timestamp};

use crate::{
    receipts::{ReceiptWriter, Scope},
    rows::ScoreRow,
    runtime::Runtime,
    score_vcf::{ReceiptFiles, ScoreVcf, ScoreVcfError},
};

/// How many rows were rejected, by code.
pub(crate) type RejectedCounts = BTreeMap<&'static str, u64>;

/// The files of a run, none of them under its final name yet.
pub(crate) struct Outputs<'a> {
    request: &'a ScoreVcf<'a>,
    scores: Scores,
    receipts: Option<Receipts>,
    sidecar: Option<AtomicFile>,
    rejected: RejectedCounts,
}

struct Receipts {
    writer: ReceiptWriter,
    stream: AtomicFile,
    batch: Option<(BatchBuilder, AtomicFile)>,
}

enum Scores {
    File(Box<AtomicFile>),
    Stdout(io::BufWriter<io::Stdout>),
}

impl<'a> Outputs<'a> {
    pub(crate) fn create(
        runtime: &Runtime,
        request: &'a ScoreVcf<'a>,
    ) -> Result<Self, ScoreVcfError> {
        let mut scores = match request.output {
            Some(path) => Scores::File(Box::new(AtomicFile::create(path)?)),
            None => Scores::Stdout(io::BufWriter::new(io::stdout())),
        };
        request
            .format
            .write_header(scores.writer())
            .map_err(output("scores"))?;
        let receipts = match &request.receipts {
            Some(files) => Some(Receipts::create(runtime, request, files)?),
            None => None,
        };
        Ok(Self {
            request,
            scores,
            receipts,
            sidecar: None,
            rejected: BTreeMap::new(),
        })
    }

    pub(crate) fn write_score(
        &mut self,
        row: &ScoreRow<'_>,
        window: &Window,
        number: u64,
    ) -> Result<(), ScoreVcfError> {
        let out = self.scores.writer();
        self.request
            .format
            .write_row(row, out)
            .map_err(output("scores"))?;
        match &mut self.receipts {
            Some(receipts) => receipts.write(row, window, number),
            None => Ok(()),
        }
    }

    pub(crate) fn write_rejected(&mut self, row: &RejectedRow) -> Result<(), ScoreVcfError> {
        *self.rejected.entry(row.code().as_str()).or_default() += 1;
        let Some(path) = self.request.rejected else {
            return Ok(());
        };
        if self.sidecar.is_none() {
            self.sidecar = Some(AtomicFile::create(path)?);
        }
        if let Some(sidecar) = &mut self.sidecar {
            writeln!(sidecar, "{}", row.to_json()).map_err(output("rejected rows"))?;
        }
        Ok(())
    }

    /// Gives every file its name, the scores last: where they are, the rest is too.
    pub(crate) fn commit(
        self,
        envelope: Option<(Envelope, &Path)>,
    ) -> Result<(BTreeMap<&'static str, u64>, Option<PathBuf>), ScoreVcfError> {
        let rejected_path = match (self.sidecar, self.request.rejected) {
            (Some(sidecar), path) => {
                sidecar.commit()?;
                path.map(Path::to_owned)
            }
            (None, Some(path)) => {
                remove_stale(path)?;
                None
            }
            (None, None) => None,
        };
        if let Some(receipts) = self.receipts {
            receipts.commit(self.request.timestamp)?;
        }
        if let Some((envelope, path)) = envelope {
            envelope.write(path)?;
        }
        match self.scores {
            Scores::File(file) => file.commit()?,
            Scores::Stdout(mut out) => out.flush().map_err(output("scores"))?,
        }
        Ok((self.rejected, rejected_path))
    }
}

impl Receipts {
    fn create(
        runtime: &Runtime,
        request: &ScoreVcf<'_>,
        files: &ReceiptFiles<'_>,
    ) -> Result<Self, ScoreVcfError> {
        let writer = runtime.receipt_writer(request.timestamp, files.salt)?;
        let batch = match files.batch {
            Some(path) => Some((BatchBuilder::new(), AtomicFile::create(path)?)),
            None => None,
        };
        Ok(Self {
            writer,
            stream: AtomicFile::create(files.stream)?,
            batch,
        })
    }

    fn write(
        &mut self,
        row: &ScoreRow<'_>,
        window: &Window,
        number: u64,
    ) -> Result<(), ScoreVcfError> {
        let scope = Scope::VcfRow(number);
        let receipt = self.writer.write(row.edit, window, row.score, scope)?;
        if let Some((batch, _)) = &mut self.batch {
            batch.push(&receipt)?;
        }
        let written = self.stream.write_all(&receipt.to_line());
        written.map_err(output("receipts"))
    }

    fn commit(self, timestamp: Timestamp) -> Result<(), ScoreVcfError> {
        if let Some((batch, mut file)) = self.batch {
            let line = batch.seal(timestamp)?.to_line();
            file.write_all(&line).map_err(output("the batch receipt"))?;
            file.commit()?;
        }
        Ok(self.stream.commit()?)
    }
}

impl Scores {
    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::File(file) => file,
            Self::Stdout(out) => out,
        }
    }
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
