//! The evidence of a run: manifest, card and checksums of its files.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use crate::{
    AtomicWriteError, Checksums, Json, PublicPath, ReadFileError, Timestamp, indented_json,
    write_atomic,
};
use geno_core::{Coded, Digest, ErrorCode};

use super::{
    RunArtifact, RunMetadata,
    card::card,
    check::{RunFault, check_contents, check_words},
    metadata::{GENERATED_BY, SCHEMA},
};

/// Name of the record in the folder of a run.
pub const RUN_RECORD: &str = "training_run.json";
/// Name of the manifest in the folder of a run.
pub const RUN_MANIFEST: &str = "training_run_manifest.json";
/// Name of the card.
pub const RUN_CARD: &str = "training_run_card.md";
/// Name of the checksums.
pub const RUN_CHECKSUMS: &str = "training_run_SHA256SUMS";

/// What is known of a run that is over: its record and the files it left.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RunPackage {
    /// The record. Its time is always there.
    pub(super) metadata: RunMetadata,
    pub(super) time: Timestamp,
    pub(super) artifacts: Vec<RunArtifact>,
}

/// Why a run has no package, or its package does not hold.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackageRunError {
    /// The folder holds no record, which a run leaves when it is over.
    #[error("`{}` holds no finished run: there is no {RUN_RECORD} in it", .0.display())]
    NoRecord(PathBuf),
    /// A file of the run cannot be read.
    #[error(transparent)]
    Read(#[from] ReadFileError),
    /// A file could not be written.
    #[error(transparent)]
    Write(#[from] AtomicWriteError),
    /// Something about the run is wrong.
    #[error("in `{}`", path.display())]
    Fault {
        /// The file, or the folder of the run.
        path: PathBuf,
        /// What.
        #[source]
        fault: RunFault,
    },
}

impl Coded for PackageRunError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NoRecord(_) => ErrorCode::InputGeneric,
            Self::Read(source) => source.code(),
            Self::Write(source) => source.code(),
            Self::Fault { fault, .. } => fault.code(),
        }
    }
}

impl RunPackage {
    /// Reads the record in the folder of a run, and the files that it names.
    ///
    /// `time` stands in the manifest where the record has none.
    ///
    /// # Errors
    ///
    /// [`PackageRunError`] as [`RunPackage::of`] gives it, and if there is no record or it cannot be
    /// read.
    pub fn read(run_dir: &Path, time: Timestamp) -> Result<Self, PackageRunError> {
        let path = run_dir.join(RUN_RECORD);
        let record = match fs::read(&path) {
            Ok(record) => record,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(PackageRunError::NoRecord(run_dir.to_owned()));
            }
            Err(source) => return Err(ReadFileError { path, source }.into()),
        };
        let metadata = RunMetadata::parse(&record).map_err(|error| PackageRunError::Fault {
            path,
            fault: error.into(),
        })?;
        Self::of(run_dir, metadata, time)
    }

    /// Reads the files that a record names.
    ///
    /// `time` stands in the manifest where the record has none.
    ///
    /// # Errors
    ///
    /// [`PackageRunError`] if a file is missing or named twice, the metrics hold no number, the
    /// preflight found errors or looked at something else, or a text is left to be written.
    pub fn of(
        run_dir: &Path,
        metadata: RunMetadata,
        time: Timestamp,
    ) -> Result<Self, PackageRunError> {
        let fault = |fault| PackageRunError::Fault {
            path: run_dir.to_owned(),
            fault,
        };
        let mut seen = BTreeSet::new();
        let mut artifacts = Vec::new();
        for (kind, path) in metadata.files() {
            if [RUN_MANIFEST, RUN_CARD, RUN_CHECKSUMS].contains(&path.as_str()) {
                return Err(fault(RunFault::Generated(path.clone())));
            }
            if !seen.insert(path) {
                return Err(fault(RunFault::Twice(path.clone())));
            }
            artifacts.push(RunArtifact::read(run_dir, kind, path)?);
        }
        let time = metadata.origin.time.unwrap_or(time);
        let package = Self {
            metadata,
            time,
            artifacts,
        };
        check_words(&package.words()).map_err(fault)?;
        check_contents(run_dir, &package).map_err(fault)?;
        Ok(package)
    }

    /// The record. It says when it was made.
    pub fn metadata(&self) -> &RunMetadata {
        &self.metadata
    }

    /// The files that the run left.
    pub fn artifacts(&self) -> &[RunArtifact] {
        &self.artifacts
    }

    /// Everything in the manifest that people wrote.
    fn words(&self) -> Vec<&str> {
        let run = &self.metadata;
        let single = [
            &run.run_id,
            &run.origin.command,
            &run.origin.version,
            &run.dataset_snapshot_id,
            &run.determinism,
            &run.result_summary,
        ];
        let lists = run
            .hardware
            .iter()
            .chain(&run.runtime)
            .chain(&run.limitations);
        let paths = self
            .artifacts
            .iter()
            .map(|file| file.identity.path.as_str());
        let words = single.into_iter().chain(lists).map(|label| label.as_str());
        words.chain(paths).collect()
    }

    /// The manifest, as the Python package writes it.
    pub fn manifest(&self) -> String {
        let artifacts = self.artifacts.iter().map(RunArtifact::to_json);
        let watched = ["collapse_monitoring", "nan_monitoring"];
        let watched = watched.map(|name| (name, Json::from(true)));
        let mut fields = self.metadata.shared_fields();
        fields.extend([
            ("generated_at", self.time.to_string().into()),
            ("monitoring", Json::object(watched)),
            ("artifacts", Json::Array(artifacts.collect())),
        ]);
        format!("{}\n", indented_json(&Json::object(fields)))
    }

    /// Writes manifest, card and checksums into the folder of the run.
    ///
    /// # Errors
    ///
    /// [`PackageRunError::Write`].
    pub fn write(&self, run_dir: &Path) -> Result<(), PackageRunError> {
        let (manifest, card) = (self.manifest(), card(self));
        let write = |name: &str, text: &str| {
            write_atomic(&run_dir.join(name), |file| file.write_all(text.as_bytes()))
        };
        write(RUN_MANIFEST, &manifest)?;
        write(RUN_CARD, &card)?;
        Ok(write(
            RUN_CHECKSUMS,
            &self.checksums(&manifest, &card).to_text(),
        )?)
    }

    /// Digests of manifest, card and all files of the run.
    pub(super) fn checksums(&self, manifest: &str, card: &str) -> Checksums {
        let generated = [(RUN_MANIFEST, manifest), (RUN_CARD, card)];
        let generated = generated.into_iter().map(|(name, text)| {
            let path = PublicPath::new(name).expect("a name of this module");
            (path, Digest::of(text.as_bytes()))
        });
        let files = self.artifacts.iter().map(|file| &file.identity);
        let files = files.map(|file| (file.path.clone(), file.digest));
        generated.chain(files).collect()
    }

    /// What a program prints after [`RunPackage::write`].
    pub fn to_json(&self) -> Json {
        let artifacts = self.artifacts.iter().map(RunArtifact::to_json);
        Json::object([
            ("schema_version", Json::from(SCHEMA)),
            ("generated_by", GENERATED_BY.into()),
            ("run_id", Json::from(&self.metadata.run_id)),
            ("manifest_path", RUN_MANIFEST.into()),
            ("card_path", RUN_CARD.into()),
            ("checksums_path", RUN_CHECKSUMS.into()),
            ("artifacts", Json::Array(artifacts.collect())),
        ])
    }
}
