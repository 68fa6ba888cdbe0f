//! The encoder that a model belongs to: found, hashed, and put into its directory.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use geno_core::Digest;
use geno_provenance::{AtomicFolder, AtomicFolderError, EncoderEntry, Label};
use geno_runtime::{ENCODER_CONFIG_KEYS, Lineage, inspect_encoder};
use geno_weights::{FolderWeights, is_gguf_name};

use super::{ExportError, error::io_error, fact, manifest::digest};

/// What becomes of the encoder's files.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EncoderPlacement {
    /// They are copied into `encoder/`.
    Copy,
    /// `encoder/` holds symbolic links to them, so the directory is good on this machine alone.
    Link,
    /// They stay where they are: whoever opens the model says where.
    None,
}

/// An encoder on this machine, as a manifest names it.
#[derive(Clone, Debug)]
pub struct SourceEncoder {
    pub(super) entry: EncoderEntry,
    /// The configuration files' keys in a manifest and their digests; none of a GGUF file.
    configs: Vec<(&'static str, Digest)>,
    /// Everything it is read from.
    files: Vec<PathBuf>,
    /// What its weights say that they were made from.
    pub(super) lineage: Option<Lineage>,
}

/// Bytes that are copied before somebody who wants to stop is heard.
const CHUNK: usize = 1 << 20;

impl SourceEncoder {
    /// Hashes the encoder in a folder or a GGUF file, and checks that it would load.
    ///
    /// # Errors
    ///
    /// [`ExportError`], also for an `id` that is a path of this machine.
    pub fn find(place: &Path, id: &str, revision: &str) -> Result<Self, ExportError> {
        if is_local(id) {
            let id = id.to_owned();
            return Err(ExportError::LocalEncoder { id });
        }
        let inspection = inspect_encoder(place)?;
        if let Some(fault) = inspection.faults.into_iter().next() {
            return Err(ExportError::EncoderFault { fault });
        }
        let folder = match place.is_dir() {
            true => place,
            false => place.parent().unwrap_or(Path::new("")),
        };
        let names = inspection.files.iter().map(|file| file.name.as_str());
        let mut files: Vec<_> = names.map(|name| folder.join(name)).collect();
        let mut configs = Vec::new();
        let is_gguf = matches!(&inspection.files[..], [only] if is_gguf_name(&only.name));
        if !is_gguf {
            for key in ENCODER_CONFIG_KEYS {
                let path = folder.join(key.trim_start_matches("encoder/"));
                configs.push((key, digest(&path)?));
                files.push(path);
            }
            let is_single =
                matches!(&inspection.files[..], [only] if only.name == FolderWeights::SINGLE);
            if !is_single {
                files.push(folder.join(FolderWeights::INDEX));
            }
        }
        Ok(Self {
            entry: EncoderEntry {
                id: Label::new(id)?,
                revision: Label::new(revision)?,
                hash: inspection.digest,
            },
            configs,
            files,
            lineage: inspection.lineage,
        })
    }

    /// What a manifest says of its configuration files.
    pub(super) fn facts(&self) -> impl Iterator<Item = (Label, Label)> {
        let configs = self.configs.iter();
        configs.map(|(key, digest)| fact((key, digest.to_string())))
    }

    /// Puts its files into the model directory.
    pub(super) fn place(
        &self,
        placement: EncoderPlacement,
        folder: &AtomicFolder,
        stop: &AtomicBool,
    ) -> Result<(), ExportError> {
        if placement == EncoderPlacement::None {
            return Ok(());
        }
        let write = |source| AtomicFolderError::Write {
            path: PathBuf::from("encoder"),
            source,
        };
        fs::create_dir(folder.draft("encoder")).map_err(write)?;
        for path in &self.files {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let name = format!("encoder/{name}");
            if placement == EncoderPlacement::Link {
                let target = fs::canonicalize(path);
                let target = target.map_err(|source| io_error(path.clone(), source))?;
                link(&target, &folder.draft(&name)).map_err(write)?;
                continue;
            }
            let file = File::open(path).map_err(|source| io_error(path.clone(), source))?;
            folder.write(&name, |out| copy(file, out, stop))?;
        }
        Ok(())
    }
}

/// Whether a name is a path that means something on one machine alone.
fn is_local(id: &str) -> bool {
    let is_above = id.split(['/', '\\']).any(|part| part == "..");
    id.starts_with(['/', '~', '\\']) || id.contains(':') || is_above
}

fn copy(mut from: impl Read, out: &mut impl Write, stop: &AtomicBool) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        if stop.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        match from.read(&mut chunk)? {
            0 => return Ok(()),
            n => out.write_all(&chunk[..n])?,
        }
    }
}

#[cfg(unix)]
fn link(target: &Path, path: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

#[cfg(windows)]
fn link(target: &Path, path: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_file(target, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_a_machine_are_no_names() {
        for id in [
            "/models/carbon",
            "~/carbon",
            "C:\\carbon",
            "a/../../b",
            "C:carbon",
        ] {
            assert!(is_local(id), "{id}");
        }
        for id in ["encoder", "HuggingFaceBio/Carbon-500M", "a..b/c"] {
            assert!(!is_local(id), "{id}");
        }
    }
}
