//! Files that appear whole or not at all.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use geno_core::{Coded, ErrorCode};
use tempfile::{Builder, NamedTempFile};

/// A file in the making.
///
/// What is written goes to a neighbour of the final file, `.geno-lewm-` and a random name in the
/// same directory. [`AtomicFile::commit`] makes it durable and gives it the final name. Before
/// that, and on any error, what stood under the final name stays; dropping the handle removes the
/// neighbour. An existing file is replaced, one behind a symbolic link in its own place.
///
/// ```
/// use std::io::Write;
/// use geno_provenance::AtomicFile;
///
/// # let directory = tempfile::tempdir()?;
/// let path = directory.path().join("scores.jsonl");
/// let mut file = AtomicFile::create(&path)?;
/// file.write_all(b"{}\n")?;
/// assert!(!path.exists());
/// file.commit()?;
/// assert_eq!(std::fs::read(&path)?, b"{}\n");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct AtomicFile {
    path: PathBuf,
    writer: BufWriter<NamedTempFile>,
}

/// Why a file was not written.
#[derive(Debug, thiserror::Error)]
pub enum AtomicWriteError {
    /// The directory does not exist or takes no file.
    #[error("cannot create `{}`", path.display())]
    Create {
        /// The final file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Something that is no regular file has the final name.
    #[error("`{}` exists and is no regular file", path.display())]
    NotAFile {
        /// The final file.
        path: PathBuf,
    },
    /// The contents could not be written or moved to the final name.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// The final file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Coded for AtomicWriteError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Create { source, .. } | Self::Write { source, .. } => ErrorCode::of_io(source),
            Self::NotAFile { .. } => ErrorCode::InputGeneric,
        }
    }
}

impl AtomicFile {
    /// Begins a file. Its directory must exist.
    ///
    /// # Errors
    ///
    /// [`AtomicWriteError::NotAFile`] if `path` is a directory, a device or the like, and
    /// [`AtomicWriteError::Create`] if its directory takes no file.
    pub fn create(path: &Path) -> Result<Self, AtomicWriteError> {
        let create = |source| AtomicWriteError::Create {
            path: path.to_owned(),
            source,
        };
        let target = match fs::metadata(path) {
            Ok(metadata) if metadata.is_file() => fs::canonicalize(path).map_err(create)?,
            Ok(_) => {
                let path = path.to_owned();
                return Err(AtomicWriteError::NotAFile { path });
            }
            Err(_) => path.to_owned(),
        };
        let file = builder().tempfile_in(directory(&target)).map_err(create)?;
        Ok(Self {
            path: target,
            writer: BufWriter::new(file),
        })
    }

    /// Makes the contents durable and gives them the final name.
    ///
    /// # Errors
    ///
    /// [`AtomicWriteError::Write`]; the final name is then as it was.
    pub fn commit(self) -> Result<(), AtomicWriteError> {
        let path = self.path;
        let write = |source| AtomicWriteError::Write {
            path: path.clone(),
            source,
        };
        let file = self
            .writer
            .into_inner()
            .map_err(|error| write(error.into_error()))?;
        file.as_file().sync_all().map_err(write)?;
        file.persist(&path).map_err(|error| write(error.error))?;
        if let Ok(directory) = File::open(directory(&path)) {
            // The file is whole under its name; some systems cannot sync a directory.
            let _ = directory.sync_all();
        }
        Ok(())
    }

    /// The name the file will have.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// For headers that are known at the end.
impl Seek for AtomicFile {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.writer.seek(position)
    }
}

/// Writes a file that appears whole or not at all.
///
/// # Errors
///
/// [`AtomicWriteError`], with `RESOURCE.DISK_FULL` as its code when no space is left. No file
/// appears then, and an existing one stays as it was.
///
/// # Examples
///
/// ```
/// use std::io::Write;
/// use geno_provenance::write_atomic;
///
/// # let directory = tempfile::tempdir()?;
/// let path = directory.path().join("manifest.json");
/// write_atomic(&path, |file| file.write_all(b"{}"))?;
/// assert_eq!(std::fs::read(&path)?, b"{}");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub fn write_atomic(
    path: &Path,
    write: impl FnOnce(&mut AtomicFile) -> io::Result<()>,
) -> Result<(), AtomicWriteError> {
    let mut file = AtomicFile::create(path)?;
    write(&mut file).map_err(|source| AtomicWriteError::Write {
        path: path.to_owned(),
        source,
    })?;
    file.commit()
}

/// Writes a file that only its owner may read, and that must not exist yet.
///
/// # Errors
///
/// [`AtomicWriteError`]; an existing file stays as it is.
pub fn write_new_private(path: &Path, contents: &[u8]) -> Result<(), AtomicWriteError> {
    let create = |source| AtomicWriteError::Create {
        path: path.to_owned(),
        source,
    };
    let write = |source| AtomicWriteError::Write {
        path: path.to_owned(),
        source,
    };
    // Without other permissions asked for, a temporary file is its owner's alone.
    let temporary = Builder::new()
        .prefix(".geno-lewm-")
        .tempfile_in(directory(path));
    let mut file = temporary.map_err(create)?;
    file.write_all(contents).map_err(write)?;
    file.as_file().sync_all().map_err(write)?;
    file.persist_noclobber(path)
        .map_err(|error| write(error.error))?;
    Ok(())
}

fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != "" => parent,
        _ => Path::new("."),
    }
}

/// Temporary files with the permissions of normal ones: all that the umask leaves.
#[cfg(unix)]
fn builder() -> Builder<'static, 'static> {
    use std::os::unix::fs::PermissionsExt;

    let mut builder = Builder::new();
    builder
        .prefix(".geno-lewm-")
        .permissions(fs::Permissions::from_mode(0o666));
    builder
}

#[cfg(not(unix))]
fn builder() -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix(".geno-lewm-");
    builder
}
