//! A benchmark that was prepared, read back.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use geno_core::{Coded, Digest, ErrorCode};
use geno_provenance::{
    Artifact, FieldError, Fields, Json, JsonError, ReadFileError, canonical_json,
};

use super::{entry::Benchmark, registry::EntryFault};

/// Files of the folder.
pub(super) const VARIANTS: &str = "variants.vcf";
pub(super) const LABELS: &str = "labels.jsonl";
pub(super) const SKIPPED: &str = "skipped.jsonl";
pub(super) const RECORD: &str = "benchmark.json";

/// Who writes the record.
pub(super) const PRODUCER: &str = "geno-lewm-benchmark-prepare";

/// A folder that [`PrepareBenchmark`](super::PrepareBenchmark) wrote, whose files are as they were written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PreparedBenchmark {
    /// The entry that it was prepared by.
    pub benchmark: Benchmark,
    /// The digest of the record, which names every other file by its own.
    pub digest: Digest,
    /// The digest of the reference that the variants were compared with.
    pub fasta: Digest,
    /// Variants or haplotypes.
    pub written: u64,
    /// Most haplotypes of a rollout.
    pub max: Option<u64>,
    folder: PathBuf,
}

/// Why a prepared benchmark cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenBenchmarkError {
    /// The record cannot be read.
    #[error("`{}` holds no prepared benchmark", folder.display())]
    Missing {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The record is not JSON.
    #[error("`{}` is not JSON", path.display())]
    Json {
        /// The record.
        path: PathBuf,
        /// Why not.
        source: JsonError,
    },
    /// The record is not as it is written.
    #[error("`{}` is no record of a prepared benchmark", path.display())]
    Field {
        /// The record.
        path: PathBuf,
        /// Why not.
        source: FieldError,
    },
    /// Somebody else wrote it.
    #[error("`{}` was not written by `{PRODUCER}`", path.display())]
    Producer {
        /// The record.
        path: PathBuf,
    },
    /// Its entry is no benchmark.
    #[error("`{}` is of no benchmark", path.display())]
    Entry {
        /// The record.
        path: PathBuf,
        /// Why not.
        source: EntryFault,
    },
    /// A file cannot be read.
    #[error(transparent)]
    File(#[from] ReadFileError),
    /// A file is not what the record says.
    #[error("`{}` was changed since it was prepared", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
}

impl Coded for OpenBenchmarkError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Missing { source, .. } => ErrorCode::of_io(source),
            Self::File(error) => error.code(),
            Self::Changed { .. } => ErrorCode::ProvenanceManifestHashMismatch,
            Self::Json { .. } | Self::Field { .. } | Self::Producer { .. } | Self::Entry { .. } => {
                ErrorCode::InputGeneric
            }
        }
    }
}

impl PreparedBenchmark {
    /// Reads the record of a folder and hashes the files that it names.
    ///
    /// # Errors
    ///
    /// [`OpenBenchmarkError`].
    pub fn open(folder: &Path) -> Result<Self, OpenBenchmarkError> {
        let path = folder.join(RECORD);
        let bytes = fs::read(&path).map_err(|source| OpenBenchmarkError::Missing {
            folder: folder.to_owned(),
            source,
        })?;
        let document = Json::parse(&bytes).map_err(|source| OpenBenchmarkError::Json {
            path: path.clone(),
            source,
        })?;
        let record = Record::take(document).map_err(|source| OpenBenchmarkError::Field {
            path: path.clone(),
            source,
        })?;
        if record.producer != PRODUCER {
            return Err(OpenBenchmarkError::Producer { path });
        }
        let benchmark = Benchmark::parse(&canonical_json(&record.benchmark));
        let benchmark = benchmark.map_err(|source| OpenBenchmarkError::Entry { path, source })?;
        for identity in &record.outputs {
            let file = Artifact::of(folder, identity.path.clone())?;
            if file != *identity {
                let path = folder.join(identity.path.as_str());
                return Err(OpenBenchmarkError::Changed { path });
            }
        }
        Ok(Self {
            benchmark,
            digest: Digest::of(&bytes),
            fasta: record.fasta,
            written: record.written,
            max: record.max,
            folder: folder.to_owned(),
        })
    }

    /// The variants.
    pub fn variants(&self) -> PathBuf {
        self.folder.join(VARIANTS)
    }

    /// Their labels; of a rollout there are none.
    pub fn labels(&self) -> PathBuf {
        self.folder.join(LABELS)
    }
}

/// What is read of a record. What else stands there is for people.
struct Record {
    producer: String,
    benchmark: Json,
    fasta: Digest,
    written: u64,
    max: Option<u64>,
    outputs: Vec<Artifact>,
}

impl Record {
    fn take(document: Json) -> Result<Self, FieldError> {
        let mut fields = Fields::of_document(document)?;
        let mut outputs = fields.object("outputs")?;
        let mut files = Vec::new();
        for name in ["variants", "labels", "skipped"] {
            if outputs.contains(name) {
                files.push(Artifact::take(&mut outputs.object(name)?)?);
            }
        }
        outputs.finish()?;
        Ok(Self {
            producer: fields.string("generated_by")?,
            benchmark: fields.value("benchmark")?,
            fasta: fields.object("fasta")?.digest("sha256")?,
            written: fields.object("counts")?.unsigned("written")?,
            max: fields.object("selection")?.optional_unsigned("max")?,
            outputs: files,
        })
    }
}
