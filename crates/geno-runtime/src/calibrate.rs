//! From a VCF of common variants to a calibration table.

use std::{collections::BTreeMap, path::Path, sync::atomic::AtomicBool, thread};

use geno_core::{Coded, ErrorCode};
use geno_data::{Exclusion, Fasta, RejectedRow};
use geno_surprise::{
    BuildCalibrationError, CalibrationExample, CalibrationParameters, CalibrationTable,
    EditFactors, GcCutoffs, InvalidSurprise, ReadCalibrationError, SparseBucket,
    WriteCalibrationError,
};

use crate::{
    annotations::{Annotations, Surroundings},
    calibration_table,
    context_sources::ContextError,
    disjoint::{Disjoint, DisjointError, LabelSet, LabelSets},
    found::ScoredVariant,
    input_files::{Hashing, InputFiles},
    memory_budget::MemoryBudget,
    run_vcf::{Completion, Progress, Ran, RunVcfError, Surprising, VcfInput, Visitor, run_vcf},
    runtime::{EditSurprise, Runtime},
    signal::{SignalValue, Signals},
    signal_tables::{self, TableOf},
    windows_per_variant::WindowsPerVariant,
};

/// A background of common variants.
#[derive(Clone, Debug)]
pub struct Calibrate<'a> {
    /// The variants: plain, gzip or bgzip; `-` for standard input.
    pub vcf: &'a Path,
    /// The reference, plain or bgzip.
    pub fasta: &'a Path,
    /// Label sets that it is to share no variant with.
    pub disjoint: Disjoint<'a>,
    /// How the table is built.
    pub parameters: CalibrationParameters,
    /// Where GC bins meet.
    pub gc: GcBinning,
    /// What of the edits tells buckets apart, besides their context.
    pub factors: EditFactors,
    /// Variants computed together. Never changes a result.
    pub batch_size: usize,
    /// Memory that variants may take. Never changes a result.
    pub memory_budget: MemoryBudget,
    /// What is known of every variant's surroundings.
    pub annotations: Annotations<'a>,
    /// The signals that get tables beside that of the surprise.
    pub signals: Signals<'a>,
    /// Whether to hash the inputs, all of the FASTA, for an envelope.
    pub is_hashed: bool,
}

/// Where the GC bins of a table meet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum GcBinning {
    /// At the terciles of the background, or at the default where it is too uniform to be divided.
    Fitted,
    /// Here.
    Given(GcCutoffs),
}

/// A calibration table and how it came to be.
#[derive(Clone, Debug)]
pub struct Calibration {
    /// The table. Its metadata names the weights, contract and layout it was made with.
    pub table: CalibrationTable,
    /// Those of its signals and, last, of all together, if there are signals.
    pub signal_tables: Vec<(TableOf, CalibrationTable)>,
    /// Alternates the table is built of.
    pub examples: u64,
    /// Alternates left out for a label set that holds them, by reason.
    pub excluded: BTreeMap<Exclusion, u64>,
    /// The label sets, in the order given.
    pub label_sets: Vec<LabelSet>,
    /// Rows that could not be scored, by reason.
    pub rejected: BTreeMap<&'static str, u64>,
    /// Buckets with too few examples even after backing off.
    pub sparse: Vec<SparseBucket>,
    /// What was read, if it was to be hashed.
    pub files: Option<InputFiles>,
}

/// Why no table was built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CalibrateError {
    /// The VCF cannot be taken through the model.
    #[error(transparent)]
    Run(#[from] RunVcfError),
    /// A label set cannot be used, or shares a variant that it must not.
    #[error(transparent)]
    Disjoint(#[from] DisjointError),
    /// A variant has no context.
    #[error(transparent)]
    Context(#[from] ContextError),
    /// The model gave a score that is not finite.
    #[error(transparent)]
    NotFinite(#[from] InvalidSurprise),
    /// The examples make no table.
    #[error(transparent)]
    Build(#[from] BuildCalibrationError),
    /// A table cannot be written as a file, which tables beside it name by its digest.
    #[error("cannot write the table")]
    Write(#[from] WriteCalibrationError),
    /// A table that was written cannot be read again.
    #[error("cannot read the table again")]
    Read(#[from] ReadCalibrationError),
}

impl Coded for CalibrateError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Run(source) => source.code(),
            Self::Disjoint(source) => source.code(),
            Self::Context(source) => source.code(),
            Self::NotFinite(_) => ErrorCode::ResourceWeights,
            Self::Build(source) => source.code(),
            Self::Write(source) => source.code(),
            Self::Read(source) => source.code(),
        }
    }
}

impl Runtime {
    /// Scores a background and builds the table of its raw surprises.
    ///
    /// # Errors
    ///
    /// [`CalibrateError`]. Rows that cannot be scored are counted and left out.
    pub fn calibrate(
        &self,
        request: &Calibrate<'_>,
        on_progress: impl FnMut(Progress) + Send,
        stop: &AtomicBool,
    ) -> Result<Completion<Calibration>, CalibrateError> {
        let fasta = Fasta::open(request.fasta).map_err(RunVcfError::from)?;
        let mut background = Background {
            annotations: request.annotations,
            windows: self.windows_per_variant(),
            labels: LabelSets::read(request.disjoint, &fasta)?,
            examples: Vec::new(),
            rejected: BTreeMap::new(),
        };
        let input = VcfInput {
            vcf: request.vcf,
            fasta: &fasta,
            batch_size: request.batch_size,
            memory_budget: request.memory_budget,
            format: request.annotations.vcf_format(),
            done: Progress::default(),
        };
        let run = thread::scope(|scope| {
            let mut hashing = match request.is_hashed {
                true => Hashing::start(scope, None, &fasta),
                false => Hashing::Nothing,
            };
            let surprising = Surprising {
                runtime: self,
                signals: request.signals,
            };
            let Completion::Finished(Ran { vcf, .. }) =
                run_vcf(&surprising, &input, &mut background, on_progress, stop)?
            else {
                return Ok(Completion::Interrupted);
            };
            let files = hashing.wait()?.and_then(|hashed| hashed.with_vcf(vcf));
            Ok::<_, CalibrateError>(Completion::Finished((files, vcf.digest)))
        })?;
        let Completion::Finished((mut files, vcf)) = run else {
            return Ok(Completion::Interrupted);
        };
        let n_examples = background.examples.len() as u64;
        let cutoffs = background.cutoffs(request.gc);
        let of_examples = background.examples.drain(..).map(|found| {
            let bucket = found.surroundings.bucket(cutoffs, request.factors);
            (bucket, found.sigma, found.signals)
        });
        let of_examples: Vec<_> = of_examples.collect();
        let examples = of_examples.iter();
        let examples = examples.map(|(bucket, sigma, _)| CalibrationExample::new(*bucket, *sigma));
        let examples: Vec<_> = examples.collect::<Result<_, _>>()?;
        let (table, sparse) = CalibrationTable::build(examples, &request.parameters)?;
        let excluded = std::mem::take(&mut background.labels.excluded);
        let label_sets = background.labels.into_sets();
        if let Some(files) = &mut files {
            files.labels = label_sets.iter().map(|set| set.file).collect();
            files.context = request.annotations.files();
        }
        let mut metadata = self.calibration_metadata();
        metadata.extend([calibration_table::background_metadata(vcf)]);
        metadata.extend(calibration_table::label_metadata(&label_sets, &excluded));
        let table = table.with_gc_cutoffs(cutoffs).with_metadata(metadata);
        let further = signal_tables::Background {
            examples: &of_examples,
            signals: request.signals,
            parameters: &request.parameters,
        };
        Ok(Completion::Finished(Calibration {
            signal_tables: further.tables(&table)?,
            table,
            examples: n_examples,
            excluded,
            label_sets,
            rejected: background.rejected,
            sparse,
            files,
        }))
    }

    fn calibration_metadata(&self) -> BTreeMap<String, String> {
        let Some(identity) = self.identity() else {
            return BTreeMap::new();
        };
        calibration_table::metadata(identity)
    }
}

/// A variant of the background.
struct Example {
    surroundings: Surroundings,
    sigma: f64,
    signals: Vec<SignalValue>,
}

/// Collects what a run finds.
struct Background<'a> {
    annotations: Annotations<'a>,
    windows: WindowsPerVariant,
    labels: LabelSets<'a>,
    examples: Vec<Example>,
    rejected: BTreeMap<&'static str, u64>,
}

impl Background<'_> {
    fn cutoffs(&self, gc: GcBinning) -> GcCutoffs {
        let fractions = || self.examples.iter().map(|one| one.surroundings.gc_fraction);
        match gc {
            GcBinning::Given(cutoffs) => cutoffs,
            GcBinning::Fitted => GcCutoffs::terciles(fractions().collect()).unwrap_or_default(),
        }
    }
}

impl Visitor for Background<'_> {
    type Value = EditSurprise;
    type Error = CalibrateError;

    fn rejected(&mut self, row: RejectedRow) -> Result<(), CalibrateError> {
        *self.rejected.entry(row.code().as_str()).or_default() += 1;
        Ok(())
    }

    fn scored(&mut self, scored: &ScoredVariant) -> Result<(), CalibrateError> {
        if self.labels.hold(scored)? {
            return Ok(());
        }
        let variant = &scored.variant;
        let (edit, stated) = (variant.edit(), variant.context());
        let surroundings = self
            .annotations
            .surroundings(edit, stated, &scored.window)?;
        let found = scored.together(self.windows);
        self.examples.push(Example {
            surroundings,
            sigma: found.sigma,
            signals: found.signals,
        });
        Ok(())
    }
}
