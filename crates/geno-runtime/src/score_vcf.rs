//! From a VCF and a FASTA to files of scores and receipts.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use geno_core::{Coded, ErrorCode};
use geno_data::{Fasta, OpenFastaError, PlaceError, RejectedRow, VcfError};
use geno_provenance::{AtomicFile, AtomicWriteError, Timestamp};

use crate::{
    annotations::Annotations,
    batches::{Batch, Batches},
    receipts::{ReceiptError, ReceiptWriter, Scope},
    rejected,
    rows::{RowFormat, ScoreRow},
    runtime::{Runtime, RuntimeError},
};

/// A VCF to score.
#[derive(Clone, Debug)]
pub struct ScoreVcf<'a> {
    /// The variants: plain, gzip or bgzip; `-` for standard input.
    pub vcf: &'a Path,
    /// The reference, plain or bgzip.
    pub fasta: &'a Path,
    /// Where scores go; `None` for standard output.
    pub output: Option<&'a Path>,
    /// How scores are written.
    pub format: RowFormat,
    /// Where receipts go, one a line.
    pub receipts: Option<&'a Path>,
    /// Where rejected rows go, one a line. The file is written only if there are any.
    pub rejected: Option<&'a Path>,
    /// The time that receipts carry.
    pub timestamp: Timestamp,
    /// Variants computed together. Never changes a result.
    pub batch_size: usize,
    /// Whether the first rejected row ends the run.
    pub strict: bool,
    /// What is known of every variant's surroundings.
    pub annotations: Annotations<'a>,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Progress {
    /// Bytes of the VCF read, compressed.
    pub bytes: u64,
    /// Size of the VCF, unless it comes from standard input.
    pub total_bytes: Option<u64>,
    /// Alternates scored.
    pub scored: u64,
    /// Rows rejected.
    pub rejected: u64,
}

/// How a run that could be stopped ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Completion<T> {
    /// It finished.
    Finished(T),
    /// It was stopped; nothing was written under a final name.
    Interrupted,
}

/// What a run did.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ScoreSummary {
    /// Alternates scored.
    pub scored: u64,
    /// Rows rejected, by reason.
    pub rejected: BTreeMap<&'static str, u64>,
    /// The sidecar, if it was written.
    pub rejected_path: Option<PathBuf>,
}

/// Why a VCF could not be scored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScoreVcfError {
    /// The FASTA cannot be used.
    #[error(transparent)]
    Fasta(#[from] OpenFastaError),
    /// The VCF cannot be read.
    #[error(transparent)]
    Vcf(#[from] VcfError),
    /// Variants cannot be placed.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The model cannot score.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// A receipt cannot be written.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    /// An output file cannot be written.
    #[error(transparent)]
    Write(#[from] AtomicWriteError),
    /// An output cannot be written to.
    #[error("cannot write {what}")]
    Output {
        /// `scores`, `receipts` or `rejected rows`.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// Two outputs have one name.
    #[error("`{}` is named for two outputs", path.display())]
    SameOutput {
        /// The name.
        path: PathBuf,
    },
    /// A batch holds nothing.
    #[error("batch size is 0")]
    BatchSize,
    /// A row was rejected in strict mode.
    #[error("line {} of the VCF is rejected: {}", .0.line, .0.reason)]
    Rejected(Box<RejectedRow>),
}

impl Coded for ScoreVcfError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Fasta(source) => source.code(),
            Self::Vcf(source) => source.code(),
            Self::Place(source) => source.code(),
            Self::Runtime(source) => source.code(),
            Self::Receipt(source) => source.code(),
            Self::Write(source) => source.code(),
            Self::Output { source, .. } => ErrorCode::of_io(source),
            Self::SameOutput { .. } | Self::BatchSize => ErrorCode::InputGeneric,
            Self::Rejected(row) => row.code(),
        }
    }
}

impl Runtime {
    /// Scores every variant of a VCF that can be scored.
    ///
    /// Variants are grouped into sites, computed in batches and written in file order. Outputs
    /// appear whole, by rename, when everything is done; `stop` is looked at between batches.
    ///
    /// # Errors
    ///
    /// [`ScoreVcfError`]. Rows that cannot be scored are no error unless `strict`.
    pub fn score_vcf(
        &self,
        request: &ScoreVcf<'_>,
        mut on_progress: impl FnMut(Progress),
        stop: &AtomicBool,
    ) -> Result<Completion<ScoreSummary>, ScoreVcfError> {
        request.check()?;
        let fasta = Fasta::open(request.fasta)?;
        let mut outputs = Outputs::create(self, request)?;
        let windows = self.windows();
        let mut batches = Batches::open(request.vcf, &fasta, windows, request.batch_size)?;

        let mut progress = Progress::default();
        while let Some(Batch { sites, rejected }) = batches.next_batch()? {
            if stop.load(Ordering::Relaxed) {
                return Ok(Completion::Interrupted);
            }
            for row in rejected {
                if request.strict {
                    return Err(ScoreVcfError::Rejected(Box::new(row)));
                }
                outputs.write_rejected(&row)?;
                progress.rejected += 1;
            }
            let inputs: Vec<_> = sites.iter().map(|placed| placed.site().clone()).collect();
            for (placed, sigmas) in sites.iter().zip(self.raw_surprise(&inputs)?) {
                let window = placed.site().window();
                for (variant, sigma) in placed.variants().iter().zip(sigmas) {
                    let score = self.calibrated(sigma, window, request.annotations)?;
                    let row = ScoreRow {
                        edit: variant.edit(),
                        score: &score,
                    };
                    progress.scored += 1;
                    outputs.write_score(&row, window, progress.scored)?;
                }
            }
            let read = batches.progress();
            (progress.bytes, progress.total_bytes) = (read.read, read.total);
            on_progress(progress);
        }
        if stop.load(Ordering::Relaxed) {
            return Ok(Completion::Interrupted);
        }
        let summary = outputs.commit(progress.scored)?;
        Ok(Completion::Finished(summary))
    }
}

impl ScoreVcf<'_> {
    fn check(&self) -> Result<(), ScoreVcfError> {
        if self.batch_size == 0 {
            return Err(ScoreVcfError::BatchSize);
        }
        let outputs: Vec<&Path> = [self.output, self.receipts, self.rejected]
            .into_iter()
            .flatten()
            .collect();
        for (i, path) in outputs.iter().enumerate() {
            if outputs[..i].contains(path) {
                return Err(ScoreVcfError::SameOutput {
                    path: path.to_path_buf(),
                });
            }
        }
        Ok(())
    }
}

/// The files of a run, none of them under its final name yet.
struct Outputs<'a> {
    request: &'a ScoreVcf<'a>,
    scores: Scores,
    receipts: Option<(ReceiptWriter, AtomicFile)>,
    sidecar: Option<AtomicFile>,
    rejected: BTreeMap<&'static str, u64>,
}

enum Scores {
    File(Box<AtomicFile>),
    Stdout(io::BufWriter<io::Stdout>),
}

impl<'a> Outputs<'a> {
    fn create(runtime: &Runtime, request: &'a ScoreVcf<'a>) -> Result<Self, ScoreVcfError> {
        let mut scores = match request.output {
            Some(path) => Scores::File(Box::new(AtomicFile::create(path)?)),
            None => Scores::Stdout(io::BufWriter::new(io::stdout())),
        };
        request
            .format
            .write_header(scores.writer())
            .map_err(output("scores"))?;
        let receipts = match request.receipts {
            Some(path) => {
                let writer = runtime.receipt_writer(request.timestamp)?;
                Some((writer, AtomicFile::create(path)?))
            }
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

    fn write_score(
        &mut self,
        row: &ScoreRow<'_>,
        window: &geno_core::Window,
        number: u64,
    ) -> Result<(), ScoreVcfError> {
        let out = self.scores.writer();
        self.request
            .format
            .write_row(row, out)
            .map_err(output("scores"))?;
        if let Some((writer, file)) = &mut self.receipts {
            let receipt = writer.write(row.edit, window, row.score, Scope::VcfRow(number))?;
            file.write_all(&receipt.to_line())
                .map_err(output("receipts"))?;
        }
        Ok(())
    }

    fn write_rejected(&mut self, row: &RejectedRow) -> Result<(), ScoreVcfError> {
        *self.rejected.entry(row.code().as_str()).or_default() += 1;
        let Some(path) = self.request.rejected else {
            return Ok(());
        };
        if self.sidecar.is_none() {
            self.sidecar = Some(AtomicFile::create(path)?);
        }
        if let Some(sidecar) = &mut self.sidecar {
            writeln!(sidecar, "{}", rejected::to_json(row)).map_err(output("rejected rows"))?;
        }
        Ok(())
    }

    /// Gives every file its name, the scores last: where they are, the rest is too.
    fn commit(self, scored: u64) -> Result<ScoreSummary, ScoreVcfError> {
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
        if let Some((_, receipts)) = self.receipts {
            receipts.commit()?;
        }
        match self.scores {
            Scores::File(file) => file.commit()?,
            Scores::Stdout(mut out) => out.flush().map_err(output("scores"))?,
        }
        Ok(ScoreSummary {
            scored,
            rejected: self.rejected,
            rejected_path,
        })
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
