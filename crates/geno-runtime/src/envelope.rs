//! The reproducibility envelope of a run: what code, data and pipeline it stood on.

use std::{collections::BTreeMap, path::Path};

use geno_core::{Coded, Digest, ErrorCode, PoolType, StateContract};
use geno_predictor::PredictorArchitecture;
use geno_provenance::{
    AtomicWriteError, CodeState, Envelope, EnvelopeDraft, FileRecord, FreezeError, InputIdentity,
    Label, MasterSalt, PipelineState, PublicPath, Timestamp,
};
use geno_surprise::Aggregation;

use crate::{
    Backend,
    identity::label,
    input_files::InputFiles,
    model_files::ModelFiles,
    receipts::ReceiptError,
    runtime::{Runtime, Scored},
};

/// Names of the encoders that models may name.
const ENCODERS: [&str; 1] = ["carbon"];

/// What a run knows of itself that its runtime does not.
#[derive(Clone, Debug)]
pub struct RunState {
    /// The program.
    pub code: CodeState,
    /// Configuration files that the user gave, by public name.
    pub configs: BTreeMap<PublicPath, Digest>,
    /// When the run began.
    pub started: Timestamp,
}

/// An envelope to write beside the output of a run.
#[derive(Clone, Debug)]
pub struct EnvelopeRequest<'a> {
    /// Where it goes.
    pub path: &'a Path,
    /// What it says beside what the runtime knows.
    pub run: RunState,
}

/// Why a run has no envelope.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// Two files that were read have one name.
    #[error("cannot record what was read")]
    Freeze(#[from] FreezeError),
    /// The variant cannot be committed to.
    #[error(transparent)]
    Input(#[from] ReceiptError),
    /// It cannot be written.
    #[error(transparent)]
    Write(#[from] AtomicWriteError),
}

impl Coded for EnvelopeError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Freeze(source) => source.code(),
            Self::Input(source) => source.code(),
            Self::Write(source) => source.code(),
        }
    }
}

impl Runtime {
    /// How windows are laid, as envelopes name it.
    fn laid(&self) -> Label {
        let (layout, windows) = (self.layout(), self.windows_per_variant());
        match windows.aggregate() {
            None => label(layout.as_str()),
            Some(aggregate) => label(&format!("{layout}, {aggregate} of {}", windows.get())),
        }
    }

    /// The state that a run over a VCF stood on.
    ///
    /// # Errors
    ///
    /// [`EnvelopeError::Freeze`].
    pub fn vcf_envelope(
        &self,
        files: &InputFiles,
        run: RunState,
    ) -> Result<Envelope, EnvelopeError> {
        let input = InputIdentity {
            kind: label("vcf"),
            digest: files.vcf.digest,
            layout: Some(self.laid()),
        };
        let read = read_of(files);
        let labels = files.labels.iter().zip(1..);
        let labels = labels.map(|(record, i)| (format!("labels/{i}"), *record));
        let context = files.context.iter().zip(1..);
        let context = context.map(|(record, i)| (format!("context/{i}"), *record));
        let read = read.into_iter().chain(labels).chain(context);
        freeze(self.files(), input, read, run)
    }

    /// The state that the score of one variant stood on. Its input goes by the commitment that its
    /// receipt makes, salted where that is.
    ///
    /// # Errors
    ///
    /// [`EnvelopeError::Freeze`], and [`EnvelopeError::Input`] for a runtime put together from
    /// parts.
    pub fn variant_envelope(
        &self,
        scored: &Scored,
        salt: Option<&MasterSalt>,
        run: RunState,
    ) -> Result<Envelope, EnvelopeError> {
        let input = InputIdentity {
            kind: label("variant"),
            digest: self.commitment(scored, salt)?,
            layout: Some(self.laid()),
        };
        freeze(self.files(), input, [], run)
    }
}

/// The state that a run over a VCF stood on whose windows are in no layout of a model.
pub(crate) fn envelope_of(
    model: &ModelFiles,
    files: &InputFiles,
    run: RunState,
) -> Result<Envelope, EnvelopeError> {
    let input = InputIdentity {
        kind: label("vcf"),
        digest: files.vcf.digest,
        layout: None,
    };
    freeze(model, input, read_of(files), run)
}

/// The files that a run over a VCF reads beside its model, by public name.
fn read_of(files: &InputFiles) -> [(String, FileRecord); 3] {
    let read = [
        ("vcf", files.vcf),
        ("fasta", files.fasta),
        ("fasta.fai", files.fasta_index),
    ];
    read.map(|(name, record)| (name.to_owned(), record))
}

fn freeze(
    files: &ModelFiles,
    input: InputIdentity,
    read: impl IntoIterator<Item = (String, FileRecord)>,
    run: RunState,
) -> Result<Envelope, EnvelopeError> {
    let mut artifacts: Vec<_> = files
        .artifacts
        .iter()
        .map(|(name, &record)| (name.clone(), record))
        .collect();
    let read = read.into_iter();
    artifacts.extend(read.map(|(name, record)| (public_name(name), record)));
    let mut configs = files.configs.clone();
    configs.extend(run.configs);
    let draft = EnvelopeDraft {
        code: run.code,
        input,
        artifacts,
        configs,
        pipeline: registered_pipeline(),
        started: run.started,
    };
    Ok(draft.freeze()?)
}

/// Everything that this program can be made to use.
pub fn registered_pipeline() -> PipelineState {
    let names = |names: &[&str]| names.iter().map(|name| label(name)).collect();
    PipelineState {
        encoders: names(&ENCODERS),
        pools: PoolType::ALL
            .iter()
            .map(|pool| label(pool.as_str()))
            .collect(),
        contracts: StateContract::ALL
            .iter()
            .map(|contract| label(contract.as_str()))
            .collect(),
        predictors: names(&PredictorArchitecture::NAMES),
        aggregations: Aggregation::ALL
            .iter()
            .map(|aggregation| label(aggregation.as_str()))
            .collect(),
        backends: Backend::PRIORITY
            .into_iter()
            .filter(|backend| backend.is_compiled_in())
            .map(|backend| label(backend.as_str()))
            .collect(),
    }
}

fn public_name(name: String) -> PublicPath {
    PublicPath::new(name).expect("names that are chosen here")
}
