//! The manifest of a folder of files.

use std::{collections::BTreeMap, fs::File, io, path::Path};

use geno_core::{Digest, Dtype};
use geno_provenance::{Edition, Label, Manifest, ManifestFile, PublicPath, TrainingEntry};
use geno_weights::{WeightFile, WeightFormat};

use super::{ExportError, SourceEncoder, error::io_error, read};

/// Names of the files of a model directory.
pub(super) mod file {
    pub(crate) const MANIFEST: &str = "manifest.json";
    pub(crate) const CONFIG: &str = "config.yaml";
    pub(crate) const PREDICTOR: &str = "predictor.safetensors";
    pub(crate) const ACTION_ENCODER: &str = "action_encoder.safetensors";
    pub(crate) const CALIBRATION: &str = "calibration.parquet";
    pub(crate) const EVAL: &str = "eval_report.md";
}

/// What a model is called.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ModelNames {
    /// Its name.
    pub name: Label,
    /// Its version.
    pub version: Label,
    /// The release it belongs to.
    pub release_id: Label,
}

/// Hashes the files of a folder, `config.yaml`, `predictor.safetensors`, `action_encoder.safetensors`,
/// `calibration.parquet` and `eval_report.md`, into a manifest.
///
/// A calibration table or a report that is not there is [missing](ManifestFile::missing). `facts` go into
/// `training.data_snapshot`, together with the digests of the encoder's configuration files.
///
/// # Errors
///
/// [`ExportError::Read`] and [`ExportError::Weights`].
pub fn author_manifest(
    folder: &Path,
    names: &ModelNames,
    encoder: &SourceEncoder,
    facts: BTreeMap<Label, Label>,
) -> Result<Manifest, ExportError> {
    let mut data_snapshot = facts;
    data_snapshot.extend(encoder.facts());
    Ok(Manifest {
        edition: Edition::default(),
        model_name: names.name.clone(),
        model_version: names.version.clone(),
        release_id: names.release_id.clone(),
        encoder: encoder.entry.clone(),
        predictor: weights(folder, file::PREDICTOR)?,
        action_encoder: weights(folder, file::ACTION_ENCODER)?,
        calibration: evidence(folder, file::CALIBRATION)?,
        training: TrainingEntry {
            config_file: path(file::CONFIG),
            hash: digest(&folder.join(file::CONFIG))?,
            data_snapshot,
        },
        eval: evidence(folder, file::EVAL)?,
    })
}

/// A weight file, with the format of its tensors if they share one.
fn weights(folder: &Path, name: &'static str) -> Result<ManifestFile, ExportError> {
    let place = folder.join(name);
    let bytes = read(&place)?;
    let weights = WeightFile::parse(&*bytes).map_err(|source| ExportError::Weights {
        path: place,
        source,
    })?;
    let mut formats = weights.names().map(|name| weights.format(name));
    let first = formats.next().flatten();
    let dtype = first.filter(|first| formats.all(|format| format == Some(*first)));
    let dtype = dtype.and_then(|format| match format {
        WeightFormat::F32 => Some(Dtype::F32),
        WeightFormat::Bf16 => Some(Dtype::Bf16),
        WeightFormat::F16 => Some(Dtype::F16),
        _ => None,
    });
    Ok(ManifestFile {
        file: path(name),
        hash: Digest::of(&bytes),
        dtype: dtype.map(|dtype| Label::new(dtype.as_str()).expect("names of dtypes are labels")),
        version: None,
    })
}

/// A file that may be still to come.
fn evidence(folder: &Path, name: &'static str) -> Result<ManifestFile, ExportError> {
    let place = folder.join(name);
    match File::open(&place).and_then(Digest::of_reader) {
        Ok(hash) => Ok(ManifestFile {
            file: path(name),
            hash,
            dtype: None,
            version: None,
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Ok(ManifestFile::missing(path(name)))
        }
        Err(source) => Err(io_error(place, source)),
    }
}

pub(super) fn digest(path: &Path) -> Result<Digest, ExportError> {
    let digest = File::open(path).and_then(Digest::of_reader);
    digest.map_err(|source| io_error(path.to_owned(), source))
}

fn path(name: &str) -> PublicPath {
    PublicPath::new(name).expect("a name without a folder")
}
