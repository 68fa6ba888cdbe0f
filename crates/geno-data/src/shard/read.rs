//! Reading the rows of a shard.

use std::path::Path;

use arrow_array::{
    Array, ArrayRef, Float32Array, Int32Array, Int64Array, RecordBatch, StringArray,
};
use arrow_schema::DataType;
use geno_core::{Coded, ErrorCode};

use crate::table::{Batches, ReadTableError, Table};

/// Why a shard could not be read. Rows count from 0.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadShardError {
    /// The file is no table of this kind.
    #[error(transparent)]
    Table(#[from] ReadTableError),
    /// A value is null where none may be.
    #[error("row {row}: null in column `{column}`")]
    Null {
        /// The column.
        column: &'static str,
        /// The row.
        row: u64,
    },
    /// A row is of a version this program does not read.
    #[error("row {row}: schema version `{found}`, expected 1.x")]
    SchemaVersion {
        /// The row.
        row: u64,
        /// The version found.
        found: String,
    },
    /// A position is not at least 1.
    #[error("row {row}: position is not at least 1")]
    Position {
        /// The row.
        row: u64,
    },
}

impl Coded for ReadShardError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Table(error) => error.code(),
            _ => ErrorCode::ConfigSchemaIncompat,
        }
    }
}

/// Opens a table that has at least the first `n_old` columns; of the others those it has must be of
/// their type too.
pub(super) fn open_shard(
    path: &Path,
    columns: &[(&'static str, DataType)],
    n_old: usize,
) -> Result<Table, ReadTableError> {
    let table = Table::open(path)?;
    for (i, (column, data_type)) in columns.iter().enumerate() {
        if i < n_old || table.has(column) {
            table.require(column, data_type)?;
        }
    }
    Ok(table)
}

/// Reads the next of the rows; after an error there are none.
pub(super) fn next_row<T>(
    rows: &mut Option<Rows>,
    read: impl FnOnce(Cells<'_>) -> Result<T, ReadShardError>,
) -> Option<Result<T, ReadShardError>> {
    let cells = rows.as_mut()?.next()?;
    let row = cells.map_err(ReadShardError::from).and_then(|cells| {
        cells.check_version()?;
        read(cells)
    });
    if row.is_err() {
        *rows = None;
    }
    Some(row)
}

/// The rows of a shard, some at a time.
pub(super) struct Rows {
    batches: Batches,
    batch: Option<RecordBatch>,
    /// The next row in the batch, and the batch's first in the table.
    next: usize,
    first: u64,
}

impl Rows {
    pub(super) fn new(table: Table, columns: &[&str]) -> Result<Self, ReadTableError> {
        Ok(Self {
            batches: table.into_batches(columns)?,
            batch: None,
            next: 0,
            first: 0,
        })
    }

    /// The next row.
    pub(super) fn next(&mut self) -> Option<Result<Cells<'_>, ReadTableError>> {
        while self
            .batch
            .as_ref()
            .is_none_or(|batch| self.next == batch.num_rows())
        {
            self.first += self.next as u64;
            self.next = 0;
            match self.batches.next()? {
                Ok(batch) => self.batch = Some(batch),
                Err(error) => return Some(Err(error)),
            }
        }
        let i = self.next;
        self.next += 1;
        let batch = self.batch.as_ref()?;
        let number = self.first + i as u64;
        Some(Ok(Cells { batch, i, number }))
    }
}

/// One row. The columns' types were checked when the shard was opened.
#[derive(Clone, Copy)]
pub(super) struct Cells<'a> {
    batch: &'a RecordBatch,
    i: usize,
    number: u64,
}

impl<'a> Cells<'a> {
    /// A cell that has a value, of a column of a known type.
    fn cell<T: Array + 'static>(&self, column: &str) -> Option<&'a T> {
        let array: &ArrayRef = self.batch.column_by_name(column)?;
        let Some(array) = array.as_any().downcast_ref::<T>() else {
            panic!("column `{column}` has another type");
        };
        array.is_valid(self.i).then_some(array)
    }

    pub(super) fn text(&self, column: &'static str) -> Option<&'a str> {
        Some(self.cell::<StringArray>(column)?.value(self.i))
    }

    pub(super) fn int(&self, column: &'static str) -> Option<i64> {
        Some(self.cell::<Int64Array>(column)?.value(self.i))
    }

    pub(super) fn int32(&self, column: &'static str) -> Option<i32> {
        Some(self.cell::<Int32Array>(column)?.value(self.i))
    }

    pub(super) fn float(&self, column: &'static str) -> Option<f32> {
        Some(self.cell::<Float32Array>(column)?.value(self.i))
    }

    /// A value, or the error that there is none.
    pub(super) fn need<T>(
        &self,
        column: &'static str,
        value: Option<T>,
    ) -> Result<T, ReadShardError> {
        let row = self.number;
        value.ok_or(ReadShardError::Null { column, row })
    }

    pub(super) fn position(&self) -> Result<u64, ReadShardError> {
        let pos = self.need("pos", self.int("pos"))?;
        let row = self.number;
        let pos = u64::try_from(pos).ok().filter(|&pos| pos > 0);
        pos.ok_or(ReadShardError::Position { row })
    }

    /// Checks that the row is of a version 1.x.
    fn check_version(&self) -> Result<(), ReadShardError> {
        let found = self.need("schema_version", self.text("schema_version"))?;
        match found.split_once('.') {
            Some(("1", _)) => Ok(()),
            _ => Err(ReadShardError::SchemaVersion {
                row: self.number,
                found: found.to_owned(),
            }),
        }
    }
}
