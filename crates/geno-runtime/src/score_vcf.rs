//! From a VCF and a FASTA to files of scores and receipts.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

use geno_core::{Coded, ErrorCode, Event};
use geno_data::{PlacedSite, RejectedRow};
use geno_provenance::{AtomicWriteError, BuildBatchError, MasterSalt, Timestamp};

use crate::{
    annotations::Annotations,
    envelope::{EnvelopeError, EnvelopeRequest},
    outputs::Outputs,
    receipts::ReceiptError,
    rows::{RowFormat, ScoreRow},
    run_vcf::{Completion, Progress, Ran, RunVcfError, VcfInput, Visitor},
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
    /// Where receipts go.
    pub receipts: Option<ReceiptFiles<'a>>,
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
    /// The envelope to write. With one, the inputs are hashed: all of the FASTA.
    pub envelope: Option<EnvelopeRequest<'a>>,
}

/// The receipts of a run.
#[derive(Clone, Copy, Debug)]
pub struct ReceiptFiles<'a> {
    /// Where they go, one a line.
    pub stream: &'a Path,
    /// Where the one receipt over all of them goes.
    pub batch: Option<&'a Path>,
    /// What keeps inputs from being guessed from them.
    pub salt: Option<&'a MasterSalt>,
}

impl<'a> ReceiptFiles<'a> {
    /// A stream of receipts without a batch receipt and without salt.
    pub fn stream(path: &'a Path) -> Self {
        Self {
            stream: path,
            batch: None,
            salt: None,
        }
    }
}

/// What a run did.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ScoreSummary {
    /// Alternates scored.
    pub scored: u64,
    /// Alternates among them that could not share the pass over their reference window.
    pub full_passes: u64,
    /// Rows rejected, by reason.
    pub rejected: BTreeMap<&'static str, u64>,
    /// The sidecar, if it was written.
    pub rejected_path: Option<PathBuf>,
}

/// Why a VCF could not be scored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScoreVcfError {
    /// The VCF cannot be taken through the model.
    #[error(transparent)]
    Run(#[from] RunVcfError),
    /// A score has no calibrated value.
    #[error(transparent)]
    Calibrate(#[from] RuntimeError),
    /// A receipt cannot be written.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    /// The envelope cannot be made or written.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// The receipts make no batch.
    #[error("cannot write a batch receipt")]
    Batch(#[from] BuildBatchError),
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
    /// An output has the name of an input or of another output.
    #[error("output `{}` is named for another file too", path.display())]
    SameFile {
        /// The name.
        path: PathBuf,
    },
    /// A row was rejected in strict mode.
    #[error("line {} of the VCF is rejected: {}", .0.line, .0.reason)]
    Rejected(Box<RejectedRow>),
}

impl Coded for ScoreVcfError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Run(source) => source.code(),
            Self::Calibrate(source) => source.code(),
            Self::Receipt(source) => source.code(),
            Self::Envelope(source) => source.code(),
            Self::Batch(source) => source.code(),
            Self::Write(source) => source.code(),
            Self::Output { source, .. } => ErrorCode::of_io(source),
            Self::SameFile { .. } => ErrorCode::InputGeneric,
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
        on_progress: impl FnMut(Progress),
        stop: &AtomicBool,
    ) -> Result<Completion<ScoreSummary>, ScoreVcfError> {
        request.check()?;
        let mut scoring = Scoring {
            runtime: self,
            request,
            outputs: Outputs::create(self, request)?,
            n_scored: 0,
        };
        let input = VcfInput {
            vcf: request.vcf,
            fasta: request.fasta,
            batch_size: request.batch_size,
            is_hashed: request.envelope.is_some(),
        };
        match self.run_vcf(&input, &mut scoring, on_progress, stop)? {
            Completion::Interrupted => Ok(Completion::Interrupted),
            Completion::Finished(Ran { progress, files }) => {
                let envelope = match (&request.envelope, files) {
                    (Some(envelope), Some(files)) => Some((
                        self.vcf_envelope(&files, envelope.run.clone())?,
                        envelope.path,
                    )),
                    _ => None,
                };
                let (rejected, rejected_path) = scoring.outputs.commit(envelope)?;
                if let (Some(_), Some(identity)) = (request.receipts, self.identity()) {
                    Event::ProvenanceReceiptWrite {
                        model_id: identity.model_id,
                        n_outputs: progress.scored,
                    }
                    .emit();
                }
                Ok(Completion::Finished(ScoreSummary {
                    scored: progress.scored,
                    full_passes: progress.full_passes,
                    rejected,
                    rejected_path,
                }))
            }
        }
    }
}

/// Writes what a run finds.
struct Scoring<'a> {
    runtime: &'a Runtime,
    request: &'a ScoreVcf<'a>,
    outputs: Outputs<'a>,
    n_scored: u64,
}

impl Visitor for Scoring<'_> {
    type Error = ScoreVcfError;

    fn rejected(&mut self, row: RejectedRow) -> Result<(), ScoreVcfError> {
        match self.request.strict {
            true => Err(ScoreVcfError::Rejected(Box::new(row))),
            false => self.outputs.write_rejected(&row),
        }
    }

    fn scored(&mut self, site: &PlacedSite, sigmas: &[f64]) -> Result<(), ScoreVcfError> {
        let window = site.site().window();
        for (variant, &sigma) in site.variants().iter().zip(sigmas) {
            let score = self
                .runtime
                .calibrated(sigma, window, self.request.annotations)?;
            let row = ScoreRow {
                edit: variant.edit(),
                score: &score,
            };
            self.n_scored += 1;
            self.outputs.write_score(&row, window, self.n_scored)?;
        }
        Ok(())
    }
}

impl ScoreVcf<'_> {
    fn check(&self) -> Result<(), ScoreVcfError> {
        let envelope = self.envelope.as_ref().map(|envelope| envelope.path);
        let stream = self.receipts.map(|receipts| receipts.stream);
        let batch = self.receipts.and_then(|receipts| receipts.batch);
        let outputs = [self.output, stream, batch, self.rejected, envelope]
            .into_iter()
            .flatten();
        let mut taken = vec![self.vcf, self.fasta];
        for path in outputs {
            if taken.contains(&path) {
                return Err(ScoreVcfError::SameFile {
                    path: path.to_owned(),
                });
            }
            taken.push(path);
        }
        Ok(())
    }
}
