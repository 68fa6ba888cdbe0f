//! A file that has arrived in part, with a note of what it belongs to.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use geno_core::{Digest, DigestHasher};
use geno_provenance::{AtomicWriteError, Json, canonical_json, write_atomic};

use super::FetchError;

/// The bytes of `NAME` that have arrived, in `.NAME.partial`, and a note in `.NAME.partial.json`.
pub struct PartialFile {
    path: PathBuf,
    note: PathBuf,
    file: File,
    hasher: DigestHasher,
    len: u64,
    origin: Json,
    validator: Option<String>,
}

impl PartialFile {
    /// Takes up what an earlier attempt left, if it was about the same file of the same place;
    /// else begins anew.
    ///
    /// # Errors
    ///
    /// [`FetchError::File`], also while another process fills the same file.
    pub fn open(
        target: &Path,
        location: &str,
        expected: Option<Digest>,
    ) -> Result<Self, FetchError> {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let path = target.with_file_name(format!(".{name}.partial"));
        let note = target.with_file_name(format!(".{name}.partial.json"));
        let origin = Json::object([
            ("location", Json::from(location)),
            ("expected", expected.map_or(Json::Null, Json::from)),
        ]);
        let left = fs::read(&note)
            .ok()
            .and_then(|bytes| Json::parse(&bytes).ok());
        let is_ours = left.as_ref().and_then(|note| note.get("of")) == Some(&origin);
        let validator = left
            .as_ref()
            .and_then(|note| note.get("etag")?.as_str())
            .map(str::to_owned);

        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|source| FetchError::file(&path, source))?;
        file.try_lock()
            .map_err(|error| FetchError::file(&path, error.into()))?;
        let mut partial = Self {
            path,
            note,
            file,
            hasher: DigestHasher::default(),
            len: 0,
            origin,
            validator,
        };
        match is_ours {
            true => partial.rehash()?,
            false => partial.restart(None)?,
        }
        Ok(partial)
    }

    fn rehash(&mut self) -> Result<(), FetchError> {
        let mut buffer = vec![0; 1 << 18];
        loop {
            match self.file.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(n) => {
                    self.hasher.update(&buffer[..n]);
                    self.len += n as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => return Err(FetchError::file(&self.path, source)),
            }
        }
    }

    /// Throws away what has arrived, and notes which version comes next.
    ///
    /// # Errors
    ///
    /// [`FetchError::File`].
    pub fn restart(&mut self, validator: Option<String>) -> Result<(), FetchError> {
        let emptied = self
            .file
            .set_len(0)
            .and_then(|()| self.file.seek(SeekFrom::Start(0)));
        emptied.map_err(|source| FetchError::file(&self.path, source))?;
        self.len = 0;
        self.hasher = DigestHasher::default();
        self.validator = validator;
        let tag = self.validator.as_deref().map_or(Json::Null, Json::from);
        let note = Json::object([("of", self.origin.clone()), ("etag", tag)]);
        write_atomic(&self.note, |out| out.write_all(&canonical_json(&note))).map_err(|error| {
            let source = match error {
                AtomicWriteError::Create { source, .. }
                | AtomicWriteError::Write { source, .. } => source,
                AtomicWriteError::NotAFile { .. } => io::Error::other("not a regular file"),
            };
            FetchError::file(&self.note, source)
        })
    }

    /// Fills the file until it has the expected digest, or whatever one if none is expected.
    ///
    /// `complete` fetches what is missing, and tells whether bytes of more than one connection may be
    /// in the file: then parts that do not fit together are fetched once more from the beginning. What
    /// arrived stays for the next attempt, but for what is `hopeless` or has the wrong digest.
    ///
    /// # Errors
    ///
    /// Those of `complete`, and what `wrong` makes of another digest.
    pub fn fill<E: From<FetchError>>(
        mut self,
        expected: Option<Digest>,
        mut complete: impl FnMut(&mut Self) -> Result<bool, E>,
        hopeless: impl Fn(&E) -> bool,
        wrong: impl Fn(Digest) -> E,
    ) -> Result<Self, E> {
        let mut may_restart = true;
        while expected != Some(self.digest()) {
            let is_of_parts = match complete(&mut self) {
                Ok(is_of_parts) => is_of_parts,
                Err(error) => {
                    if self.len == 0 || hopeless(&error) {
                        self.discard();
                    }
                    return Err(error);
                }
            };
            let found = self.digest();
            match expected {
                Some(expected) if expected != found && is_of_parts && may_restart => {
                    self.restart(None)?;
                    may_restart = false;
                }
                Some(expected) if expected != found => {
                    self.discard();
                    return Err(wrong(found));
                }
                _ => break,
            }
        }
        Ok(self)
    }

    /// Adds bytes.
    ///
    /// # Errors
    ///
    /// [`FetchError::File`].
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), FetchError> {
        self.file
            .write_all(bytes)
            .map_err(|source| FetchError::file(&self.path, source))?;
        self.hasher.update(bytes);
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// How many bytes have arrived.
    #[expect(clippy::len_without_is_empty, reason = "nothing asks for it")]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// The entity tag of the version that is there in part.
    pub fn validator(&self) -> Option<&str> {
        self.validator.as_deref()
    }

    /// The digest of what has arrived.
    pub fn digest(&self) -> Digest {
        self.hasher.clone().finish()
    }

    /// Removes the bytes and the note. What cannot be removed is emptied by the next attempt.
    pub fn discard(self) {
        remove(&self.path, &self.note);
    }

    /// Makes the bytes durable. They are whole and checked.
    ///
    /// # Errors
    ///
    /// [`FetchError::File`].
    pub fn into_staged(self, target: &Path) -> Result<Staged, FetchError> {
        let synced = self.file.sync_all();
        synced.map_err(|source| FetchError::file(&self.path, source))?;
        Ok(Staged {
            digest: self.digest(),
            size: self.len,
            partial: self.path,
            note: self.note,
            target: target.to_owned(),
            _locked: self.file,
        })
    }
}

/// A file that has arrived whole and does not have its name yet.
#[derive(Debug)]
pub struct Staged {
    partial: PathBuf,
    note: PathBuf,
    target: PathBuf,
    /// What its bytes hash to.
    pub digest: Digest,
    /// Its length in bytes.
    pub size: u64,
    _locked: File,
}

impl Staged {
    /// Gives the file its name.
    ///
    /// # Errors
    ///
    /// [`FetchError::File`].
    pub fn publish(self) -> Result<(), FetchError> {
        // The note goes first, so that none is ever left beside a finished file.
        let _ = fs::remove_file(&self.note);
        fs::rename(&self.partial, &self.target)
            .map_err(|source| FetchError::file(&self.target, source))
    }

    /// Throws the file away.
    pub fn discard(self) {
        remove(&self.partial, &self.note);
    }

    /// Where the bytes lie until the file has its name.
    pub fn path(&self) -> &Path {
        &self.partial
    }
}

fn remove(partial: &Path, note: &Path) {
    let _ = fs::remove_file(note);
    let _ = fs::remove_file(partial);
}
