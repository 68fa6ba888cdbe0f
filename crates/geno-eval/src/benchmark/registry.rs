//! The benchmarks that are known: those of the program, and those of a user.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use geno_core::{Coded, ErrorCode};
use geno_provenance::{Json, JsonError};

use super::entry::Benchmark;

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../benchmarks/", $name, ".json")).as_slice())),*]
    };
}

/// The entries of the program, in the order in which they are listed.
const ENTRIES: &[(&str, &[u8])] = embedded![
    "clinvar_coding",
    "clinvar_noncoding",
    "brca1_saturation",
    "brca2_saturation",
    "traitgym_mendelian",
    "traitgym_complex",
    "mpra_saturation",
    "perturbation_splice_sites",
    "perturbation_stop_codons",
    "rollout_phased_haplotypes",
    "rollout_synthetic_edit_chains",
];

/// Benchmarks by their names.
///
/// ```
/// use geno_eval::Registry;
///
/// let benchmark = Registry::built_in().find("brca2_saturation")?;
/// assert_eq!(benchmark.split, "brca2");
/// assert!(Registry::built_in().find("brca3").is_err());
/// # Ok::<_, geno_eval::RegistryError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Registry {
    benchmarks: Vec<Benchmark>,
}

/// Why there is no registry, or no benchmark in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// A file or folder cannot be read.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A folder holds no entry.
    #[error("`{}` holds no file that ends in `.json`", path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// A file is no entry.
    #[error("`{}` is no benchmark", path.display())]
    Entry {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: EntryFault,
    },
    /// A benchmark has the name or the split of another one.
    #[error("`{}`: {what} `{name}` is that of another benchmark", path.display())]
    Taken {
        /// The file.
        path: PathBuf,
        /// Which name.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// There is no such benchmark.
    #[error("there is no benchmark `{id}`: known are {}", known.join(", "))]
    Unknown {
        /// The name.
        id: String,
        /// Those that there are.
        known: Vec<String>,
    },
}

/// Why a file is no benchmark.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EntryFault {
    /// It is not JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A field is missing, unknown or of another type.
    #[error("{0}")]
    Field(String),
    /// Fields contradict each other.
    #[error("{0}")]
    Contradiction(String),
}

impl Coded for RegistryError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Io { source, .. } => ErrorCode::of_io(source),
            Self::Entry { .. } => ErrorCode::ConfigSchemaIncompat,
            Self::Empty { .. } | Self::Taken { .. } | Self::Unknown { .. } => {
                ErrorCode::InputGeneric
            }
        }
    }
}

impl Registry {
    /// The benchmarks of the program.
    pub fn built_in() -> &'static Self {
        static BUILT_IN: OnceLock<Registry> = OnceLock::new();
        BUILT_IN.get_or_init(|| {
            let mut registry = Self::default();
            for (name, bytes) in ENTRIES {
                let added = registry.add(Path::new(name), bytes);
                added.expect("entries of the program are tested");
            }
            registry
        })
    }

    /// These and those of a file, or of all files of a folder that end in `.json`.
    ///
    /// # Errors
    ///
    /// [`RegistryError`].
    pub fn with_entries_of(mut self, path: &Path) -> Result<Self, RegistryError> {
        let io = |source| RegistryError::Io {
            path: path.to_owned(),
            source,
        };
        let mut files = vec![path.to_owned()];
        if fs::metadata(path).map_err(io)?.is_dir() {
            let entries = fs::read_dir(path).map_err(io)?;
            let entries: Result<Vec<_>, _> = entries.map(|entry| Ok(entry?.path())).collect();
            files = entries.map_err(io)?;
            files.retain(|file| file.extension().is_some_and(|ending| ending == "json"));
            files.sort();
        }
        if files.is_empty() {
            let path = path.to_owned();
            return Err(RegistryError::Empty { path });
        }
        for file in files {
            let bytes = fs::read(&file).map_err(|source| RegistryError::Io {
                path: file.clone(),
                source,
            })?;
            self.add(&file, &bytes)?;
        }
        Ok(self)
    }

    fn add(&mut self, path: &Path, bytes: &[u8]) -> Result<(), RegistryError> {
        let benchmark = Benchmark::parse(bytes).map_err(|source| RegistryError::Entry {
            path: path.to_owned(),
            source,
        })?;
        let taken = |what, name: &str| RegistryError::Taken {
            path: path.to_owned(),
            what,
            name: name.to_owned(),
        };
        for other in &self.benchmarks {
            if other.id == benchmark.id {
                return Err(taken("id", &benchmark.id));
            }
            if other.split == benchmark.split {
                return Err(taken("split", &benchmark.split));
            }
        }
        self.benchmarks.push(benchmark);
        Ok(())
    }

    /// The benchmarks, those of the program first.
    pub fn benchmarks(&self) -> &[Benchmark] {
        &self.benchmarks
    }

    /// A benchmark by its name.
    ///
    /// # Errors
    ///
    /// [`RegistryError::Unknown`].
    pub fn find(&self, id: &str) -> Result<&Benchmark, RegistryError> {
        let found = self.benchmarks.iter().find(|benchmark| benchmark.id == id);
        found.ok_or_else(|| RegistryError::Unknown {
            id: id.to_owned(),
            known: self.benchmarks.iter().map(|one| one.id.clone()).collect(),
        })
    }
}

impl Benchmark {
    /// Reads an entry.
    ///
    /// # Errors
    ///
    /// [`EntryFault`].
    pub fn parse(bytes: &[u8]) -> Result<Self, EntryFault> {
        // This reader refuses two fields of one name.
        Json::parse(bytes)?;
        let read: Result<Self, _> = serde_json::from_slice(bytes);
        let benchmark = read.map_err(|error| EntryFault::Field(error.to_string()))?;
        match benchmark.contradiction() {
            Some(said) => Err(EntryFault::Contradiction(said)),
            None => Ok(benchmark),
        }
    }

    /// The entry as a value.
    pub fn to_json(&self) -> Json {
        let bytes = serde_json::to_vec(self).expect("an entry is text, numbers and lists");
        Json::parse(&bytes).expect("serde_json writes JSON")
    }
}

/// The JSON Schema (draft 2020-12) of an entry.
#[cfg(feature = "json-schema")]
pub fn benchmark_schema() -> serde_json::Value {
    schemars::SchemaGenerator::default()
        .into_root_schema_for::<Benchmark>()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_the_program_are_named_as_their_files() {
        let registry = Registry::built_in();
        let names: Vec<&str> = ENTRIES.iter().map(|(name, _)| *name).collect();
        let ids: Vec<&str> = registry.benchmarks().iter().map(|one| &*one.id).collect();
        assert_eq!(ids, names);
        for benchmark in registry.benchmarks() {
            let again = Benchmark::parse(&geno_provenance::canonical_json(&benchmark.to_json()));
            assert_eq!(again.unwrap(), *benchmark);
        }
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let entry = |from: &str, to: &str| {
            let text = std::str::from_utf8(ENTRIES[6].1).unwrap();
            assert!(text.contains(from), "{from}");
            Benchmark::parse(text.replacen(from, to, 1).as_bytes())
                .map_err(|fault| fault.to_string())
        };
        for (from, to, expected) in [
            (r#""id": "mpra"#, r#""id": "MPRA"#, "a-z, 0-9"),
            (r#""title":"#, r#""tilte":"#, "unknown field `tilte`"),
            (r#""title": ""#, "\"title\": \"\\u0007", "control"),
            (r#""name": "elements""#, r#""name": "x""#, "`elements`"),
            (r#""name": "Barcodes""#, r#""name": "x""#, "`Barcodes`"),
            ("spearman_rho", "auroc", "by rank alone"),
            ("spearman_rho", "rho", "no metric"),
            (
                "variant_effect_prediction",
                "latent_rollout_fidelity",
                "`track`",
            ),
            (r#""1.0.0""#, r#""1.1.0""#, "schema_version"),
            (r#""deletion_mark": "-","#, r#""deletion": 1,"#, "deletion"),
            (r#""title":"#, r#""id": "a", "title":"#, "id"),
        ] {
            let fault = entry(from, to).unwrap_err();
            assert!(fault.contains(expected), "{to}: {fault}");
        }
    }

    #[test]
    fn entries_of_a_user_stand_beside_those_of_the_program() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text);
        let text = std::str::from_utf8(ENTRIES[6].1).unwrap();
        let own = text.replace("mpra_saturation", "own_screen");
        write("own.json", &own).unwrap();
        write("notes.txt", "not an entry").unwrap();
        let registry = Registry::built_in().clone();
        let registry = registry.with_entries_of(folder.path()).unwrap();
        assert_eq!(registry.find("own_screen").unwrap().split, "own_screen");
        assert_eq!(registry.benchmarks().len(), ENTRIES.len() + 1);

        write("twice.json", text).unwrap();
        let error = registry.with_entries_of(&folder.path().join("twice.json"));
        let error = error.unwrap_err().to_string();
        assert!(error.ends_with("id `mpra_saturation` is that of another benchmark"));
    }
}
