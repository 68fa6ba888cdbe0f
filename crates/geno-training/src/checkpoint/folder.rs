//! The checkpoints of a run.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use geno_core::Digest;
use geno_provenance::{AtomicFolder, write_atomic};
use serde::{Deserialize, Serialize};

use super::{
    error::CheckpointError,
    read::{CHECKPOINT, FileEntry, Header, SCHEMA},
};

/// What unfinished and abandoned folders begin with.
const TEMPORARY: &str = ".geno-lewm-";
/// Names the checkpoint that the validation likes best.
const BEST: &str = "best.json";

/// The folder of a run's checkpoints.
///
/// # Examples
///
/// ```
/// use geno_training::{Checkpoint, Checkpoints};
///
/// # let directory = tempfile::tempdir()?;
/// let checkpoints = Checkpoints::open(directory.path(), "doc", 2)?;
/// let path = checkpoints.write(5, &"state", &[("weights.bin", vec![1, 2, 3])])?;
/// assert_eq!(checkpoints.latest()?, Some(path.clone()));
///
/// let mut checkpoint = Checkpoint::<String>::read(&path, "doc")?;
/// assert_eq!((checkpoint.step, checkpoint.state.as_str()), (5, "state"));
/// assert_eq!(checkpoint.take("weights.bin")?, [1, 2, 3]);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Checkpoints {
    folder: PathBuf,
    kind: &'static str,
    keep: usize,
}

/// The checkpoint with the best validation.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct BestCheckpoint {
    /// Its step.
    pub step: u64,
    /// What the validation says of it.
    pub value: f64,
}

impl Checkpoints {
    /// Opens or makes the folder of a `kind` of run, which keeps the last few checkpoints and the best.
    ///
    /// What an interrupted run left unfinished is removed.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Io`].
    ///
    /// # Panics
    ///
    /// If none is to be kept.
    pub fn open(folder: &Path, kind: &'static str, keep: usize) -> Result<Self, CheckpointError> {
        assert!(keep > 0, "a run keeps its last checkpoint");
        fs::create_dir_all(folder).map_err(at(folder))?;
        remove_unfinished(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            kind,
            keep,
        })
    }

    /// Writes a checkpoint, in place of one of the same step, and removes those too many.
    ///
    /// # Errors
    ///
    /// [`CheckpointError`]; the checkpoints before it are untouched then.
    pub fn write(
        &self,
        step: u64,
        state: &impl Serialize,
        files: &[(impl AsRef<str>, Vec<u8>)],
    ) -> Result<PathBuf, CheckpointError> {
        let path = self.path(step);
        if path.exists() {
            remove_folder(&path)?;
        }
        let folder = AtomicFolder::create(&path)?;
        for (name, bytes) in files {
            folder.write(name.as_ref(), |file| file.write_all(bytes))?;
        }
        let entries = files.iter().map(|(name, bytes)| {
            let entry = FileEntry {
                size_bytes: bytes.len() as u64,
                sha256: Digest::of(bytes),
            };
            (name.as_ref().to_owned(), entry)
        });
        let header = Header {
            schema_version: SCHEMA.to_owned(),
            kind: self.kind.to_owned(),
            step,
            files: entries.collect(),
            state,
        };
        let header = serde_json::to_vec_pretty(&header).expect("texts and numbers");
        folder.write(CHECKPOINT, |file| file.write_all(&header))?;
        folder.commit()?;
        self.prune()?;
        Ok(path)
    }

    /// The folder of a step's checkpoint.
    pub fn path(&self, step: u64) -> PathBuf {
        self.folder.join(format!("step-{step:08}"))
    }

    /// The checkpoint of the largest step, if there is one.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Io`].
    pub fn latest(&self) -> Result<Option<PathBuf>, CheckpointError> {
        Ok(self.steps()?.last().map(|&step| self.path(step)))
    }

    /// Says which checkpoint is the best.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::File`].
    pub fn set_best(&self, best: BestCheckpoint) -> Result<(), CheckpointError> {
        let text = serde_json::to_vec_pretty(&best).expect("numbers");
        Ok(write_atomic(&self.folder.join(BEST), |file| {
            file.write_all(&text)
        })?)
    }

    /// Which checkpoint is the best, if that was said.
    ///
    /// # Errors
    ///
    /// [`CheckpointError`] if the file cannot be read or holds something else.
    pub fn best(&self) -> Result<Option<BestCheckpoint>, CheckpointError> {
        let path = self.folder.join(BEST);
        match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text)
                .map(Some)
                .map_err(|source| CheckpointError::Malformed { path, source }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(CheckpointError::Io { path, source }),
        }
    }

    /// Steps that have a checkpoint, in order.
    fn steps(&self) -> Result<Vec<u64>, CheckpointError> {
        let mut steps = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(at(&self.folder))? {
            let name = entry.map_err(at(&self.folder))?.file_name();
            let step = name.to_str().and_then(|name| name.strip_prefix("step-"));
            steps.extend(step.and_then(|step| step.parse::<u64>().ok()));
        }
        steps.sort_unstable();
        Ok(steps)
    }

    fn prune(&self) -> Result<(), CheckpointError> {
        let best = self.best()?.map(|best| best.step);
        let steps = self.steps()?;
        let old = &steps[..steps.len().saturating_sub(self.keep)];
        let mut old = old.iter().filter(|&&step| Some(step) != best);
        old.try_for_each(|&step| remove_folder(&self.path(step)))
    }
}

/// Removes a checkpoint, or another folder of a run; one that is half removed does not bear its name.
pub(crate) fn remove_folder(path: &Path) -> Result<(), CheckpointError> {
    let name = path.file_name().expect("a folder of a run has a name");
    let abandoned = path.with_file_name(format!("{TEMPORARY}{}", name.display()));
    fs::rename(path, &abandoned).map_err(at(path))?;
    remove(&abandoned)
}

/// Removes what an interrupted run left unfinished in its folder.
pub(crate) fn remove_unfinished(folder: &Path) -> Result<(), CheckpointError> {
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let entry = entry.map_err(at(folder))?;
        if entry.file_name().to_string_lossy().starts_with(TEMPORARY) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

fn remove(path: &Path) -> Result<(), CheckpointError> {
    let removed = match path.is_dir() {
        true => fs::remove_dir_all(path),
        false => fs::remove_file(path),
    };
    removed.map_err(at(path))
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> CheckpointError {
    let path = path.to_owned();
    move |source| CheckpointError::Io { path, source }
}
