//! An encoder that is already on this machine: hashed where it lies, and written down.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    thread::{self, ScopedJoinHandle},
};

use geno_core::Digest;
use geno_provenance::{
    EncoderRecord, EncoderRecordFile, Label, Timestamp, encoder_digest, write_atomic,
};
use geno_weights::{FolderWeights, ShardIndex, is_gguf_name};

use super::EncoderError;

pub(super) const CONFIGS: [&str; 2] = ["dna_config.json", "config.json"];
pub(super) const SINGLE: &str = FolderWeights::SINGLE;
pub(super) const INDEX: &str = FolderWeights::INDEX;

/// Hashes the encoder in a folder: `config.json`, `dna_config.json`, and `model.safetensors` or
/// its shards with their index; or a GGUF file, which is an encoder alone. `place` is the folder,
/// or such a file in one. Shards are hashed side by side.
///
/// # Errors
///
/// [`EncoderError`], among them [`EncoderError::Hash`] if the weights are not the expected ones.
pub fn link_encoder(
    place: &Path,
    id: &Label,
    revision: Option<&Label>,
    expected: Option<Digest>,
    now: Timestamp,
) -> Result<EncoderRecord, EncoderError> {
    let place = fs::canonicalize(place).map_err(unusable(place))?;
    let (folder, file) = match (
        place.parent(),
        place.file_name().and_then(|name| name.to_str()),
    ) {
        (Some(folder), Some(name)) if is_gguf_name(name) && place.is_file() => {
            (folder.to_owned(), FolderWeights::Gguf(name.to_owned()))
        }
        _ => {
            let names = file_names(&place).map_err(unusable(&place))?;
            let weights = FolderWeights::of(names.iter().map(String::as_str))?;
            (place, weights)
        }
    };
    let (others, weights) = match file {
        FolderWeights::Gguf(name) => (Vec::new(), vec![name]),
        FolderWeights::Single => (CONFIGS.to_vec(), vec![SINGLE.to_owned()]),
        FolderWeights::Sharded => {
            let path = folder.join(INDEX);
            let index = fs::read(&path).map_err(unusable(&path))?;
            ([&[INDEX], &CONFIGS[..]].concat(), shard_names(&index)?)
        }
    };
    let mut files = Vec::new();
    for name in others {
        files.push(describe(&folder, name)?);
    }
    let mut digests = Vec::new();
    for file in describe_each(&folder, &weights)? {
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

fn unusable(path: &Path) -> impl Fn(io::Error) -> EncoderError {
    let path = path.to_owned();
    move |source| EncoderError::File {
        path: path.clone(),
        source,
    }
}

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

/// Describes files side by side, as many at a time as there are processors.
fn describe_each(folder: &Path, names: &[String]) -> Result<Vec<EncoderRecordFile>, EncoderError> {
    let at_once = thread::available_parallelism().map_or(1, usize::from);
    let mut files = Vec::new();
    for names in names.chunks(at_once) {
        let described: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = names
                .iter()
                .map(|name| scope.spawn(move || describe(folder, name)))
                .collect();
            let join = |thread: ScopedJoinHandle<'_, _>| thread.join().expect("it cannot panic");
            threads.into_iter().map(join).collect()
        });
        for file in described {
            files.push(file?);
        }
    }
    Ok(files)
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
