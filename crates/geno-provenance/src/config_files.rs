//! The configuration files of a folder, by digest.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use geno_core::{Coded, Digest, ErrorCode};

use crate::{PublicPath, PublicPathError};

/// How the names of configuration files begin: `config.yaml` and `config.json`, the published
/// `training_config.yaml`, and the encoder's `dna_config.json`.
///
/// What begins so is part of the state of a run, whatever it holds. A file under another name is
/// configuration only if this list is made longer.
pub const CONFIG_PREFIXES: &[&str] = &["config", "dna_config", "training_config"];

/// Why the configuration files of a folder have no digests.
#[derive(Debug, thiserror::Error)]
pub enum HashConfigsError {
    /// The folder or a file of it could not be read.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// The folder or the file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A configuration file has a name that no record can hold.
    #[error("configuration file {name:?} has a name that cannot be recorded")]
    Name {
        /// The name.
        name: OsString,
        /// Why not.
        source: PublicPathError,
    },
}

impl Coded for HashConfigsError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Io { source, .. } => ErrorCode::of_io(source),
            Self::Name { source, .. } => source.code(),
        }
    }
}

/// Hashes every file of a folder whose name begins with one of [`CONFIG_PREFIXES`], byte for byte,
/// comments and white space included. Folders inside it are not entered.
///
/// The result names the files by `role`, the public name of the folder, and their own:
/// `model/config.yaml`.
///
/// # Errors
///
/// [`HashConfigsError`] if something cannot be read, or a name recorded.
///
/// # Examples
///
/// ```
/// use geno_provenance::{PublicPath, hash_configs};
///
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// std::fs::write(folder.join("config.yaml"), "radius: 8\n")?;
/// std::fs::write(folder.join("predictor.safetensors"), "weights")?;
/// let configs = hash_configs(&PublicPath::new("model")?, folder)?;
/// assert!(configs.keys().map(|path| path.as_str()).eq(["model/config.yaml"]));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub fn hash_configs(
    role: &PublicPath,
    folder: &Path,
) -> Result<BTreeMap<PublicPath, Digest>, HashConfigsError> {
    let in_folder = |source| io_error(folder, source);
    let mut configs = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(in_folder)? {
        let name = entry.map_err(in_folder)?.file_name();
        let shown = name.to_string_lossy();
        let path = folder.join(&name);
        let is_config = CONFIG_PREFIXES
            .iter()
            .any(|prefix| shown.starts_with(prefix));
        if !is_config || !path.is_file() {
            continue;
        }
        let recorded = PublicPath::new(format!("{role}/{shown}")).map_err(|source| {
            HashConfigsError::Name {
                name: name.clone(),
                source,
            }
        })?;
        let file = File::open(&path).map_err(|source| io_error(&path, source))?;
        let digest = Digest::of_reader(file).map_err(|source| io_error(&path, source))?;
        configs.insert(recorded, digest);
    }
    Ok(configs)
}

fn io_error(path: &Path, source: io::Error) -> HashConfigsError {
    HashConfigsError::Io {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Checked = Result<(), Box<dyn std::error::Error>>;

    #[test]
    fn a_comment_or_a_space_changes_the_digest() -> Checked {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("config.yaml");
        let role = PublicPath::new("model")?;
        let mut seen = std::collections::BTreeSet::new();
        for text in ["a: 1\n", "a: 1 # as before\n", "a:  1\n"] {
            fs::write(&path, text)?;
            seen.extend(hash_configs(&role, folder.path())?.into_values());
        }
        assert_eq!(seen.len(), 3);
        Ok(())
    }

    #[test]
    fn only_files_with_a_listed_beginning_count() -> Checked {
        let folder = tempfile::tempdir()?;
        for name in ["training_config.yaml", "dna_config.json", "my_config.yaml"] {
            fs::write(folder.path().join(name), name)?;
        }
        fs::create_dir(folder.path().join("configs"))?;
        let configs = hash_configs(&PublicPath::new("m")?, folder.path())?;
        let names: Vec<_> = configs.keys().map(PublicPath::as_str).collect();
        assert_eq!(names, ["m/dna_config.json", "m/training_config.yaml"]);
        assert_eq!(
            configs.into_values().next(),
            Some(Digest::of(b"dna_config.json"))
        );
        Ok(())
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() -> Checked {
        let error = hash_configs(&PublicPath::new("m")?, Path::new("not-there")).unwrap_err();
        assert_eq!(error.to_string(), "cannot read `not-there`");
        Ok(())
    }
}
