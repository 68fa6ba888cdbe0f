//! From trained weights to a model directory.

mod adapted;
mod encoder;
mod error;
mod manifest;
mod weights;

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use geno_core::Digest;
use geno_provenance::{AtomicFolder, Label, Manifest};
use geno_runtime::{
    BackendChoice, CalibrationSource, Completion, EncoderSource, LoadOptions, ModelConfig,
    ModelDir, ModelDirError, Runtime,
};

#[cfg(feature = "experimental")]
pub(crate) use self::adapted::{ADAPTERS, KIND as ADAPTED, merge_step};
pub use self::{
    encoder::{EncoderPlacement, SourceEncoder},
    error::ExportError,
    manifest::{ModelNames, author_manifest},
};
use self::{error::io_error, manifest::file, weights::TrainedWeights};

/// What a model directory is made of.
#[derive(Clone, Debug)]
pub struct Export<'a> {
    /// A checkpoint of training, or any folder with `predictor.safetensors` and
    /// `action_encoder.safetensors`.
    pub checkpoint: &'a Path,
    /// The configuration that the run was trained with, every value in it.
    pub config: &'a Path,
    /// The encoder that it was trained on: a folder, or one GGUF file.
    pub encoder: &'a Path,
    /// What becomes of the encoder's files.
    pub placement: EncoderPlacement,
    /// What the encoder is called, if not as in the configuration.
    pub encoder_id: Option<Label>,
    /// What the model is called.
    pub names: ModelNames,
    /// A calibration table, if there is one already.
    pub calibration: Option<&'a Path>,
    /// The report of an evaluation, if there is one already.
    pub eval_report: Option<&'a Path>,
    /// Whether the model may go without one of these two for now.
    pub evidence: Evidence,
    /// What the manifest is to say of data and code, beside what is found here.
    pub facts: BTreeMap<Label, Label>,
}

/// What a model may go without.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Evidence {
    /// Nothing: calibration and evaluation are there.
    Complete,
    /// Either may be missing. The manifest names it with a digest that no file has.
    MayBeMissing,
}

/// A model directory that was made.
#[derive(Clone, Debug)]
pub struct Exported {
    /// Its manifest.
    pub manifest: Manifest,
    /// Files that are still to come: `calibration`, `eval`.
    pub missing: Vec<&'static str>,
}

/// Makes a model directory in the new folder `target`.
///
/// The networks are those that the weight files name; they must be the configuration's, which is
/// written out with all sizes. Before the folder gets its name, the model in it is checked against
/// its manifest and loaded once, as scoring will load it. A calibration table that names other weights
/// or another layout is refused.
///
/// The manifest's `training.data_snapshot` holds the facts given and
///
/// | key | what |
/// |---|---|
/// | `layout`, `state_contract` | how windows are laid and states are made |
/// | `encoder/config.json`, `encoder/dna_config.json` | digests of these files |
/// | `predictor/tensors`, `action_encoder/tensors` | [`WeightFile::tensor_digest`](geno_weights::WeightFile::tensor_digest) of the weights |
/// | `training/step`, `training/seed` | steps and seed of training, if a checkpoint says so |
/// | `training/identity` | digest of the checkpoint's identity: settings, networks and data |
/// | `training/config` | digest of the configuration that was given |
///
/// # Errors
///
/// [`ExportError`]. The folder then does not exist; a folder that does is never replaced.
pub fn export(
    request: &Export<'_>,
    target: &Path,
    stop: &AtomicBool,
) -> Result<Completion<Exported>, ExportError> {
    match export_now(request, target, stop) {
        Err(_) if stop.load(Ordering::Relaxed) => Ok(Completion::Interrupted),
        exported => exported.map(Completion::Finished),
    }
}

fn export_now(
    request: &Export<'_>,
    target: &Path,
    stop: &AtomicBool,
) -> Result<Exported, ExportError> {
    let folder = AtomicFolder::create(target)?;
    let trained = read(request.config)?;
    let mut config = ModelConfig::from_yaml(&trained).map_err(|source| ExportError::Config {
        path: request.config.to_owned(),
        source,
    })?;
    if let Some(id) = &request.encoder_id {
        config.encoder.model_id = id.to_string();
    }
    let weights = TrainedWeights::read(request.checkpoint, &config)?;
    let [id, revision] = [&config.encoder.model_id, &config.encoder.revision];
    let encoder = SourceEncoder::find(request.encoder, id, revision)?;
    if let Some(adapters) = weights.adapters {
        adapted::check_merged(adapters, encoder.lineage.as_ref())?;
    }

    let write = |name: &str, bytes: &[u8]| folder.write(name, |out| out.write_all(bytes));
    write(file::CONFIG, config.to_yaml().as_bytes())?;
    write(file::PREDICTOR, &weights.predictor.bytes)?;
    write(file::ACTION_ENCODER, &weights.action_encoder.bytes)?;
    for (name, given) in [
        (file::CALIBRATION, request.calibration),
        (file::EVAL, request.eval_report),
    ] {
        match given {
            Some(path) => write(name, &read(path)?)?,
            None if request.evidence == Evidence::MayBeMissing => {}
            None => return Err(ExportError::Missing { name }),
        }
    }
    encoder.place(request.placement, &folder, stop)?;

    let mut facts = request.facts.clone();
    facts.extend(weights.facts());
    facts.extend(
        [
            ("layout", config.encoder.layout.to_string()),
            ("state_contract", config.encoder.state_contract.to_string()),
            ("training/config", Digest::of(&trained).to_string()),
        ]
        .map(fact),
    );
    let manifest = author_manifest(folder.draft_folder(), &request.names, &encoder, facts)?;
    write(file::MANIFEST, &manifest.to_bytes())?;
    let missing = check(request, folder.draft_folder())?;
    if stop.load(Ordering::Relaxed) {
        return Err(ExportError::Interrupted);
    }
    folder.commit()?;
    Ok(Exported { manifest, missing })
}

/// Checks every file of a model and loads it; what it does without.
fn check(request: &Export<'_>, folder: &Path) -> Result<Vec<&'static str>, ExportError> {
    let source = EncoderSource {
        folder: match request.placement {
            EncoderPlacement::None => Some(request.encoder.to_owned()),
            EncoderPlacement::Copy | EncoderPlacement::Link => None,
        },
        ..EncoderSource::default()
    };
    let model = ModelDir::open(folder, &source)?;
    let mut missing = Vec::new();
    for (what, outcome) in model.checks() {
        match outcome {
            Err(ModelDirError::Unfinished { .. }) => missing.push(what),
            outcome => outcome?,
        }
    }
    let options = LoadOptions {
        calibration: match request.calibration {
            Some(path) => CalibrationSource::File(path),
            None => CalibrationSource::Nothing,
        },
        ..LoadOptions::default()
    };
    let runtime = Runtime::load_with(&model, BackendChoice::Auto, options);
    runtime.map_err(Box::new)?;
    Ok(missing)
}

/// A key and a value of the data snapshot.
fn fact((key, value): (&str, String)) -> (Label, Label) {
    let label = |text| Label::new(text).expect("names and digests are labels");
    (label(key.to_owned()), label(value))
}

fn read(path: &Path) -> Result<Vec<u8>, ExportError> {
    fs::read(path).map_err(|source| io_error(PathBuf::from(path), source))
}
