//! The folder that holds releases side by side, and the pointers to two of them.

use std::{
    fs::{self, File},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use super::{ReleaseId, UpdateError};

/// A folder of releases: `RELEASE_ID/` each, and the pointers `current` and `previous`.
///
/// A pointer is a symbolic link where the system has them, and elsewhere a file that holds the
/// release's name. Both kinds are read everywhere, and replaced in one step.
#[derive(Clone, Debug)]
pub struct InstallRoot(PathBuf);

/// The right to change an [`InstallRoot`]. The system takes it back from a process that dies.
#[derive(Debug)]
pub struct InstallLock {
    root: InstallRoot,
    _file: File,
}

impl InstallRoot {
    /// Names a folder. It need not exist.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The folder of a release.
    pub fn release(&self, id: &ReleaseId) -> PathBuf {
        self.0.join(id.as_str())
    }

    /// The release in use, if any.
    ///
    /// # Errors
    ///
    /// [`UpdateError::PointerTaken`] for a folder of that name, [`UpdateError::Pointer`] for a
    /// pointer that leads elsewhere, [`UpdateError::File`].
    pub fn current(&self) -> Result<Option<ReleaseId>, UpdateError> {
        self.pointer("current")
    }

    /// The release in use before, if any.
    ///
    /// # Errors
    ///
    /// Those of [`InstallRoot::current`].
    pub fn previous(&self) -> Result<Option<ReleaseId>, UpdateError> {
        self.pointer("previous")
    }

    fn pointer(&self, name: &str) -> Result<Option<ReleaseId>, UpdateError> {
        let path = self.0.join(name);
        let kind = match fs::symlink_metadata(&path) {
            Ok(metadata) => metadata.file_type(),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(UpdateError::File { path, source }),
        };
        if kind.is_dir() {
            return Err(UpdateError::PointerTaken { path });
        }
        let target = match kind.is_symlink() {
            true => fs::read_link(&path).map(|to| to.to_string_lossy().into_owned()),
            false => fs::read_to_string(&path).map(|text| text.trim_end().to_owned()),
        };
        let target = target.map_err(|source| UpdateError::File {
            path: path.clone(),
            source,
        })?;
        let id = ReleaseId::new(target.trim_end_matches('/'));
        id.map(Some).map_err(|_| UpdateError::Pointer { path })
    }

    /// Takes the right to change the folder, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// [`UpdateError::Locked`] while another process has it, [`UpdateError::File`].
    pub fn lock(&self) -> Result<InstallLock, UpdateError> {
        let unusable = |path: &Path, source| UpdateError::File {
            path: path.to_owned(),
            source,
        };
        fs::create_dir_all(&self.0).map_err(|source| unusable(&self.0, source))?;
        let path = self.0.join(".update.lock");
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|source| unusable(&path, source))?;
        match file.try_lock() {
            Ok(()) => Ok(InstallLock {
                root: self.clone(),
                _file: file,
            }),
            Err(fs::TryLockError::WouldBlock) => Err(UpdateError::Locked {
                root: self.0.clone(),
            }),
            Err(fs::TryLockError::Error(source)) => Err(unusable(&path, source)),
        }
    }
}

impl InstallLock {
    /// The folder.
    pub fn root(&self) -> &InstallRoot {
        &self.root
    }

    /// Puts a release in use and remembers the one before. A process that dies in between leaves
    /// the old one in use.
    pub(super) fn switch(
        &self,
        to: &ReleaseId,
        before: Option<&ReleaseId>,
    ) -> Result<(), UpdateError> {
        if let Some(before) = before.filter(|before| *before != to) {
            self.point("previous", before)?;
        }
        self.point("current", to)
    }

    /// Exchanges the release in use with the one before.
    pub(super) fn swap(&self, to: &ReleaseId, from: Option<&ReleaseId>) -> Result<(), UpdateError> {
        self.point("current", to)?;
        match from {
            Some(from) => self.point("previous", from),
            None => Ok(()),
        }
    }

    fn point(&self, name: &str, to: &ReleaseId) -> Result<(), UpdateError> {
        let path = self.root.0.join(name);
        let fresh = self.root.0.join(format!(".{name}.new"));
        let pointed = remove_if_there(&fresh)
            .and_then(|()| make_pointer(&fresh, to))
            .and_then(|()| fs::rename(&fresh, &path));
        pointed.map_err(|source| UpdateError::File { path, source })?;
        sync_folder(&self.root.0);
        Ok(())
    }
}

#[cfg(unix)]
fn make_pointer(path: &Path, to: &ReleaseId) -> io::Result<()> {
    std::os::unix::fs::symlink(to.as_str(), path)
}

#[cfg(not(unix))]
fn make_pointer(path: &Path, to: &ReleaseId) -> io::Result<()> {
    fs::write(path, format!("{to}\n"))
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes names in a folder durable, where the system can.
pub(super) fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> ReleaseId {
        ReleaseId::new(text).unwrap()
    }

    #[test]
    fn a_pointer_may_be_a_link_or_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let root = InstallRoot::new(folder.path());
        root.lock()
            .unwrap()
            .switch(&id("b"), Some(&id("a")))
            .unwrap();
        assert_eq!(root.current().unwrap(), Some(id("b")));
        assert_eq!(root.previous().unwrap(), Some(id("a")));

        fs::remove_file(folder.path().join("current")).unwrap();
        fs::write(folder.path().join("current"), "c\n").unwrap();
        assert_eq!(root.current().unwrap(), Some(id("c")));
    }

    #[test]
    fn a_pointer_that_leads_out_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let root = InstallRoot::new(folder.path());
        fs::write(folder.path().join("current"), "../elsewhere").unwrap();
        assert!(matches!(root.current(), Err(UpdateError::Pointer { .. })));
    }

    #[test]
    fn a_second_lock_is_refused_until_the_first_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let root = InstallRoot::new(folder.path());
        let lock = root.lock().unwrap();
        assert!(matches!(root.lock(), Err(UpdateError::Locked { .. })));
        drop(lock);
        assert!(root.lock().is_ok());
    }
}
