//! Files of training tuples.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use geno_core::{Coded, ErrorCode};
use geno_provenance::{AtomicFile, AtomicWriteError};

use super::TrainingTuple;

/// A file of tuples in the making: JSON Lines, or Parquet for a name that ends in `.parquet`.
///
/// It has its name when it is whole, after [`finish`](Self::finish).
pub struct TupleFile {
    path: PathBuf,
    sink: Sink,
    sequences: bool,
}

enum Sink {
    Lines(AtomicFile),
    Stdout(io::Stdout),
    #[cfg(feature = "parquet")]
    Table(Box<super::table::TupleTable>),
}

/// Why tuples could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TupleFileError {
    /// The file could not be created or given its name.
    #[error(transparent)]
    Atomic(#[from] AtomicWriteError),
    /// A tuple could not be written.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A table holds no sequences.
    #[error("sequences go into JSON Lines alone, not into a Parquet table")]
    SequencesInTable,
    /// This build has no tables.
    #[error("this build writes no Parquet")]
    NoParquet,
    /// The table could not be encoded.
    #[cfg(feature = "parquet")]
    #[error(transparent)]
    Table(#[from] crate::table::WriteTableError),
}

impl Coded for TupleFileError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Atomic(error) => error.code(),
            Self::Write { source, .. } => ErrorCode::of_io(source),
            Self::SequencesInTable => ErrorCode::InputGeneric,
            Self::NoParquet => ErrorCode::DeployExportFormat,
            #[cfg(feature = "parquet")]
            Self::Table(error) => error.code(),
        }
    }
}

impl TupleFile {
    /// Begins a file, or writes to the standard output for `-`. With `sequences` each tuple holds
    /// the bases of both windows.
    ///
    /// # Errors
    ///
    /// [`TupleFileError`] if the file cannot be created, or a table is to hold sequences.
    pub fn create(path: &Path, sequences: bool) -> Result<Self, TupleFileError> {
        let is_table = path
            .extension()
            .is_some_and(|extension| extension == "parquet");
        let sink = match (path == Path::new("-"), is_table) {
            (true, _) => Sink::Stdout(io::stdout()),
            (false, false) => Sink::Lines(AtomicFile::create(path)?),
            (false, true) if sequences => return Err(TupleFileError::SequencesInTable),
            #[cfg(feature = "parquet")]
            (false, true) => Sink::Table(Box::new(super::table::TupleTable::create(path)?)),
            #[cfg(not(feature = "parquet"))]
            (false, true) => return Err(TupleFileError::NoParquet),
        };
        Ok(Self {
            path: path.to_owned(),
            sink,
            sequences,
        })
    }

    /// Writes a tuple.
    ///
    /// # Errors
    ///
    /// [`TupleFileError`] if the system takes no more.
    pub fn write(&mut self, tuple: &TrainingTuple) -> Result<(), TupleFileError> {
        let line = || {
            let row = tuple.row(self.sequences);
            let mut line = serde_json::to_vec(&row).expect("a row of texts and numbers");
            line.push(b'\n');
            line
        };
        let written = match &mut self.sink {
            Sink::Lines(file) => file.write_all(&line()),
            Sink::Stdout(stdout) => stdout.write_all(&line()),
            #[cfg(feature = "parquet")]
            Sink::Table(table) => return table.write(tuple),
        };
        written.map_err(|source| TupleFileError::Write {
            path: self.path.clone(),
            source,
        })
    }

    /// Gives the file its name.
    ///
    /// # Errors
    ///
    /// [`TupleFileError`] if the system does not let it.
    pub fn finish(self) -> Result<(), TupleFileError> {
        match self.sink {
            Sink::Lines(file) => Ok(file.commit()?),
            Sink::Stdout(mut stdout) => stdout.flush().map_err(|source| TupleFileError::Write {
                path: self.path,
                source,
            }),
            #[cfg(feature = "parquet")]
            Sink::Table(table) => table.finish(),
        }
    }
}
