//! Files of score rows.

use std::{
    io,
    path::{Path, PathBuf},
};

use geno_core::{Coded, ErrorCode};
use geno_data::{ScoreRecord, ScoreTable, TableColumns, WindowsRecord, WriteScoreTableError};
use geno_provenance::{AtomicFile, AtomicWriteError};

use crate::{
    rows::{ExtraColumns, GENERATED_BY, RowFormat, SCHEMA_VERSION, ScoreRow},
    windows_per_variant::WindowSpread,
};

/// Why a file of scores was not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteRowsError {
    /// It cannot be created or get its name.
    #[error(transparent)]
    File(#[from] AtomicWriteError),
    /// It cannot be written to.
    #[error("cannot write scores to `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It cannot be written as a table.
    #[error(transparent)]
    Table(#[from] WriteScoreTableError),
    /// A VCF is written from the VCF that was scored, and there is none.
    #[error("scores are written as a VCF only if a VCF is scored")]
    NoVcf,
}

impl Coded for WriteRowsError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::File(source) => source.code(),
            Self::Write { source, .. } => ErrorCode::of_io(source),
            Self::Table(source) => source.code(),
            Self::NoVcf => ErrorCode::InputGeneric,
        }
    }
}

/// A file of rows that has no name yet.
pub(crate) enum RowSink {
    Text(RowFormat, PathBuf, Box<AtomicFile>),
    Table(Box<ScoreTable<AtomicFile>>),
}

impl RowSink {
    /// Begins a file.
    pub(crate) fn create(
        path: &Path,
        format: RowFormat,
        extra: &ExtraColumns,
    ) -> Result<Self, WriteRowsError> {
        match format {
            RowFormat::Vcf => Err(WriteRowsError::NoVcf),
            RowFormat::Parquet => {
                let file = AtomicFile::create(path)?;
                let metadata = [
                    ("schema_version", SCHEMA_VERSION),
                    ("generated_by", GENERATED_BY),
                ];
                let signals: Vec<_> = extra.numbers.iter().map(|one| one.as_str()).collect();
                let columns = TableColumns {
                    has_windows: extra.has_windows,
                    signals: &signals,
                    has_notation: extra.has_notation,
                };
                let table = ScoreTable::create(file, &metadata, columns)?;
                Ok(Self::Table(table.into()))
            }
            RowFormat::Jsonl | RowFormat::Tsv => {
                let mut file = AtomicFile::create(path)?;
                let written = format.write_header(extra, &mut file);
                written.map_err(|source| write_error(path, source))?;
                Ok(Self::Text(format, path.to_owned(), file.into()))
            }
        }
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, row: &ScoreRow<'_>) -> Result<(), WriteRowsError> {
        match self {
            Self::Text(format, path, file) => format
                .write_row(row, file)
                .map_err(|source| write_error(path, source)),
            Self::Table(table) => {
                let signals: Vec<_> = row.numbers.iter().map(|one| one.value).collect();
                Ok(table.push(&ScoreRecord {
                    chrom: row.edit.chrom(),
                    pos: row.edit.pos(),
                    reference: row.edit.reference(),
                    alternate: row.edit.alternate(),
                    sigma_raw: row.score.sigma_raw,
                    sigma_calibrated: row.score.sigma_calibrated,
                    bucket_id: &row.score.bucket_id.to_string(),
                    confidence: row.score.confidence,
                    low_confidence: row.score.low_confidence,
                    n_calibration: row.score.n_calibration,
                    windows: row.windows.map(|WindowSpread { n, spread }| WindowsRecord {
                        n: n as u64,
                        spread,
                    }),
                    signals: &signals,
                    notation: row.notation,
                })?)
            }
        }
    }

    /// Gives the file its name.
    pub(crate) fn commit(self) -> Result<(), WriteRowsError> {
        match self {
            Self::Text(_, _, file) => Ok(file.commit()?),
            Self::Table(table) => Ok(table.finish()?.commit()?),
        }
    }
}

fn write_error(path: &Path, source: io::Error) -> WriteRowsError {
    WriteRowsError::Write {
        path: path.to_owned(),
        source,
    }
}
