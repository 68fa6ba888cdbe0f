//! From a VCF and a FASTA to zero-shot scores by Carbon's likelihood, which a model is compared with.

mod cache;
mod error;
mod metadata;
mod model;
mod outputs;
mod recipe;
mod row;
mod scorer;

use std::{
    cell::RefCell,
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
    thread,
};

use geno_core::Digest;
use geno_data::{Fasta, RejectedRow, VariantFormat};
use geno_provenance::Timestamp;

use self::{
    cache::Cache,
    metadata::{CacheUse, Metadata},
    outputs::Outputs,
    row::BaselineRow,
    scorer::Scorer,
};
pub use self::{
    cache::LikelihoodCacheError,
    error::CarbonBaselineError,
    model::{CarbonModel, CarbonOptions},
    recipe::{Recipe, RecipeError},
    row::{BaselineFormat, UnknownBaselineFormat},
};
use crate::{
    components::check_longest,
    envelope::{EnvelopeRequest, envelope_of},
    found::ScoredVariant,
    input_files::Hashing,
    likelihood::EditLikelihood,
    memory_budget::MemoryBudget,
    partial::{PartialError, RunKey, Unfinished},
    run_vcf::{Completion, Pause, Progress, RunVcfError, VcfInput, Visitor, run_vcf},
};

/// A VCF to score.
#[derive(Clone, Debug)]
pub struct CarbonBaseline<'a> {
    /// The variants: plain, gzip or bgzip; `-` for standard input.
    pub vcf: &'a Path,
    /// The reference, plain or bgzip.
    pub fasta: &'a Path,
    /// How variants are scored. That the model was loaded for.
    pub recipe: &'a Recipe,
    /// Where scores go.
    pub output: &'a Path,
    /// How scores are written.
    pub format: BaselineFormat,
    /// Where rejected rows go, one a line. The file is written only if there are any.
    pub rejected: Option<&'a Path>,
    /// Where the summary of the run goes.
    pub metadata: Option<&'a Path>,
    /// The folder that names in the summary begin at; others are named without folders.
    pub artifact_root: Option<&'a Path>,
    /// Likelihoods of earlier runs, to which those of this run are added.
    pub cache: Option<&'a Path>,
    /// When the run began.
    pub timestamp: Timestamp,
    /// Variants computed together. Never changes a result.
    pub batch_size: usize,
    /// Memory that variants may take. Never changes a result.
    pub memory_budget: MemoryBudget,
    /// Whether the first rejected row ends the run.
    pub strict: bool,
    /// The envelope to write.
    pub envelope: Option<EnvelopeRequest<'a>>,
    /// What becomes of an unfinished run that had the same output.
    pub unfinished: Unfinished,
}

/// What a run did.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct BaselineSummary {
    /// Alternates scored.
    pub scored: u64,
    /// Alternates among them that could not share a pass over their reference window.
    pub full_passes: u64,
    /// Rows rejected, by reason.
    pub rejected: BTreeMap<&'static str, u64>,
    /// The sidecar, if it was written.
    pub rejected_path: Option<PathBuf>,
    /// Alternates of this run that the cache knew.
    pub remembered: u64,
}

impl CarbonModel {
    /// Scores every variant of a VCF that can be scored.
    ///
    /// As [`Runtime::score_vcf`](crate::Runtime::score_vcf): rows are written in file order, outputs
    /// appear whole, and what a run did before it was cut off is kept in `OUTPUT.partial`, from which
    /// a run over the same files is resumed. The cache grows while the run goes on.
    ///
    /// # Errors
    ///
    /// [`CarbonBaselineError`]. Rows that cannot be scored are no error unless `strict`.
    pub fn score_vcf(
        &self,
        request: &CarbonBaseline<'_>,
        on_progress: impl FnMut(Progress) + Send,
        stop: &AtomicBool,
    ) -> Result<Completion<BaselineSummary>, CarbonBaselineError> {
        request.check()?;
        let windows = request.recipe.windows()?;
        check_longest(windows, self.carbon.config())?;
        let fasta = Fasta::open(request.fasta).map_err(RunVcfError::from)?;
        let is_resumable = request.vcf.is_file();
        if !is_resumable && request.unfinished == Unfinished::Resume {
            return Err(PartialError::NotResumable.into());
        }
        let cache = request
            .cache
            .map(|path| Cache::open(path, self, request.recipe));
        let scorer = Scorer {
            model: self,
            recipe: request.recipe,
            windows,
            cache: cache.transpose()?.map(RefCell::new),
        };
        thread::scope(|scope| {
            let hashing = Hashing::start(scope, is_resumable.then_some(request.vcf), &fasta);
            let keys = Keys {
                model: self,
                request,
                is_resumable,
                hashing,
            };
            let (outputs, done) = Outputs::create(request, keys)?;
            let mut scoring = Scoring {
                model: self,
                request,
                outputs,
            };
            let input = VcfInput {
                vcf: request.vcf,
                fasta: &fasta,
                batch_size: request.batch_size,
                memory_budget: request.memory_budget,
                format: VariantFormat::Vcf,
                done,
            };
            let ran = run_vcf(&scorer, &input, &mut scoring, on_progress, stop)?;
            let cache = scorer.cache.map(|cache| cache.into_inner().close());
            let cache = cache.transpose()?;
            match ran {
                Completion::Interrupted => Ok(Completion::Interrupted),
                Completion::Finished(ran) => {
                    let summary = scoring.finish(&ran, cache)?;
                    Ok(Completion::Finished(summary))
                }
            }
        })
    }
}

/// Writes what a run finds.
struct Scoring<'a, 'scope> {
    model: &'a CarbonModel,
    request: &'a CarbonBaseline<'a>,
    outputs: Outputs<'a, 'scope>,
}

impl Scoring<'_, '_> {
    /// Gives the outputs their names, the scores last.
    fn finish(
        mut self,
        ran: &crate::run_vcf::Ran,
        cache: Option<CacheUse>,
    ) -> Result<BaselineSummary, CarbonBaselineError> {
        let request = self.request;
        let changed = || CarbonBaselineError::Changed {
            path: request.vcf.to_owned(),
        };
        let files = self
            .outputs
            .hashed()?
            .with_vcf(ran.vcf)
            .ok_or_else(changed)?;
        let started = self.outputs.started();
        if let Some(path) = request.metadata {
            let metadata = Metadata {
                model: self.model,
                request,
                started,
                scored: ran.progress.scored,
                rejected: self.outputs.rejected(),
                files: &files,
                cache,
            };
            metadata.write(path)?;
        }
        if let Some(envelope) = &request.envelope {
            let mut run = envelope.run.clone();
            run.started = started;
            envelope_of(&self.model.files, &files, run)?
                .write(envelope.path)
                .map_err(crate::envelope::EnvelopeError::from)?;
        }
        let (rejected, rejected_path) = self.outputs.finish()?;
        Ok(BaselineSummary {
            scored: ran.progress.scored,
            full_passes: ran.progress.full_passes,
            rejected,
            rejected_path,
            remembered: cache.map_or(0, |cache| cache.hits),
        })
    }
}

impl Visitor for Scoring<'_, '_> {
    type Value = EditLikelihood;
    type Error = CarbonBaselineError;

    fn rejected(&mut self, row: RejectedRow) -> Result<(), CarbonBaselineError> {
        match self.request.strict {
            true => Err(CarbonBaselineError::Rejected(Box::new(row))),
            false => self.outputs.write_rejected(&row),
        }
    }

    fn scored(
        &mut self,
        scored: &ScoredVariant<EditLikelihood>,
    ) -> Result<(), CarbonBaselineError> {
        let row = BaselineRow {
            edit: scored.variant.edit(),
            window: &scored.window,
            found: scored.value,
            recipe: self.request.recipe,
            domain: self.model.domain,
        };
        let line = self.request.format.line(&row);
        let line = line.map_err(|_| CarbonBaselineError::NotFinite {
            line: scored.variant.line(),
        })?;
        self.outputs.write_score(&line)
    }

    fn paused(&mut self, progress: &Progress, pause: Pause) -> Result<(), CarbonBaselineError> {
        self.outputs.paused(progress, pause)
    }
}

/// Tells a run from others, as far as that can be done.
struct Keys<'a, 'scope> {
    model: &'a CarbonModel,
    request: &'a CarbonBaseline<'a>,
    is_resumable: bool,
    hashing: Hashing<'scope>,
}

impl Keys<'_, '_> {
    /// The key of the run, once its inputs are hashed.
    fn key(&mut self) -> Result<RunKey, CarbonBaselineError> {
        let hashed = self.hashing.wait()?;
        let (true, Some(hashed)) = (self.is_resumable, hashed) else {
            return Err(PartialError::NotResumable.into());
        };
        let (model, request) = (self.model, self.request);
        let digest = |digest: Option<Digest>| digest.map_or("-".to_owned(), |d| d.to_string());
        Ok(RunKey::of([
            ("command", "carbon-baseline".to_owned()),
            ("recipe", request.recipe.to_string()),
            ("window", request.recipe.window_bp().to_string()),
            ("softmax", request.recipe.softmax(model.domain).to_owned()),
            ("model", model.weights().to_string()),
            ("arithmetic", model.arithmetic()),
            ("revision", model.revision().to_owned()),
            ("vcf", digest(hashed.vcf.map(|vcf| vcf.digest))),
            ("fasta", hashed.fasta.digest.to_string()),
            ("fasta index", hashed.fasta_index.digest.to_string()),
            ("format", request.format.as_str().to_owned()),
            ("strictness", request.strict.to_string()),
            ("use of a cache", request.cache.is_some().to_string()),
            (
                "use of a file of rejected rows",
                request.rejected.is_some().to_string(),
            ),
        ]))
    }
}

impl CarbonBaseline<'_> {
    fn check(&self) -> Result<(), CarbonBaselineError> {
        let envelope = self.envelope.as_ref().map(|envelope| envelope.path);
        let others = [self.rejected, self.metadata, self.cache, envelope];
        let mut taken = vec![self.vcf, self.fasta];
        for path in [self.output]
            .into_iter()
            .chain(others.into_iter().flatten())
        {
            if taken.contains(&path) {
                let path = path.to_owned();
                return Err(CarbonBaselineError::SameFile { path });
            }
            taken.push(path);
        }
        Ok(())
    }
}
