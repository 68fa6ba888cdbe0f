//! An encoder that is already on this machine: hashed where it lies, and written down.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

use geno_core::Digest;
use geno_provenance::{
    EncoderRecord, EncoderRecordFile, Label, Timestamp, encoder_digest, write_atomic,
};
use geno_weights::ShardIndex;

use super::EncoderError;

pub(super) const CONFIGS: [&str; 2] = ["dna_config.json", "config.json"];
pub(super) const SINGLE: &str = "model.safetensors";
pub(super) const INDEX: &str = "model.safetensors.index.json";

/// Hashes the encoder in a folder: `config.json`, `dna_config.json`, and `model.safetensors` or
/// its shards with their index.
///
/// # Errors
///
/// [`EncoderError`], among them [`EncoderError::Hash`] if the weights are not the expected ones.
pub fn link_encoder(
    folder: &Path,
    id: &Label,
    revision: Option<&Label>,
    expected: Option<Digest>,
    now: Timestamp,
) -> Result<EncoderRecord, EncoderError> {
    let unusable = |path: PathBuf| |source| EncoderError::File { path, source };
    let folder = fs::canonicalize(folder).map_err(unusable(folder.to_owned()))?;
    let single = folder.join(SINGLE).is_file();
    let mut files = Vec::new();
    let weights = match single {
        true => vec![SINGLE.to_owned()],
        false => {
            let path = folder.join(INDEX);
            let index = fs::read(&path).map_err(unusable(path))?;
            files.push(describe(&folder, INDEX)?);
            shard_names(&index)?
        }
    };
    for name in CONFIGS {
        files.push(describe(&folder, name)?);
    }
    let mut digests = Vec::new();
    for name in &weights {
        let file = describe(&folder, name)?;
        digests.push(file.hash);
        files.push(file);
    }
    let hash = encoder_digest(digests);
    check(expected, hash)?;
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(EncoderRecord {
        id: id.clone(),
        revision: revision.cloned(),
        folder: label(&folder)?,
        hash,
        files,
        recorded_at: now,
    })
}

/// Writes a record to its place among all records, where scoring looks.
///
/// # Errors
///
/// [`EncoderError::File`] and [`EncoderError::Record`].
pub fn write_record(records: &Path, record: &EncoderRecord) -> Result<PathBuf, EncoderError> {
    fs::create_dir_all(records).map_err(|source| EncoderError::File {
        path: records.to_owned(),
        source,
    })?;
    let path = EncoderRecord::path(records, record.hash);
    write_atomic(&path, |out| out.write_all(&record.to_bytes()))?;
    Ok(path)
}

pub(super) fn shard_names(index: &[u8]) -> Result<Vec<String>, EncoderError> {
    let index = ShardIndex::parse(index)?;
    Ok(index.shard_names().map(str::to_owned).collect())
}

pub(super) fn check(expected: Option<Digest>, found: Digest) -> Result<(), EncoderError> {
    match expected {
        Some(expected) if expected != found => Err(EncoderError::Hash { expected, found }),
        _ => Ok(()),
    }
}

fn describe(folder: &Path, name: &str) -> Result<EncoderRecordFile, EncoderError> {
    let path = folder.join(name);
    let read = File::open(&path).and_then(|file| {
        let size = file.metadata()?.len();
        Ok((size, Digest::of_reader(file)?))
    });
    let (size, hash) = read.map_err(|source| EncoderError::File {
        path: path.clone(),
        source,
    })?;
    Ok(EncoderRecordFile {
        name: label(Path::new(name))?,
        size,
        hash,
    })
}

fn label(path: &Path) -> Result<Label, EncoderError> {
    let text = path.to_str().unwrap_or_default();
    Label::new(text).map_err(|source| EncoderError::Path {
        path: path.to_owned(),
        source,
    })
}
