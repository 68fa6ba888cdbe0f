//! Reading a table.

use std::{
    fs::File,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, DataType};
use geno_core::{Coded, ErrorCode};
use parquet::{
    arrow::{
        ProjectionMask,
        arrow_reader::{
            ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
            ParquetRecordBatchReaderBuilder,
        },
    },
    errors::ParquetError,
};

/// Rows of a batch.
const BATCH: usize = 1 << 14;

/// Why a table could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadTableError {
    /// The file could not be opened.
    #[error("cannot open `{}`", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is no Parquet, or cut short.
    #[error("`{}` is no whole Parquet file", path.display())]
    NotParquet {
        /// The file.
        path: PathBuf,
        /// What the decoder said.
        source: ParquetError,
    },
    /// The rows cannot be decoded.
    #[error("cannot decode the rows of `{}`", path.display())]
    Decode {
        /// The file.
        path: PathBuf,
        /// What the decoder said.
        source: ArrowError,
    },
    /// The parts of the file contradict each other.
    #[error("Parquet file `{}` is corrupt", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
    },
    /// A column is missing.
    #[error("`{}` has no column `{column}`", path.display())]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The column.
        column: &'static str,
    },
    /// A column has another type.
    #[error("column `{column}` of `{}` is {found}, expected {expected}", path.display())]
    ColumnType {
        /// The file.
        path: PathBuf,
        /// The column.
        column: &'static str,
        /// The type found.
        found: DataType,
        /// The type of this table.
        expected: DataType,
    },
}

impl Coded for ReadTableError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Open { source, .. } => ErrorCode::of_io(source),
            _ => ErrorCode::ConfigSchemaIncompat,
        }
    }
}

/// A table in a file.
#[derive(Debug)]
pub(crate) struct Table {
    path: PathBuf,
    file: File,
    metadata: ArrowReaderMetadata,
}

/// The rows of a table, some at a time. After an error nothing comes.
pub(crate) struct Batches {
    path: PathBuf,
    reader: Option<ParquetRecordBatchReader>,
}

impl Table {
    /// Opens a file and reads its footer.
    ///
    /// # Errors
    ///
    /// [`ReadTableError`] if there is no file or no footer.
    pub(crate) fn open(path: &Path) -> Result<Self, ReadTableError> {
        let path = path.to_owned();
        let file = File::open(&path).and_then(|file| match file.metadata()?.is_dir() {
            true => Err(io::ErrorKind::IsADirectory.into()),
            false => Ok(file),
        });
        let file = match file {
            Ok(file) => file,
            Err(source) => return Err(ReadTableError::Open { path, source }),
        };
        // Types come from Parquet alone, so that files of every writer look the same.
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let load = || ArrowReaderMetadata::load(&file, options);
        match catch_unwind(AssertUnwindSafe(load)) {
            Ok(Ok(metadata)) => Ok(Self {
                path,
                file,
                metadata,
            }),
            Ok(Err(source)) => Err(ReadTableError::NotParquet { path, source }),
            Err(_) => Err(ReadTableError::Corrupt { path }),
        }
    }

    /// How many rows the table has.
    pub(crate) fn n_rows(&self) -> u64 {
        let file = self.metadata.metadata().file_metadata();
        u64::try_from(file.num_rows()).unwrap_or(0)
    }

    /// What the writer noted under a key.
    pub(crate) fn note(&self, key: &str) -> Option<&str> {
        let file = self.metadata.metadata().file_metadata();
        let mut pairs = file.key_value_metadata()?.iter();
        pairs.find(|pair| pair.key == key)?.value.as_deref()
    }

    /// Everything that the writer noted, by key.
    pub(crate) fn notes(&self) -> Vec<(String, String)> {
        let file = self.metadata.metadata().file_metadata();
        let pairs = file.key_value_metadata().into_iter().flatten();
        let pairs = pairs.filter_map(|pair| Some((pair.key.clone(), pair.value.clone()?)));
        pairs.collect()
    }

    /// Every column, with its type.
    pub(crate) fn columns(&self) -> impl Iterator<Item = (&str, &DataType)> {
        let fields = self.metadata.schema().fields().iter();
        fields.map(|field| (field.name().as_str(), field.data_type()))
    }

    /// Whether there is a column of that name.
    pub(crate) fn has(&self, column: &str) -> bool {
        self.metadata.schema().index_of(column).is_ok()
    }

    /// Checks that a column is there and of a type.
    ///
    /// # Errors
    ///
    /// [`ReadTableError::NoColumn`] and [`ReadTableError::ColumnType`].
    pub(crate) fn require(
        &self,
        column: &'static str,
        expected: &DataType,
    ) -> Result<(), ReadTableError> {
        let path = || self.path.clone();
        let Ok(field) = self.metadata.schema().field_with_name(column) else {
            return Err(ReadTableError::NoColumn {
                path: path(),
                column,
            });
        };
        if field.data_type() != expected {
            return Err(ReadTableError::ColumnType {
                path: path(),
                column,
                found: field.data_type().clone(),
                expected: expected.clone(),
            });
        }
        Ok(())
    }

    /// Reads the rows from the first on, of the columns named and present.
    ///
    /// # Errors
    ///
    /// [`ReadTableError`] if the file contradicts its footer.
    pub(crate) fn into_batches(self, columns: &[&str]) -> Result<Batches, ReadTableError> {
        self.into_batches_of(BATCH, columns)
    }

    /// The same, so many rows at a time.
    ///
    /// # Errors
    ///
    /// As [`Table::into_batches`].
    pub(crate) fn into_batches_of(
        self,
        n_rows: usize,
        columns: &[&str],
    ) -> Result<Batches, ReadTableError> {
        let Self {
            path,
            file,
            metadata,
        } = self;
        let build = || {
            let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata);
            let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
            builder
                .with_batch_size(n_rows)
                .with_projection(mask)
                .build()
        };
        match catch_unwind(AssertUnwindSafe(build)) {
            Ok(Ok(reader)) => Ok(Batches {
                path,
                reader: Some(reader),
            }),
            Ok(Err(source)) => Err(ReadTableError::NotParquet { path, source }),
            Err(_) => Err(ReadTableError::Corrupt { path }),
        }
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, ReadTableError>;

    fn next(&mut self) -> Option<Self::Item> {
        let reader = self.reader.as_mut()?;
        // The decoder trusts what pages say of themselves; a lie of theirs is no fault of ours.
        let next = catch_unwind(AssertUnwindSafe(|| reader.next()));
        let path = || self.path.clone();
        let item = match next {
            Ok(None) => return None,
            Ok(Some(Ok(batch))) => return Some(Ok(batch)),
            Ok(Some(Err(source))) => ReadTableError::Decode {
                path: path(),
                source,
            },
            Err(_) => ReadTableError::Corrupt { path: path() },
        };
        self.reader = None;
        Some(Err(item))
    }
}
