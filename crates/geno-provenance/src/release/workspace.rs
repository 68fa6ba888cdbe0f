//! The folders of a release, and the names their files have in public.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Component, Path, PathBuf},
};

use geno_core::{Coded, ErrorCode};

use crate::{Artifact, PublicPath, PublicPathError, ReadFileError};

/// The folders of a release by the first part of their files' public names: `model/manifest.json`
/// is `manifest.json` in the folder of `model`.
///
/// Paths of the machine exist here alone. What goes into a report is an [`PublicPath`].
///
/// ```
/// use geno_provenance::{PublicPath, release::Workspace};
///
/// # let folder = tempfile::tempdir()?;
/// # std::fs::write(folder.path().join("manifest.json"), "{}")?;
/// let workspace = Workspace::new([("model", folder.path())])?;
/// let file = workspace.public(&folder.path().join("manifest.json"))?;
/// assert_eq!(file.as_str(), "model/manifest.json");
/// assert_eq!(workspace.observe(&file)?.size, 2);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Workspace {
    /// Canonical folders by name.
    roots: BTreeMap<String, PathBuf>,
}

/// Why a file has no place in a release.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// A name of a folder is more than one part of a path.
    #[error("`{name}` cannot name a folder of a release")]
    Name {
        /// The name.
        name: String,
    },
    /// A folder is no folder, or a file cannot be looked up.
    #[error("cannot look up `{}`", path.display())]
    Lookup {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is in none of the folders, or a symbolic link leads out of them.
    #[error("`{}` is outside the folders of the release", path.display())]
    Outside {
        /// The path.
        path: PathBuf,
    },
    /// The name begins with no folder of the release.
    #[error("`{path}` begins with no folder of the release")]
    NoFolder {
        /// The name.
        path: PublicPath,
    },
    /// The file has a name that cannot be told in public.
    #[error("a file of the release has a name that other systems cannot have")]
    Path {
        /// Why not.
        source: PublicPathError,
    },
    /// The file cannot be read.
    #[error(transparent)]
    Read(#[from] ReadFileError),
}

impl Coded for WorkspaceError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Lookup { source, .. } => ErrorCode::of_io(source),
            Self::Read(source) => source.code(),
            _ => ErrorCode::InputGeneric,
        }
    }
}

impl Workspace {
    /// Takes folders by their names.
    ///
    /// # Errors
    ///
    /// [`WorkspaceError`] for a name of more than one part and for a folder that is not there.
    pub fn new<'a>(
        folders: impl IntoIterator<Item = (&'a str, &'a Path)>,
    ) -> Result<Self, WorkspaceError> {
        let mut roots = BTreeMap::new();
        for (name, folder) in folders {
            if name.contains('/') || PublicPath::new(name).is_err() {
                let name = name.to_owned();
                return Err(WorkspaceError::Name { name });
            }
            roots.insert(name.to_owned(), canonical(folder)?);
        }
        Ok(Self { roots })
    }

    /// The folder of a name.
    pub fn folder(&self, name: &str) -> Option<&Path> {
        self.roots.get(name).map(PathBuf::as_path)
    }

    /// The public name of a file, which need not exist yet.
    ///
    /// # Errors
    ///
    /// [`WorkspaceError::Outside`] for a file that is in no folder of the release once symbolic
    /// links are followed.
    pub fn public(&self, path: &Path) -> Result<PublicPath, WorkspaceError> {
        let real = real(path)?;
        let outside = || WorkspaceError::Outside {
            path: path.to_owned(),
        };
        // The deepest folder that holds the file.
        let roots = self.roots.iter();
        let holds = roots.filter(|(_, root)| real.starts_with(root));
        let deepest = holds.max_by_key(|(_, root)| root.components().count());
        let (name, root) = deepest.ok_or_else(outside)?;
        let mut public = name.clone();
        for part in real.strip_prefix(root).map_err(|_| outside())?.components() {
            let part = part.as_os_str().to_str().ok_or_else(outside)?;
            public.push('/');
            public.push_str(part);
        }
        PublicPath::new(public).map_err(|source| WorkspaceError::Path { source })
    }

    /// Where a file lies, which need not exist yet.
    ///
    /// # Errors
    ///
    /// [`WorkspaceError`] for a name in no folder of the release, and for one behind a symbolic
    /// link that leads out of its folder.
    pub fn resolve(&self, path: &PublicPath) -> Result<PathBuf, WorkspaceError> {
        let (name, rest) = path.as_str().split_once('/').unwrap_or((path.as_str(), ""));
        let no_folder = || WorkspaceError::NoFolder { path: path.clone() };
        let root = self.roots.get(name).ok_or_else(no_folder)?;
        let mut file = root.clone();
        file.extend(rest.split('/').filter(|part| !part.is_empty()));
        match real(&file)?.starts_with(root) {
            true => Ok(file),
            false => Err(WorkspaceError::Outside { path: file }),
        }
    }

    /// Reads a file: its digest and size.
    ///
    /// # Errors
    ///
    /// [`WorkspaceError`].
    pub fn observe(&self, path: &PublicPath) -> Result<Artifact, WorkspaceError> {
        Ok(Artifact::of_file(&self.resolve(path)?, path.clone())?)
    }
}

fn canonical(path: &Path) -> Result<PathBuf, WorkspaceError> {
    fs::canonicalize(path).map_err(|source| WorkspaceError::Lookup {
        path: path.to_owned(),
        source,
    })
}

/// The path with all symbolic links followed, of a file whose last parts may not exist yet.
fn real(path: &Path) -> Result<PathBuf, WorkspaceError> {
    let mut rest = Vec::new();
    let mut there = path;
    // A link that leads nowhere is there: it must not be taken for a file still to come.
    while there.symlink_metadata().is_err() {
        match (there.components().next_back(), there.parent()) {
            (Some(Component::Normal(part)), Some(parent)) => {
                rest.push(part);
                there = parent;
            }
            _ => break,
        }
    }
    let there = match there.as_os_str().is_empty() {
        true => Path::new("."),
        false => there,
    };
    let mut real = canonical(there)?;
    real.extend(rest.into_iter().rev());
    Ok(real)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> PublicPath {
        PublicPath::new(text).unwrap()
    }

    #[test]
    fn a_file_has_one_public_name_and_back() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("suite");
        fs::create_dir(&inner).unwrap();
        let workspace = Workspace::new([("model", folder.path()), ("suite", &inner)]).unwrap();
        for (file, public) in [
            (folder.path().join("a/b.json"), "model/a/b.json"),
            (inner.join("new/c.json"), "suite/new/c.json"),
            (inner.join(".."), "model"),
        ] {
            assert_eq!(workspace.public(&file).unwrap().as_str(), public);
            let resolved = workspace.resolve(&path(public)).unwrap();
            assert_eq!(resolved, real(&file).unwrap());
        }
        let outside = workspace.public(Path::new("/etc/passwd"));
        assert!(matches!(outside, Err(WorkspaceError::Outside { .. })));
        let unknown = workspace.resolve(&path("demo/a"));
        assert!(matches!(unknown, Err(WorkspaceError::NoFolder { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn links_that_lead_out_are_refused() {
        let [folder, other] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        fs::write(other.path().join("secret"), "x").unwrap();
        let link = |to: &Path, name: &str| {
            std::os::unix::fs::symlink(to, folder.path().join(name)).unwrap();
        };
        link(&other.path().join("secret"), "file");
        link(other.path(), "folder");
        link(&other.path().join("nothing"), "nowhere");
        let workspace = Workspace::new([("model", folder.path())]).unwrap();
        for name in [
            "model/file",
            "model/folder/secret",
            "model/folder/new",
            "model/nowhere",
        ] {
            assert!(workspace.resolve(&path(name)).is_err(), "{name}");
            assert!(workspace.observe(&path(name)).is_err(), "{name}");
        }
        assert!(workspace.public(&folder.path().join("file")).is_err());
    }
}
