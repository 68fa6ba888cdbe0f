//! A model directory: a manifest, what it names, and nothing used before its hash is checked.

use std::{
    borrow::Cow,
    fs, io,
    path::{Path, PathBuf},
};

use geno_core::{Coded, Digest, ErrorCode};
use geno_encoder::EncoderFiles;
use geno_provenance::{ArtifactPath, Manifest, ReadManifestError, encoder_digest};
use geno_weights::WeightError;

use crate::{
    config::{ModelConfig, ModelConfigError},
    encoder_files::{EncoderPaths, EncoderSource, digest_of_file},
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
}

/// Why a model directory cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelDirError {
    /// The folder or a file in it is not there.
    #[error("`{}` is not there", path.display())]
    NotFound {
        /// What was looked for.
        path: PathBuf,
    },
    /// A file could not be read.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The manifest is malformed.
    #[error("cannot use `{}`", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong.
        source: ReadManifestError,
    },
    /// The configuration is malformed.
    #[error("cannot use `{}`", path.display())]
    Config {
        /// The configuration.
        path: PathBuf,
        /// What is wrong.
        source: ModelConfigError,
    },
    /// A file is not the one the manifest names.
    #[error("`{what}` is {found}, but the manifest says {expected}")]
    HashMismatch {
        /// Which of the manifest's entries.
        what: String,
        /// What the manifest says.
        expected: Digest,
        /// What the file hashes to.
        found: Digest,
    },
    /// A digest in the manifest's data snapshot cannot be read.
    #[error("the manifest's `{key}` is not a digest")]
    SnapshotDigest {
        /// The key.
        key: &'static str,
    },
    /// No folder holds the encoder.
    #[error("no encoder found in {looked_in:?}")]
    EncoderNotFound {
        /// Where it was looked for.
        looked_in: Vec<PathBuf>,
    },
    /// The list of the encoder's shards is malformed.
    #[error("cannot use the encoder's list of shards")]
    EncoderIndex {
        /// What is wrong.
        source: WeightError,
    },
}

impl Coded for ModelDirError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound { .. } | Self::EncoderNotFound { .. } => {
                ErrorCode::ResourceModelNotFound
            }
            Self::Io { source, .. } => ErrorCode::of_io(source),
            Self::Manifest { source, .. } => source.code(),
            Self::Config { source, .. } => source.code(),
            Self::HashMismatch { .. } | Self::SnapshotDigest { .. } => {
                ErrorCode::ProvenanceManifestHashMismatch
            }
            Self::EncoderIndex { source } => source.code(),
        }
    }
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
        expect(
            "training.config_file",
            manifest.training.hash,
            Digest::of(&config),
        )?;
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
        })
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
        for (what, file, hash) in self.manifest.files() {
            expect(what, hash, digest(&self.path.join(file.as_str()))?)?;
        }
        let shards: Result<Vec<_>, _> = self
            .encoder
            .weights
            .iter()
            .map(|path| digest(path))
            .collect();
        expect(
            "encoder",
            self.manifest.encoder.hash,
            encoder_digest(shards?),
        )?;
        for (key, path) in self.encoder_configs() {
            if let Some(expected) = self.snapshot_digest(key)? {
                expect(key, expected, digest(path)?)?;
            }
        }
        Ok(())
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

    /// Reads the encoder's files.
    pub(crate) fn read_encoder(&self) -> Result<EncoderFiles<'static>, ModelDirError> {
        let mut configs = [Vec::new(), Vec::new()];
        for ((key, path), config) in self.encoder_configs().into_iter().zip(&mut configs) {
            *config = read(path)?;
            if let Some(expected) = self.snapshot_digest(key)? {
                expect(key, expected, Digest::of(config))?;
            }
        }
        let [config, dna_config] = configs.map(Cow::Owned);

        let mut weights = Vec::new();
        for path in &self.encoder.weights {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            weights.push((name.into_owned(), Cow::Owned(read(path)?)));
        }
        let digests = weights.iter().map(|(_, bytes)| Digest::of(bytes)).collect();
        expect(
            "encoder",
            self.manifest.encoder.hash,
            encoder_digest(digests),
        )?;
        let weight_index = self
            .encoder
            .index
            .as_deref()
            .map(read)
            .transpose()?
            .map(Cow::Owned);
        Ok(EncoderFiles {
            config,
            dna_config,
            weight_index,
            weights,
        })
    }

    fn encoder_configs(&self) -> [(&'static str, &PathBuf); 2] {
        let [config, dna_config] = ENCODER_CONFIG_KEYS;
        [
            (config, &self.encoder.config),
            (dna_config, &self.encoder.dna_config),
        ]
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
        what: &str,
        file: &ArtifactPath,
        hash: Digest,
    ) -> Result<Vec<u8>, ModelDirError> {
        let bytes = read(&self.path.join(file.as_str()))?;
        expect(what, hash, Digest::of(&bytes))?;
        Ok(bytes)
    }
}

fn expect(what: &str, expected: Digest, found: Digest) -> Result<(), ModelDirError> {
    match expected == found {
        true => Ok(()),
        false => Err(ModelDirError::HashMismatch {
            what: what.to_owned(),
            expected,
            found,
        }),
    }
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, ModelDirError> {
    fs::read(path).map_err(|source| unreadable(path, source))
}

fn digest(path: &Path) -> Result<Digest, ModelDirError> {
    digest_of_file(path).map_err(|source| unreadable(path, source))
}

fn unreadable(path: &Path, source: io::Error) -> ModelDirError {
    let path = path.to_owned();
    match source.kind() {
        io::ErrorKind::NotFound => ModelDirError::NotFound { path },
        _ => ModelDirError::Io { path, source },
    }
}
