//! Finding and hashing the files of an encoder.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use geno_core::Digest;
use geno_provenance::EncoderRecord;
use geno_weights::{FolderWeights, ShardIndex, is_gguf_name};

use crate::{
    config::EncoderSection,
    model_dir::{ModelDirError, read, unreadable},
};

/// Where an encoder may lie outside its model directory.
#[derive(Clone, Debug, Default)]
pub struct EncoderSource {
    /// A folder that is used whatever else there is, or one GGUF file.
    pub folder: Option<PathBuf>,
    /// A folder of [`EncoderRecord`]s, which say where encoders were seen.
    pub records: Option<PathBuf>,
    /// The root of a Hugging Face cache, looked into last.
    pub hub_cache: Option<PathBuf>,
}

/// The files of an encoder, found but not read.
#[derive(Clone, Debug)]
pub(crate) struct EncoderPaths {
    pub(crate) folder: PathBuf,
    /// `config.json` and `dna_config.json`; a GGUF file needs neither.
    pub(crate) configs: Option<[PathBuf; 2]>,
    pub(crate) index: Option<PathBuf>,
    pub(crate) weights: Vec<PathBuf>,
}

impl EncoderSource {
    /// Finds the encoder of a model: the folder given, `encoder/` or `encoder.model_id` inside the
    /// model directory, where a record says that weights of this digest lie, or a snapshot in the
    /// hub cache. Whichever it is, its files are hashed before they are used.
    pub(crate) fn find(
        &self,
        model_dir: &Path,
        encoder: &EncoderSection,
        hash: Digest,
    ) -> Result<EncoderPaths, ModelDirError> {
        let candidates = match &self.folder {
            Some(folder) => vec![folder.clone()],
            None => [
                Some(model_dir.join("encoder")),
                inside(model_dir, &encoder.model_id),
                self.recorded(hash),
                self.hub_snapshot(&encoder.model_id, &encoder.revision),
            ]
            .into_iter()
            .flatten()
            .collect(),
        };
        match candidates.iter().find(|place| is_encoder(place)) {
            Some(place) => EncoderPaths::at(place),
            None => Err(ModelDirError::EncoderNotFound {
                looked_in: candidates,
            }),
        }
    }

    /// The folder of a checkpoint in the hub cache, `models--OWNER--NAME/snapshots/REVISION`, where
    /// a revision may be a branch in `refs/`. It need not exist.
    pub fn hub_snapshot(&self, model_id: &str, revision: &str) -> Option<PathBuf> {
        let (owner, name) = model_id.split_once('/')?;
        let plain = |part: &str| !part.is_empty() && !part.contains(['/', '\\']) && part != "..";
        let revision = revision.rsplit('@').next()?;
        if ![owner, name, revision].into_iter().all(plain) {
            return None;
        }
        let root = self.hub_cache.as_deref()?;
        let repo = root.join(format!("models--{owner}--{name}"));
        let commit = fs::read_to_string(repo.join("refs").join(revision));
        let commit = commit.map_or(revision.to_owned(), |commit| commit.trim().to_owned());
        plain(&commit).then(|| repo.join("snapshots").join(commit))
    }

    /// Where a record says that weights of this digest lie: a folder, or a GGUF file in one. A
    /// record that cannot be read is none.
    fn recorded(&self, hash: Digest) -> Option<PathBuf> {
        let bytes = fs::read(EncoderRecord::path(self.records.as_deref()?, hash)).ok()?;
        let record = EncoderRecord::parse(&bytes).ok()?;
        let folder = PathBuf::from(record.folder.as_str());
        match &record.files[..] {
            [only] if is_gguf_name(&only.name) => Some(folder.join(only.name.as_str())),
            _ => Some(folder),
        }
    }
}

/// A path inside a folder, if it stays there.
fn inside(folder: &Path, relative: &str) -> Option<PathBuf> {
    use std::path::Component::Normal;
    let stays = Path::new(relative)
        .components()
        .all(|part| matches!(part, Normal(_)));
    stays.then(|| folder.join(relative))
}

/// Whether a place looks like an encoder: a folder with a configuration or a GGUF file, or such a
/// file.
fn is_encoder(place: &Path) -> bool {
    let has_gguf = || file_names(place).is_ok_and(|names| names.iter().any(|n| is_gguf_name(n)));
    place.join("config.json").is_file() || is_gguf_file(place) || has_gguf()
}

fn is_gguf_file(place: &Path) -> bool {
    let name = place.file_name().and_then(|name| name.to_str());
    name.is_some_and(is_gguf_name) && place.is_file()
}

/// The names of all files of a folder that are text.
fn file_names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if let Ok(name) = entry.file_name().into_string()
            && entry.path().is_file()
        {
            names.push(name);
        }
    }
    Ok(names)
}

impl EncoderPaths {
    /// The files of an encoder: of a folder, or one GGUF file.
    pub(crate) fn at(place: &Path) -> Result<Self, ModelDirError> {
        if is_gguf_file(place) {
            let folder = place.parent().unwrap_or(Path::new("")).to_owned();
            return Ok(Self::gguf(folder, place.to_owned()));
        }
        let names = file_names(place).map_err(|source| unreadable(place, source))?;
        let weights = FolderWeights::of(names.iter().map(String::as_str));
        let weights = weights.map_err(|source| ModelDirError::EncoderIndex { source })?;
        let folder = place.to_owned();
        let (index, weights) = match weights {
            FolderWeights::Gguf(name) => {
                let file = folder.join(name);
                return Ok(Self::gguf(folder, file));
            }
            FolderWeights::Single => (None, vec![folder.join(FolderWeights::SINGLE)]),
            FolderWeights::Sharded => {
                let index = folder.join(FolderWeights::INDEX);
                let parsed = ShardIndex::parse(&read(&index)?);
                let parsed = parsed.map_err(|source| ModelDirError::EncoderIndex { source })?;
                let shards = parsed.shard_names().map(|name| folder.join(name));
                (Some(index), shards.collect())
            }
        };
        Ok(Self {
            configs: Some(["config.json", "dna_config.json"].map(|name| folder.join(name))),
            folder,
            index,
            weights,
        })
    }

    fn gguf(folder: PathBuf, file: PathBuf) -> Self {
        Self {
            folder,
            configs: None,
            index: None,
            weights: vec![file],
        }
    }
}

/// The digest of a file, read in a stream.
pub(crate) fn digest_of_file(path: &Path) -> io::Result<Digest> {
    Digest::of_reader(File::open(path)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touch(path: &Path) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }

    fn found(source: &EncoderSource, model: &Path, model_id: &str) -> Option<PathBuf> {
        let yaml = format!("encoder: {{model_id: \"{model_id}\", revision: main}}");
        let section = crate::ModelConfig::from_yaml(yaml.as_bytes())
            .unwrap()
            .encoder;
        source
            .find(model, &section, Digest::of(b"weights"))
            .ok()
            .map(|paths| {
                paths
                    .configs
                    .map_or_else(|| paths.weights[0].clone(), |[config, _]| config)
            })
    }

    #[test]
    fn a_folder_given_wins_over_the_model_directory_and_that_over_the_cache() {
        let root = tempfile::tempdir().unwrap();
        let (model, cache) = (root.path().join("model"), root.path().join("hub"));
        let repo = cache.join("models--HuggingFaceBio--Carbon-500M");
        touch(&repo.join("snapshots/5d31d59/config.json"));
        touch(&repo.join("refs/main"));
        fs::write(repo.join("refs/main"), "5d31d59\n").unwrap();
        let id = "HuggingFaceBio/Carbon-500M";
        let mut source = EncoderSource {
            hub_cache: Some(cache),
            ..EncoderSource::default()
        };
        let in_cache = repo.join("snapshots/5d31d59/config.json");
        assert_eq!(found(&source, &model, id), Some(in_cache));

        touch(&model.join("encoder/config.json"));
        assert_eq!(
            found(&source, &model, id),
            Some(model.join("encoder/config.json"))
        );

        let given = root.path().join("given");
        touch(&given.join("config.json"));
        source.folder = Some(given.clone());
        assert_eq!(found(&source, &model, id), Some(given.join("config.json")));
    }

    #[test]
    fn a_gguf_file_is_an_encoder_alone_or_in_a_folder_of_its_own() {
        let root = tempfile::tempdir().unwrap();
        let model = root.path().join("model");
        let file = model.join("encoder/tiny.gguf");
        touch(&file);
        touch(&model.join("encoder/README.md"));
        let mut source = EncoderSource::default();
        assert_eq!(found(&source, &model, "o/n"), Some(file.clone()));

        let other = model.join("encoder/other.gguf");
        touch(&other);
        let error = EncoderPaths::at(&model.join("encoder")).unwrap_err();
        let message = std::error::Error::source(&error).unwrap().to_string();
        assert!(
            message.ends_with("name one: other.gguf, tiny.gguf"),
            "{message}"
        );
        source.folder = Some(other.clone());
        assert_eq!(found(&source, &model, "o/n"), Some(other));

        touch(&model.join("encoder/model.safetensors"));
        touch(&model.join("encoder/config.json"));
        source.folder = None;
        let config = model.join("encoder/config.json");
        assert_eq!(found(&source, &model, "o/n"), Some(config));
    }

    #[test]
    fn a_model_id_cannot_lead_out_of_the_model_directory() {
        let root = tempfile::tempdir().unwrap();
        touch(&root.path().join("outside/config.json"));
        let source = EncoderSource::default();
        assert_eq!(
            found(&source, &root.path().join("model"), "../outside"),
            None
        );
    }

    #[test]
    fn a_record_leads_to_the_weights_it_names_and_a_broken_one_nowhere() {
        let root = tempfile::tempdir().unwrap();
        let (model, records) = (root.path().join("model"), root.path().join("records"));
        let linked = root.path().join("linked");
        touch(&linked.join("config.json"));
        let hash = Digest::of(b"weights");
        let path = EncoderRecord::path(&records, hash);
        touch(&path);
        let source = EncoderSource {
            records: Some(records),
            ..EncoderSource::default()
        };
        assert_eq!(found(&source, &model, "o/n"), None);

        let label = |text: &str| geno_provenance::Label::new(text).unwrap();
        let record = EncoderRecord {
            id: label("o/n"),
            revision: None,
            folder: label(linked.to_str().unwrap()),
            hash,
            files: Vec::new(),
            recorded_at: geno_provenance::Timestamp::from_unix_seconds(0).unwrap(),
        };
        fs::write(path, record.to_bytes()).unwrap();
        assert_eq!(
            found(&source, &model, "o/n"),
            Some(linked.join("config.json"))
        );
    }
}
