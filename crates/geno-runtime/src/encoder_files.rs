//! Finding and hashing the files of an encoder.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use geno_core::{Digest, DigestHasher};

use crate::{config::EncoderSection, model_dir::ModelDirError};

/// Where an encoder may lie outside its model directory.
#[derive(Clone, Debug, Default)]
pub struct EncoderSource {
    /// A folder that is used whatever else there is.
    pub folder: Option<PathBuf>,
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
    /// model directory, or a snapshot in the hub cache.
    pub(crate) fn find(
        &self,
        model_dir: &Path,
        encoder: &EncoderSection,
    ) -> Result<EncoderPaths, ModelDirError> {
        let candidates = match &self.folder {
            Some(folder) => vec![folder.clone()],
            None => [
                Some(model_dir.join("encoder")),
                inside(model_dir, &encoder.model_id),
                self.hub_cache
                    .as_deref()
                    .and_then(|root| hub_snapshot(root, encoder)),
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
}

/// A path inside a folder, if it stays there.
fn inside(folder: &Path, relative: &str) -> Option<PathBuf> {
    use std::path::Component::Normal;
    let stays = Path::new(relative)
        .components()
        .all(|part| matches!(part, Normal(_)));
    stays.then(|| folder.join(relative))
}

/// `models--OWNER--NAME/snapshots/REVISION`, where a revision may be a branch in `refs/`.
fn hub_snapshot(root: &Path, encoder: &EncoderSection) -> Option<PathBuf> {
    let (owner, name) = encoder.model_id.split_once('/')?;
    let plain = |part: &str| !part.is_empty() && !part.contains(['/', '\\']) && part != "..";
    let revision = encoder.revision.rsplit('@').next()?;
    if ![owner, name, revision].into_iter().all(plain) {
        return None;
    }
    let repo = root.join(format!("models--{owner}--{name}"));
    let commit = fs::read_to_string(repo.join("refs").join(revision));
    let commit = commit.map_or(revision.to_owned(), |commit| commit.trim().to_owned());
    plain(&commit).then(|| repo.join("snapshots").join(commit))
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

/// What a manifest holds for an encoder: the digest of its one weight file, or the digest of the
/// sorted digests of its shards, each written out and ended by a newline.
pub(crate) fn encoder_digest(mut files: Vec<Digest>) -> Digest {
    files.sort();
    match files[..] {
        [only] => only,
        _ => {
            let mut hasher = DigestHasher::default();
            for file in files {
                hasher.update(format!("{file}\n").as_bytes());
            }
            hasher.finish()
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
        source.find(model, &section).ok().map(|paths| paths.config)
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
            folder: None,
            hub_cache: Some(cache),
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
    fn shards_hash_the_same_in_any_order() {
        let [a, b] = [Digest::of(b"a"), Digest::of(b"b")];
        assert_eq!(encoder_digest(vec![a]), a);
        assert_eq!(encoder_digest(vec![a, b]), encoder_digest(vec![b, a]));
        assert_ne!(encoder_digest(vec![a, b]), a);
    }
}
