//! Finding and hashing the files of an encoder.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use geno_core::Digest;
use geno_provenance::EncoderRecord;

use crate::{config::EncoderSection, model_dir::ModelDirError};

/// Where an encoder may lie outside its model directory.
#[derive(Clone, Debug, Default)]
pub struct EncoderSource {
    /// A folder that is used whatever else there is.
    pub folder: Option<PathBuf>,
    /// A folder of [`EncoderRecord`]s, which say where encoders were seen.
    pub records: Option<PathBuf>,
    /// The root of a Hugging Face cache, looked into last.
    pub hub_cache: Option<PathBuf>,
}

/// The files of an encoder, found but not read.
#[derive(Clone, Debug)]
pub(crate) struct EncoderPaths {
    pub(crate) config: PathBuf,
    pub(crate) dna_config: PathBuf,
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
        let found = candidates
            .iter()
            .find(|folder| folder.join("config.json").is_file());
        match found {
            Some(folder) => EncoderPaths::in_folder(folder),
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

    /// Where a record says that weights of this digest lie. A record that cannot be read is none.
    fn recorded(&self, hash: Digest) -> Option<PathBuf> {
        let bytes = fs::read(EncoderRecord::path(self.records.as_deref()?, hash)).ok()?;
        let record = EncoderRecord::parse(&bytes).ok()?;
        Some(PathBuf::from(record.folder.as_str()))
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

impl EncoderPaths {
    fn in_folder(folder: &Path) -> Result<Self, ModelDirError> {
        let single = folder.join("model.safetensors");
        let index = Some(folder.join("model.safetensors.index.json"))
            .filter(|index| !single.is_file() && index.is_file());
        let weights = match &index {
            None => vec![single],
            Some(index) => {
                let json = crate::model_dir::read(index)?;
                let parsed = geno_weights::ShardIndex::parse(&json);
                let parsed = parsed.map_err(|source| ModelDirError::EncoderIndex { source })?;
                parsed.shard_names().map(|name| folder.join(name)).collect()
            }
        };
        Ok(Self {
            config: folder.join("config.json"),
            dna_config: folder.join("dna_config.json"),
            index,
            weights,
        })
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
            .map(|paths| paths.config)
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
