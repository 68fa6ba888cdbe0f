//! A model directory: a manifest, what it names, and nothing used before its hash is checked.

mod complete;
mod error;

use std::{
    collections::BTreeMap,
    fs, io, iter,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use geno_core::{Coded, Digest, Event};
use geno_provenance::{
    FileRecord, HashConfigsError, Manifest, ManifestFile, PublicPath, encoder_digest, hash_configs,
};

pub use self::{
    complete::{CompleteError, MissingPart},
    error::ModelDirError,
};
use crate::{
    config::ModelConfig,
    encoder_files::{EncoderPaths, EncoderSource, digest_of_file},
    lineage::Lineage,
    mapped_encoder::{MappedEncoder, MappedWeights, map_weights},
};

/// Keys of a manifest's data snapshot under which the encoder's configuration files are committed.
///
/// The published models leave them out: there only the weights are covered.
pub const ENCODER_CONFIG_KEYS: [&str; 2] = ["encoder/config.json", "encoder/dna_config.json"];

/// An opened model directory: its manifest and configuration are read and checked, the rest is
/// found.
#[derive(Clone, Debug)]
pub struct ModelDir {
    path: PathBuf,
    manifest: Manifest,
    manifest_digest: Digest,
    config: ModelConfig,
    encoder: EncoderPaths,
    reads: Arc<Mutex<BTreeMap<PublicPath, FileRecord>>>,
}

impl ModelDir {
    /// Opens a folder: reads its manifest, checks and reads its configuration, finds its encoder.
    ///
    /// # Errors
    ///
    /// [`ModelDirError`].
    pub fn open(path: &Path, encoder: &EncoderSource) -> Result<Self, ModelDirError> {
        let manifest_path = path.join("manifest.json");
        let bytes = read(&manifest_path)?;
        let manifest = Manifest::parse(&bytes).map_err(|source| ModelDirError::Manifest {
            path: manifest_path,
            source,
        })?;

        let config_path = path.join(manifest.training.config_file.as_str());
        let config = read(&config_path)?;
        let config_digest = Digest::of(&config);
        expect(
            "training.config_file",
            manifest.training.hash,
            config_digest,
        )?;
        let reads = BTreeMap::from([
            (
                in_model("manifest.json"),
                record(&bytes, Digest::of(&bytes)),
            ),
            (
                in_model(manifest.training.config_file.as_str()),
                record(&config, config_digest),
            ),
        ]);
        let config = ModelConfig::from_yaml(&config).map_err(|source| ModelDirError::Config {
            path: config_path,
            source,
        })?;

        Ok(Self {
            path: path.to_owned(),
            manifest_digest: Digest::of(&bytes),
            encoder: encoder.find(path, &config.encoder, manifest.encoder.hash)?,
            manifest,
            config,
            reads: Arc::new(Mutex::new(reads)),
        })
    }

    /// The files whose contents were used since the folder was opened.
    ///
    /// Those of the folder go by `model/` and their path in it, those of the encoder by `encoder/`
    /// and their name, wherever it was found.
    pub fn reads(&self) -> BTreeMap<PublicPath, FileRecord> {
        let reads = self.reads.lock().unwrap_or_else(PoisonError::into_inner);
        reads.clone()
    }

    /// The digests of the configuration files in the folder and beside the encoder's weights.
    ///
    /// # Errors
    ///
    /// [`HashConfigsError`].
    pub fn configs(&self) -> Result<BTreeMap<PublicPath, Digest>, HashConfigsError> {
        let role = |name| PublicPath::new(name).expect("a name without a folder");
        let mut configs = hash_configs(&role("model"), &self.path)?;
        if self.encoder.configs.is_some() {
            configs.extend(hash_configs(&role("encoder"), &self.encoder.folder)?);
        }
        Ok(configs)
    }

    fn note(&self, name: PublicPath, record: FileRecord) {
        let mut reads = self.reads.lock().unwrap_or_else(PoisonError::into_inner);
        reads.insert(name, record);
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the folder consists of.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The digest of the manifest file's bytes.
    pub fn manifest_digest(&self) -> Digest {
        self.manifest_digest
    }

    /// How the model scores.
    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// Checks every file of the model against the manifest, reading each in a stream.
    ///
    /// # Errors
    ///
    /// [`ModelDirError::NotFound`], [`ModelDirError::Io`] and [`ModelDirError::HashMismatch`] for
    /// the first file that is missing, unreadable or another one.
    pub fn check(&self) -> Result<(), ModelDirError> {
        self.checks().try_for_each(|(_, outcome)| outcome)
    }

    /// The outcome of each check of [`ModelDir::check`], by what is checked; a file is read when its
    /// outcome is asked for.
    pub fn checks(&self) -> impl Iterator<Item = (&'static str, Result<(), ModelDirError>)> {
        let files = self.manifest.files().into_iter();
        let files = files.map(|(what, file, hash)| {
            let found = there(what, hash).and_then(|()| digest(&self.path.join(file.as_str())));
            (what, found.and_then(|found| expect(what, hash, found)))
        });
        let weights = iter::once_with(|| ("encoder", self.check_encoder_weights()));
        let configs = ENCODER_CONFIG_KEYS.into_iter().enumerate();
        let configs = configs.map(|(i, key)| (key, self.check_encoder_config(i, key)));
        files.chain(weights).chain(configs)
    }

    fn check_encoder_weights(&self) -> Result<(), ModelDirError> {
        self.expect_encoder(&map_weights(&self.encoder.weights)?)
    }

    fn expect_encoder(&self, weights: &[MappedWeights]) -> Result<(), ModelDirError> {
        let expected = self.manifest.encoder.hash;
        let found = encoder_digest(weights.iter().map(|file| file.digest).collect());
        expect("encoder", expected, found).map_err(|error| {
            let lineage = weights.iter().find_map(|file| Lineage::read(&file.file));
            match lineage.and_then(|lineage| lineage.since(expected)) {
                Some(did) => ModelDirError::DerivedEncoder {
                    expected,
                    found,
                    did,
                },
                None => error,
            }
        })
    }

    fn check_encoder_config(&self, i: usize, key: &'static str) -> Result<(), ModelDirError> {
        match (self.snapshot_digest(key)?, &self.encoder.configs) {
            (Some(expected), Some(paths)) => expect(key, expected, digest(&paths[i])?),
            (Some(_), None) => Err(self.config_is_missing(key)),
            (None, _) => Ok(()),
        }
    }

    /// A GGUF file stands where the manifest asks for a configuration of its own.
    fn config_is_missing(&self, key: &str) -> ModelDirError {
        let name = key.trim_start_matches("encoder/");
        ModelDirError::NotFound {
            path: self.encoder.folder.join(name),
        }
    }

    /// The folder the encoder was found in.
    pub fn encoder_folder(&self) -> &Path {
        &self.encoder.folder
    }

    /// Reads the predictor's weights.
    pub(crate) fn read_predictor(&self) -> Result<Vec<u8>, ModelDirError> {
        let artifact = &self.manifest.predictor;
        self.read_checked("predictor", &artifact.file, artifact.hash)
    }

    /// Reads the action encoder's weights.
    pub(crate) fn read_action_encoder(&self) -> Result<Vec<u8>, ModelDirError> {
        let artifact = &self.manifest.action_encoder;
        self.read_checked("action_encoder", &artifact.file, artifact.hash)
    }

    /// Reads the calibration table.
    pub(crate) fn read_calibration(&self) -> Result<Vec<u8>, ModelDirError> {
        let artifact = &self.manifest.calibration;
        self.read_checked("calibration", &artifact.file, artifact.hash)
    }

    /// Maps the encoder's files, and compares their hashes.
    pub(crate) fn read_encoder(&self) -> Result<MappedEncoder, ModelDirError> {
        let mapped = MappedEncoder::of_paths(&self.encoder)?;
        for (i, key) in ENCODER_CONFIG_KEYS.into_iter().enumerate() {
            let expected = self.snapshot_digest(key)?;
            let Some(configs) = &mapped.configs else {
                match expected {
                    Some(_) => return Err(self.config_is_missing(key)),
                    None => continue,
                }
            };
            let digest = Digest::of(&configs[i]);
            if let Some(expected) = expected {
                expect(key, expected, digest)?;
            }
            self.note(public_name(key), record(&configs[i], digest));
        }

        self.expect_encoder(&mapped.weights)?;
        for weights in &mapped.weights {
            let public = public_name(&format!("encoder/{}", weights.name));
            self.note(public, record(&weights.file, weights.digest));
        }
        if let (Some(path), Some(bytes)) = (&self.encoder.index, &mapped.index) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let public = public_name(&format!("encoder/{name}"));
            self.note(public, record(bytes, Digest::of(bytes)));
        }
        Ok(mapped)
    }

    fn snapshot_digest(&self, key: &'static str) -> Result<Option<Digest>, ModelDirError> {
        let snapshot = &self.manifest.training.data_snapshot;
        let Some((_, text)) = snapshot.iter().find(|(found, _)| found.as_str() == key) else {
            return Ok(None);
        };
        let digest = text
            .parse()
            .map_err(|_| ModelDirError::SnapshotDigest { key })?;
        Ok(Some(digest))
    }

    fn read_checked(
        &self,
        what: &'static str,
        file: &PublicPath,
        hash: Digest,
    ) -> Result<Vec<u8>, ModelDirError> {
        there(what, hash)?;
        let bytes = read(&self.path.join(file.as_str()))?;
        expect(what, hash, Digest::of(&bytes))?;
        self.note(in_model(file.as_str()), record(&bytes, hash));
        Ok(bytes)
    }
}

/// The name of a file that does not depend on where the model lies.
fn public_name(path: &str) -> PublicPath {
    PublicPath::new(path).expect("names of files that were found")
}

fn in_model(path: &str) -> PublicPath {
    public_name(&format!("model/{path}"))
}

fn record(bytes: &[u8], digest: Digest) -> FileRecord {
    let size = bytes.len() as u64;
    FileRecord { digest, size }
}

/// Fails for a file that is still to come.
fn there(what: &'static str, hash: Digest) -> Result<(), ModelDirError> {
    match hash == ManifestFile::MISSING {
        true => Err(ModelDirError::Unfinished { what }),
        false => Ok(()),
    }
}

fn expect(what: &'static str, expected: Digest, found: Digest) -> Result<(), ModelDirError> {
    if expected == found {
        return Ok(());
    }
    let error = ModelDirError::HashMismatch {
        what: what.to_owned(),
        expected,
        found,
    };
    Event::ProvenanceVerifyMismatch {
        kind: what,
        error_code: error.code(),
        expected: Some(expected),
        got: Some(found),
    }
    .emit();
    Err(error)
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, ModelDirError> {
    fs::read(path).map_err(|source| unreadable(path, source))
}

fn digest(path: &Path) -> Result<Digest, ModelDirError> {
    digest_of_file(path).map_err(|source| unreadable(path, source))
}

pub(crate) fn unreadable(path: &Path, source: io::Error) -> ModelDirError {
    let path = path.to_owned();
    match source.kind() {
        io::ErrorKind::NotFound => ModelDirError::NotFound { path },
        _ => ModelDirError::Io { path, source },
    }
}
