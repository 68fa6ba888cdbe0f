//! From a VCF and a FASTA to files of scores and receipts.

mod error;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
    thread,
};

use geno_core::Event;
use geno_data::{Fasta, RejectedRow, VariantFormat, VcfIndex};
use geno_provenance::{MasterSalt, Timestamp};

pub use self::error::ScoreVcfError;
use crate::{
    annotations::Annotations,
    envelope::EnvelopeRequest,
    found::ScoredVariant,
    identity::ModelIdentity,
    input_files::Hashing,
    memory_budget::MemoryBudget,
    outputs::Outputs,
    partial::{PartialError, RunKey, Unfinished},
    row_sink::WriteRowsError,
    rows::{ExtraColumns, RowFormat},
    run_vcf::{
        Completion, Pause, Progress, Ran, RunVcfError, Surprising, VcfInput, Visitor, run_vcf,
    },
    runtime::{EditSurprise, Runtime, VariantPlace},
    signal::Signals,
    windows_per_variant::WindowsPerVariant,
};

/// A VCF to score.
#[derive(Clone, Debug)]
pub struct ScoreVcf<'a> {
    /// The variants: plain, gzip or bgzip; `-` for standard input.
    pub vcf: &'a Path,
    /// Whether they stand in a [list](geno_data::VariantList) instead of a VCF. Then nothing is stated of their
    /// surroundings.
    pub is_list: bool,
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
    /// Memory that variants may take. Never changes a result.
    pub memory_budget: MemoryBudget,
    /// Whether the first rejected row ends the run.
    pub strict: bool,
    /// What is known of every variant's surroundings.
    pub annotations: Annotations<'a>,
    /// What rows carry beside the surprise.
    pub signals: Signals<'a>,
    /// The envelope to write. The inputs are hashed for it, all of the FASTA, as they are for any
    /// output that is a file.
    pub envelope: Option<EnvelopeRequest<'a>>,
    /// What becomes of an unfinished run that had the same output.
    pub unfinished: Unfinished,
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
    /// Alternates among them that could not share the pass over their reference window, each once for
    /// each of its windows.
    pub full_passes: u64,
    /// Rows rejected, by reason.
    pub rejected: BTreeMap<&'static str, u64>,
    /// The sidecar, if it was written.
    pub rejected_path: Option<PathBuf>,
    /// What became of the index, if the scores are a VCF.
    pub index: Option<VcfIndex>,
    /// Lines of the scored VCF that a VCF of scores leaves out, since they are no rows.
    pub left_out: u64,
}

impl Runtime {
    /// Scores every variant of a VCF that can be scored.
    ///
    /// Variants of one window are joined, computed in batches, and written in file order. Reading,
    /// computing and writing go on side by side. Outputs appear whole, by rename, when everything is
    /// done; `stop` is looked at between batches. Until then what is done is kept in the folder `OUTPUT.partial`, from which a run over the same
    /// files is resumed. It gives the bytes of a run that was never cut off.
    ///
    /// # Errors
    ///
    /// [`ScoreVcfError`]. Rows that cannot be scored are no error unless `strict`.
    pub fn score_vcf(
        &self,
        request: &ScoreVcf<'_>,
        on_progress: impl FnMut(Progress) + Send,
        stop: &AtomicBool,
    ) -> Result<Completion<ScoreSummary>, ScoreVcfError> {
        request.check()?;
        let fasta = Fasta::open(request.fasta).map_err(RunVcfError::from)?;
        let model = self.identity().filter(|_| request.can_be_resumed());
        if model.is_none() && request.unfinished == Unfinished::Resume {
            return Err(PartialError::NotResumable.into());
        }
        thread::scope(|scope| {
            let hashing = match (model, &request.envelope) {
                (Some(_), _) => Hashing::start(scope, Some(request.vcf), &fasta),
                (None, Some(_)) => Hashing::start(scope, None, &fasta),
                (None, None) => Hashing::Nothing,
            };
            let mut keys = Keys {
                runtime: self,
                request,
                model,
                hashing,
            };
            let (outputs, done) = Outputs::create(self, request, &mut keys)?;
            let mut scoring = Scoring {
                runtime: self,
                request,
                outputs,
                keys,
                n_scored: done.scored,
            };
            let input = VcfInput {
                vcf: request.vcf,
                fasta: &fasta,
                batch_size: request.batch_size,
                memory_budget: request.memory_budget,
                format: match request.is_list {
                    true => VariantFormat::List,
                    false => request.annotations.vcf_format(),
                },
                done,
            };
            let surprising = Surprising {
                runtime: self,
                signals: request.signals,
            };
            match run_vcf(&surprising, &input, &mut scoring, on_progress, stop)? {
                Completion::Interrupted => Ok(Completion::Interrupted),
                Completion::Finished(ran) => scoring.finish(&ran, stop),
            }
        })
    }
}

/// Writes what a run finds.
struct Scoring<'a, 'scope> {
    runtime: &'a Runtime,
    request: &'a ScoreVcf<'a>,
    outputs: Outputs<'a>,
    keys: Keys<'a, 'scope>,
    n_scored: u64,
}

impl Scoring<'_, '_> {
    /// Gives the outputs their names.
    fn finish(
        mut self,
        ran: &Ran,
        stop: &AtomicBool,
    ) -> Result<Completion<ScoreSummary>, ScoreVcfError> {
        let (request, progress) = (self.request, ran.progress);
        let files = match self.keys.hashing.wait()? {
            None => None,
            Some(hashed) => {
                let path = || request.vcf.to_owned();
                let files = hashed.with_vcf(ran.vcf);
                let mut files = files.ok_or_else(|| ScoreVcfError::Changed { path: path() })?;
                files.context = request.annotations.files();
                Some(files)
            }
        };
        let envelope = match (&request.envelope, files) {
            (Some(envelope), Some(files)) => {
                let mut run = envelope.run.clone();
                run.started = self.outputs.started().unwrap_or(run.started);
                Some((self.runtime.vcf_envelope(&files, run)?, envelope.path))
            }
            _ => None,
        };
        let finished = self.outputs.finish(envelope, ran.vcf.digest, stop)?;
        let Completion::Finished(finished) = finished else {
            return Ok(Completion::Interrupted);
        };
        if let (Some(_), Some(identity)) = (request.receipts, self.runtime.identity()) {
            Event::ProvenanceReceiptWrite {
                model_id: identity.model_id,
                n_outputs: progress.scored,
            }
            .emit();
        }
        Ok(Completion::Finished(ScoreSummary {
            scored: progress.scored,
            full_passes: progress.full_passes,
            rejected: finished.rejected,
            rejected_path: finished.rejected_path,
            index: finished.index,
            left_out: finished.left_out,
        }))
    }
}

impl Visitor for Scoring<'_, '_> {
    type Value = EditSurprise;
    type Error = ScoreVcfError;

    fn rejected(&mut self, row: RejectedRow) -> Result<(), ScoreVcfError> {
        match self.request.strict {
            true => Err(ScoreVcfError::Rejected(Box::new(row))),
            false => self.outputs.write_rejected(&row),
        }
    }

    fn scored(&mut self, scored: &ScoredVariant) -> Result<(), ScoreVcfError> {
        let ScoredVariant {
            variant, window, ..
        } = scored;
        let found = scored.together(self.runtime.windows_per_variant());
        let place = VariantPlace {
            edit: variant.edit(),
            stated: variant.context(),
            window,
            annotations: self.request.annotations,
        };
        let rated = self.runtime.rated(found, place, self.request.signals)?;
        self.n_scored += 1;
        self.outputs.write_score(scored, &rated, self.n_scored)
    }

    fn paused(&mut self, progress: &Progress, pause: Pause) -> Result<(), ScoreVcfError> {
        self.outputs.paused(progress, pause, &mut self.keys)
    }
}

/// Tells a run from others, as far as that can be done.
pub(crate) struct Keys<'a, 'scope> {
    runtime: &'a Runtime,
    request: &'a ScoreVcf<'a>,
    /// `None` for a run that cannot be resumed.
    model: Option<&'a ModelIdentity>,
    hashing: Hashing<'scope>,
}

impl Keys<'_, '_> {
    /// The key of the run, once its inputs are hashed; `None` if it cannot be resumed.
    pub(crate) fn key(&mut self) -> Result<Option<RunKey>, ScoreVcfError> {
        let (Some(model), Some(hashed)) = (self.model, self.hashing.wait()?) else {
            return Ok(None);
        };
        let key = RunKey::new(self.runtime, model, self.request, &hashed);
        Ok(Some(key))
    }

    /// Whether the run has a key.
    pub(crate) fn is_resumable(&self) -> bool {
        self.model.is_some()
    }
}

impl ScoreVcf<'_> {
    /// Whether its input can be read twice and its output is a file.
    fn can_be_resumed(&self) -> bool {
        self.output.is_some() && self.vcf.is_file()
    }

    /// The columns that its rows have besides the fixed ones.
    pub(crate) fn extra_columns(&self, windows: WindowsPerVariant) -> ExtraColumns {
        ExtraColumns {
            has_windows: windows != WindowsPerVariant::ONE,
            numbers: self.signals.columns(),
            has_notation: self.is_list,
        }
    }

    fn check(&self) -> Result<(), ScoreVcfError> {
        if self.output.is_none() && !self.format.is_text() {
            return Err(ScoreVcfError::NoText);
        }
        if self.format == RowFormat::Vcf && self.is_list {
            return Err(WriteRowsError::NoVcf.into());
        }
        let is_stream = self.vcf == Path::new("-") || (self.vcf.exists() && !self.vcf.is_file());
        if self.format == RowFormat::Vcf && is_stream {
            return Err(ScoreVcfError::AnnotateStream);
        }
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
