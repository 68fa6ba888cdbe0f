//! Making a shard from a VCF file.

use std::{
    fs, io,
    io::Write,
    ops::ControlFlow,
    path::{Component, Path, PathBuf},
};

use geno_core::{Coded, Digest, ErrorCode};
use geno_provenance::{AtomicFile, AtomicWriteError};
use serde_json::json;

use super::{
    pipeline::{Counts, Shard, parse},
    report::ShardReport,
};
use crate::{
    table::{Table, TableWriter, WriteTableError},
    vcf::{Progress, VcfError, raw_digest, rounds::Rounds},
};

/// Key of a shard's metadata: SHA-256 of the VCF file it was made from.
const INPUT_KEY: &str = "geno_lewm.input_sha256";

/// Key of a shard's metadata: what decided its rows beside the file.
const SETTINGS_KEY: &str = "geno_lewm.settings";

/// Key of a shard's metadata: what became of rows and alleles.
const COUNTS_KEY: &str = "geno_lewm.counts";

/// From what and to where a shard is made.
#[derive(Clone, Copy, Debug)]
pub struct PrepareShard<'a> {
    /// Plain, gzip or bgzip, told by the contents; `-` is the standard input.
    pub vcf: &'a Path,
    /// Folder of the data sets.
    pub output: &'a Path,
    /// The release to file the shard under, one name.
    pub release: &'a str,
    /// Longest REF and ALT that are taken, in bases.
    pub max_allele_len: usize,
    /// Whether a shard that is there is replaced.
    pub overwrite: bool,
    /// Where rows that cannot be parsed go, one a line; beside the shard if not given. The file is
    /// written only if there are any.
    pub rejected: Option<&'a Path>,
}

/// How far a shard is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ShardProgress {
    /// How much of the file has been read.
    pub file: Progress,
    /// Rows read of it.
    pub records_read: u64,
    /// Alleles written.
    pub records_written: u64,
}

/// Why a shard was not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrepareShardError {
    /// The release is no name that a folder can have.
    #[error("release `{release}` is no name of a folder")]
    Release {
        /// The release.
        release: String,
    },
    /// No allele is that short.
    #[error("longest allele is {max_allele_len} bases, but every allele has at least 1")]
    MaxAlleleLen {
        /// What was asked for.
        max_allele_len: usize,
    },
    /// No frequency is that.
    #[error("least frequency is {min_af}, but frequencies lie between 0 and 1")]
    MinAf {
        /// What was asked for.
        min_af: f64,
    },
    /// A shard of another file, or made with other settings, has the name.
    #[error("`{}` exists, and was made from another file or with other settings", path.display())]
    Exists {
        /// The shard.
        path: PathBuf,
    },
    /// The VCF file cannot be read.
    #[error(transparent)]
    Vcf(#[from] VcfError),
    /// The shard's folder cannot be made, or an old file in it not removed.
    #[error("cannot prepare `{}`", path.display())]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error(transparent)]
    Write(#[from] AtomicWriteError),
    /// A rejected row cannot be written.
    #[error("cannot write rejected rows")]
    Rejected {
        /// What the system said.
        source: io::Error,
    },
    /// The table cannot be written.
    #[error(transparent)]
    Table(#[from] WriteTableError),
}

impl Coded for PrepareShardError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Release { .. }
            | Self::MaxAlleleLen { .. }
            | Self::MinAf { .. }
            | Self::Exists { .. } => ErrorCode::InputGeneric,
            Self::Vcf(error) => error.code(),
            Self::Folder { source, .. } | Self::Rejected { source } => ErrorCode::of_io(source),
            Self::Write(error) => error.code(),
            Self::Table(error) => error.code(),
        }
    }
}

/// Makes a shard, or finds it made; `None` if `on_progress` breaks it off.
pub(super) fn prepare<S: Shard>(
    shard: &S,
    request: &PrepareShard<'_>,
    mut on_progress: impl FnMut(ShardProgress) -> ControlFlow<()>,
) -> Result<Option<ShardReport<S::Counts>>, PrepareShardError> {
    let making = Making::new(shard, request)?;
    if making.is_there() && !request.overwrite {
        return making.recognise(&mut on_progress);
    }
    making.make(shard, &mut on_progress)
}

/// A shard in the making.
struct Making<'a> {
    request: &'a PrepareShard<'a>,
    path: PathBuf,
    rejected_path: PathBuf,
    schema_version: &'static str,
    settings: String,
}

impl<'a> Making<'a> {
    fn new<S: Shard>(shard: &S, request: &'a PrepareShard<'a>) -> Result<Self, PrepareShardError> {
        let (release, max_allele_len) = (request.release, request.max_allele_len);
        let mut components = Path::new(release).components();
        let first = components.next();
        let is_name = matches!(first, Some(Component::Normal(name)) if name == release);
        if !is_name {
            let release = release.to_owned();
            return Err(PrepareShardError::Release { release });
        }
        if max_allele_len == 0 {
            return Err(PrepareShardError::MaxAlleleLen { max_allele_len });
        }
        let folder = request.output.join(S::NAME).join(release);
        let path = folder.join("variants.parquet");
        let beside = folder.join("variants.parquet.rejected.jsonl");
        let settings = json!({
            "kind": S::NAME,
            "max_allele_len": max_allele_len,
            "rows": shard.settings(),
            "schema_version": S::SCHEMA_VERSION,
        });
        Ok(Self {
            request,
            path,
            rejected_path: request.rejected.map_or(beside, Path::to_owned),
            schema_version: S::SCHEMA_VERSION,
            settings: settings.to_string(),
        })
    }

    fn is_there(&self) -> bool {
        self.path.symlink_metadata().is_ok()
    }

    /// The report of a shard that is there, if it is what would be made.
    fn recognise<C: Counts>(
        self,
        on_progress: &mut impl FnMut(ShardProgress) -> ControlFlow<()>,
    ) -> Result<Option<ShardReport<C>>, PrepareShardError> {
        let other = || PrepareShardError::Exists {
            path: self.path.clone(),
        };
        let table = Table::open(&self.path).map_err(|_| other())?;
        if table.note(SETTINGS_KEY) != Some(self.settings.as_str()) {
            return Err(other());
        }
        let counts: Option<C> = table
            .note(COUNTS_KEY)
            .and_then(|counts| serde_json::from_str(counts).ok());
        let counts = counts.ok_or_else(other)?;
        let digest = raw_digest(self.request.vcf, |file| {
            on_progress(ShardProgress {
                file,
                records_read: 0,
                records_written: 0,
            })
        })?;
        let Some(digest) = digest else {
            return Ok(None);
        };
        if table.note(INPUT_KEY) != Some(digest.to_string().as_str()) {
            return Err(other());
        }
        self.report(counts, digest, true).map(Some)
    }

    fn make<S: Shard>(
        self,
        shard: &S,
        on_progress: &mut impl FnMut(ShardProgress) -> ControlFlow<()>,
    ) -> Result<Option<ShardReport<S::Counts>>, PrepareShardError> {
        let mut rounds = Rounds::open(self.request.vcf)?;
        self.make_folder()?;
        let mut table = TableWriter::new(AtomicFile::create(&self.path)?, S::schema())?;
        let mut rejected = None;
        let mut counts = S::Counts::default();

        let mut round = rounds.next()?;
        while let Some(current) = round {
            let (parsed, next) = rayon::join(|| parse(shard, &current), || rounds.next());
            for piece in parsed {
                counts.add(&piece.counts);
                table.write(piece.batch)?;
                for row in piece.rejected {
                    let file = match &mut rejected {
                        Some(file) => file,
                        none => none.insert(AtomicFile::create(&self.rejected_path)?),
                    };
                    writeln!(file, "{}", row.to_json())
                        .map_err(|source| PrepareShardError::Rejected { source })?;
                }
            }
            round = next?;
            let rows = counts.rows();
            let progress = ShardProgress {
                file: rounds.progress(),
                records_read: rows.records_read,
                records_written: rows.records_written,
            };
            if on_progress(progress).is_break() {
                return Ok(None);
            }
        }
        let path = self.request.vcf;
        let Some(digest) = rounds.digest().filter(|_| counts.rows().records_read > 0) else {
            let path = path.to_owned();
            return Err(VcfError::NoRecords { path }.into());
        };

        let notes = [
            (INPUT_KEY, digest.to_string()),
            (SETTINGS_KEY, self.settings.clone()),
            (COUNTS_KEY, json!(counts).to_string()),
        ];
        let file = table.finish(notes)?;
        match rejected {
            Some(rejected) => rejected.commit()?,
            None => self.remove_rejected()?,
        }
        file.commit()?;
        self.report(counts, digest, false).map(Some)
    }

    fn make_folder(&self) -> Result<(), PrepareShardError> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(|source| PrepareShardError::Folder {
            path: folder.to_owned(),
            source,
        })
    }

    /// Removes the rejected rows of an earlier run.
    fn remove_rejected(&self) -> Result<(), PrepareShardError> {
        match fs::remove_file(&self.rejected_path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                let path = self.rejected_path.clone();
                Err(PrepareShardError::Folder { path, source })
            }
            _ => Ok(()),
        }
    }

    fn report<C: Counts>(
        self,
        counts: C,
        input_sha256: Digest,
        already_exists: bool,
    ) -> Result<ShardReport<C>, PrepareShardError> {
        let size = fs::metadata(&self.path).map_err(|source| PrepareShardError::Folder {
            path: self.path.clone(),
            source,
        })?;
        let has_rejected = counts.rows().malformed_rows > 0;
        Ok(ShardReport {
            rejected_path: has_rejected.then_some(self.rejected_path),
            release: self.request.release.to_owned(),
            schema_version: self.schema_version.to_owned(),
            input_sha256,
            size_bytes: size.len(),
            already_exists,
            counts,
            output_path: self.path,
        })
    }
}
