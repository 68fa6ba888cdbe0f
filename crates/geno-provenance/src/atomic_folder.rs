//! Folders that appear whole or not at all.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use geno_core::{Coded, ErrorCode};
use tempfile::{Builder, TempDir};

/// A folder in the making.
///
/// Its files go to a neighbour of the final folder, `.geno-lewm-` and a random name.
/// [`AtomicFolder::commit`] gives it the final name; dropping the handle before that removes it.
/// A folder that exists is never replaced.
///
/// ```
/// use geno_provenance::AtomicFolder;
///
/// # let directory = tempfile::tempdir()?;
/// let path = directory.path().join("encoder");
/// let folder = AtomicFolder::create(&path)?;
/// folder.write("config.json", |file| std::io::Write::write_all(file, b"{}"))?;
/// assert!(!path.exists());
/// folder.commit()?;
/// assert_eq!(std::fs::read(path.join("config.json"))?, b"{}");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct AtomicFolder {
    path: PathBuf,
    temporary: TempDir,
}

/// Why a folder was not written.
#[derive(Debug, thiserror::Error)]
pub enum AtomicFolderError {
    /// Something has the final name.
    #[error("`{}` exists", path.display())]
    Exists {
        /// The final folder.
        path: PathBuf,
    },
    /// The folder or a file in it could not be written.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// The folder or the file, under its final name.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Coded for AtomicFolderError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Exists { .. } => ErrorCode::InputGeneric,
            Self::Write { source, .. } => ErrorCode::of_io(source),
        }
    }
}

impl AtomicFolder {
    /// Begins a folder. The one around it must exist.
    ///
    /// # Errors
    ///
    /// [`AtomicFolderError`].
    pub fn create(path: &Path) -> Result<Self, AtomicFolderError> {
        if fs::symlink_metadata(path).is_ok() {
            let path = path.to_owned();
            return Err(AtomicFolderError::Exists { path });
        }
        let parent = match path.parent() {
            Some(parent) if parent != "" => parent,
            _ => Path::new("."),
        };
        let temporary = builder().tempdir_in(parent);
        let temporary = temporary.map_err(|source| AtomicFolderError::Write {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            path: path.to_owned(),
            temporary,
        })
    }

    /// Writes a file of the folder, durably.
    ///
    /// # Errors
    ///
    /// [`AtomicFolderError::Write`], also for whatever `write` returns.
    pub fn write(
        &self,
        name: &str,
        write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) -> Result<(), AtomicFolderError> {
        let written = File::create_new(self.temporary.path().join(name)).and_then(|file| {
            let mut out = BufWriter::with_capacity(1 << 20, file);
            write(&mut out)?;
            out.flush()?;
            out.get_ref().sync_all()
        });
        written.map_err(|source| AtomicFolderError::Write {
            path: self.path.join(name),
            source,
        })
    }

    /// Where the folder lies until it has its final name.
    pub fn draft_folder(&self) -> &Path {
        self.temporary.path()
    }

    /// Where a file of the folder lies until the folder has its final name.
    pub fn draft(&self, name: &str) -> PathBuf {
        self.temporary.path().join(name)
    }

    /// Removes a file that was written, which the final folder is not to hold.
    ///
    /// # Errors
    ///
    /// [`AtomicFolderError::Write`].
    pub fn remove(&self, name: &str) -> Result<(), AtomicFolderError> {
        fs::remove_file(self.draft(name)).map_err(|source| AtomicFolderError::Write {
            path: self.path.join(name),
            source,
        })
    }

    /// Gives the folder its final name.
    ///
    /// # Errors
    ///
    /// [`AtomicFolderError`]; nothing is left behind then.
    pub fn commit(self) -> Result<(), AtomicFolderError> {
        let Self { path, temporary } = self;
        let write = |source| AtomicFolderError::Write {
            path: path.clone(),
            source,
        };
        // A rename would replace an empty folder that came in the meantime.
        if fs::symlink_metadata(&path).is_ok() {
            return Err(AtomicFolderError::Exists { path });
        }
        fs::rename(temporary.path(), &path).map_err(write)?;
        // There is nothing left to remove under the first name.
        let _renamed = temporary.keep();
        if let Some(parent) = path.parent().filter(|parent| *parent != "") {
            // The folder is whole under its name; some systems cannot sync a directory.
            let _ = File::open(parent).and_then(|parent| parent.sync_all());
        }
        Ok(())
    }
}

/// Temporary folders with the permissions of normal ones: all that the umask leaves.
fn builder() -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix(".geno-lewm-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o777));
    }
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }

    #[test]
    fn a_folder_that_was_not_finished_leaves_nothing() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("new");
        let folder = AtomicFolder::create(&path).unwrap();
        folder.write("a", |out| out.write_all(b"a")).unwrap();
        let failed = folder.write("b", |_| Err(io::ErrorKind::StorageFull.into()));
        assert_eq!(failed.unwrap_err().code(), ErrorCode::ResourceDiskFull);
        drop(folder);
        assert!(names(root.path()).is_empty());
    }

    #[test]
    fn what_exists_stays() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("new");
        let folder = AtomicFolder::create(&path).unwrap();
        fs::create_dir(&path).unwrap();
        let error = folder.commit().unwrap_err();
        assert!(matches!(error, AtomicFolderError::Exists { .. }), "{error}");
        assert!(AtomicFolder::create(&path).is_err());
        assert_eq!(names(root.path()), ["new"]);
    }
}
