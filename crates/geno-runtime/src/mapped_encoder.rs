//! The files of an encoder, mapped into memory and hashed.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

use geno_core::{Digest, DigestHasher};
use geno_encoder::{EncoderFiles, LoadError};
use geno_kernels::MappedFile;
use geno_provenance::encoder_digest;
use rayon::prelude::*;

use crate::{
    checkpoint::{Int8Refusal, MeasuredError},
    encoder_files::EncoderPaths,
    lineage::Lineage,
    model_dir::{ModelDirError, read, unreadable},
};

/// A weight file in the address space, and its digest.
#[derive(Debug)]
pub(crate) struct MappedWeights {
    pub(crate) name: String,
    pub(crate) file: MappedFile,
    pub(crate) digest: Digest,
}

/// The files of an encoder, mapped into memory and hashed. Small ones are read.
///
/// # Examples
///
/// ```no_run
/// use std::path::Path;
///
/// use geno_encoder::CarbonConfig;
/// use geno_runtime::MappedEncoder;
///
/// let encoder = MappedEncoder::open(Path::new("demo/model/encoder"))?;
/// let config = CarbonConfig::from_json(&encoder.files()?.config)?;
/// println!("{}: {} blocks", encoder.digest(), config.n_layers);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct MappedEncoder {
    /// `config.json` and `dna_config.json`, where the weights do not hold their own.
    pub(crate) configs: Option<[Vec<u8>; 2]>,
    pub(crate) index: Option<Vec<u8>>,
    pub(crate) weights: Vec<MappedWeights>,
}

impl MappedEncoder {
    /// Maps and hashes all files of the encoder in a folder, or of a GGUF file.
    ///
    /// # Errors
    ///
    /// [`ModelDirError`] if files are missing or cannot be read.
    ///
    /// # Cost
    ///
    /// One pass over the bytes, several files side by side, in a few MiB of memory each.
    pub fn open(place: &Path) -> Result<Self, ModelDirError> {
        Self::of_paths(&EncoderPaths::at(place)?)
    }

    pub(crate) fn of_paths(paths: &EncoderPaths) -> Result<Self, ModelDirError> {
        let configs = match &paths.configs {
            Some([config, dna_config]) => Some([read(config)?, read(dna_config)?]),
            None => None,
        };
        Ok(Self {
            configs,
            index: paths.index.as_deref().map(read).transpose()?,
            weights: map_weights(&paths.weights)?,
        })
    }

    /// The digest of the weights, as a manifest holds it.
    pub fn digest(&self) -> Digest {
        encoder_digest(self.weights.iter().map(|file| file.digest).collect())
    }

    /// The digests of `config.json` and `dna_config.json`, where the weights do not hold their own.
    pub fn config_digests(&self) -> Option<[Digest; 2]> {
        let configs = self.configs.as_ref();
        configs.map(|configs| configs.each_ref().map(|bytes| Digest::of(bytes)))
    }

    /// The files as the encoder takes them. Nothing is copied.
    ///
    /// # Errors
    ///
    /// [`LoadError::Gguf`] and its like for a GGUF file that holds no encoder.
    pub fn files(&self) -> Result<EncoderFiles<'_>, LoadError> {
        let weights = self.weights.iter();
        let mut weights = weights.map(|file| (file.name.clone(), (&*file.file).into()));
        let mapped = self.weights.iter().map(|file| &file.file).collect();
        let files = match (&self.configs, self.weights.len()) {
            (None, 1) => {
                let (name, bytes): (_, Cow<'_, [u8]>) = weights.next().expect("one file");
                EncoderFiles::from_gguf(name, bytes)?
            }
            (configs, _) => {
                let [config, dna_config] = match configs {
                    Some(configs) => configs.each_ref().map(Vec::as_slice),
                    None => [&[][..]; 2],
                };
                EncoderFiles {
                    config: config.into(),
                    dna_config: dna_config.into(),
                    weight_index: self.index.as_deref().map(Into::into),
                    weights: weights.collect(),
                    mapped: Vec::new(),
                }
            }
        };
        Ok(EncoderFiles { mapped, ..files })
    }

    /// Fails if a weight file was written or replaced since it was mapped.
    ///
    /// # Errors
    ///
    /// [`ModelDirError::Changed`], and an error of reading.
    pub fn check_unchanged(&self) -> Result<(), ModelDirError> {
        for MappedWeights { file, .. } in &self.weights {
            let unchanged = file.is_unchanged();
            if !unchanged.map_err(|source| unreadable(file.path(), source))? {
                let path = file.path().to_owned();
                return Err(ModelDirError::Changed { path });
            }
        }
        Ok(())
    }

    /// What a weight file says that its weights do to states, whether that is true or not.
    pub(crate) fn measured(&self) -> Option<Result<MeasuredError, Int8Refusal>> {
        self.weights
            .iter()
            .find_map(|file| MeasuredError::read(&file.file))
    }

    /// What a weight file says about the checkpoint it was made from, whether that is true or not.
    pub fn lineage(&self) -> Option<Lineage> {
        self.weights
            .iter()
            .find_map(|file| Lineage::read(&file.file))
    }
}

/// Maps and hashes weight files, side by side.
pub(crate) fn map_weights(paths: &[PathBuf]) -> Result<Vec<MappedWeights>, ModelDirError> {
    let mapped = paths.par_iter().map(|path| {
        let file = MappedFile::open(path).map_err(|source| unreadable(path, source))?;
        let mut hasher = DigestHasher::default();
        file.read_through(|bytes| hasher.update(bytes));
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Ok(MappedWeights {
            name: name.into_owned(),
            file,
            digest: hasher.finish(),
        })
    });
    mapped.collect()
}

#[cfg(test)]
mod tests {
    use std::{fs, slice};

    use super::*;

    #[test]
    fn weights_that_change_after_they_were_hashed_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        fs::write(&path, b"weights").unwrap();
        let mapped = MappedEncoder {
            configs: None,
            index: None,
            weights: map_weights(slice::from_ref(&path)).unwrap(),
        };
        assert_eq!(mapped.digest(), Digest::of(b"weights"));
        mapped.check_unchanged().unwrap();
        fs::write(&path, b"another").unwrap();
        let error = mapped.check_unchanged().unwrap_err();
        assert!(matches!(error, ModelDirError::Changed { .. }), "{error}");
    }

    #[test]
    fn several_files_hash_as_the_list_of_their_digests() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["b", "a"].map(|name| folder.path().join(name));
        for path in &paths {
            fs::write(path, path.file_name().unwrap().as_encoded_bytes()).unwrap();
        }
        let mapped = MappedEncoder {
            configs: None,
            index: None,
            weights: map_weights(&paths).unwrap(),
        };
        let digests = [&b"a"[..], b"b"].map(Digest::of);
        assert_eq!(mapped.digest(), encoder_digest(digests.to_vec()));
    }
}
