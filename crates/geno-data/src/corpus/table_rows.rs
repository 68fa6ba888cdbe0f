//! Rows of a Parquet file.

use std::{borrow::Cow, path::Path};

use arrow_array::{
    Array, RecordBatch,
    cast::AsArray,
    types::{Int32Type, Int64Type, UInt32Type, UInt64Type},
};
use arrow_schema::DataType;

use super::{error::CorpusError, json_lines::Scalar, rows::Row};
use crate::{
    table::{Batches, Table},
    vcf::Progress,
};

/// Rows that are decoded at once. A row may hold a chromosome, so they are few.
const BATCH: usize = 32;

/// The rows of a table, as far as they have columns that are asked for.
pub(super) struct TableRows {
    batches: Batches,
    batch: Option<RecordBatch>,
    /// The next row of the batch.
    next: usize,
    progress: Progress,
}

impl TableRows {
    pub(super) fn open(
        path: &Path,
        columns: &[&str],
        required: &[&str],
    ) -> Result<Self, CorpusError> {
        let table = Table::open(path)?;
        if let Some(column) = required.iter().find(|column| !table.has(column)) {
            let (path, column) = (path.to_owned(), (*column).to_owned());
            return Err(CorpusError::NoColumn { path, column });
        }
        let progress = Progress {
            read: 0,
            total: Some(table.n_rows()),
        };
        Ok(Self {
            batches: table.into_batches_of(BATCH, columns)?,
            batch: None,
            next: 0,
            progress,
        })
    }

    /// Rows read, of all rows.
    pub(super) fn progress(&self) -> Progress {
        self.progress
    }

    /// The next row's fields, null where there is no such column.
    pub(super) fn next<const N: usize>(
        &mut self,
        names: [&str; N],
    ) -> Result<Option<Row<'_, N>>, CorpusError> {
        let n_rows = |batch: &Option<RecordBatch>| batch.as_ref().map_or(0, RecordBatch::num_rows);
        while self.next >= n_rows(&self.batch) {
            self.next = 0;
            self.batch = self.batches.next().transpose()?;
            if self.batch.is_none() {
                return Ok(None);
            }
        }
        let Some(batch) = &self.batch else {
            return Ok(None);
        };
        let row = self.next;
        self.next += 1;
        self.progress.read += 1;
        let field = |name| match batch.column_by_name(name) {
            None => Scalar::Null,
            Some(column) => scalar(column.as_ref(), row),
        };
        Ok(Some(Row {
            number: self.progress.read,
            fields: Ok(names.map(field)),
        }))
    }
}

fn scalar(column: &dyn Array, row: usize) -> Scalar<'_> {
    if column.is_null(row) {
        return Scalar::Null;
    }
    let integer = |number: i64| match u64::try_from(number) {
        Ok(number) => Scalar::Natural(number),
        Err(_) => Scalar::Negative(number),
    };
    match column.data_type() {
        DataType::Utf8 => Scalar::Text(Cow::Borrowed(column.as_string::<i32>().value(row))),
        DataType::Binary => match std::str::from_utf8(column.as_binary::<i32>().value(row)) {
            Ok(text) => Scalar::Text(Cow::Borrowed(text)),
            Err(_) => Scalar::Other,
        },
        DataType::Int64 => integer(column.as_primitive::<Int64Type>().value(row)),
        DataType::Int32 => integer(column.as_primitive::<Int32Type>().value(row).into()),
        DataType::UInt64 => Scalar::Natural(column.as_primitive::<UInt64Type>().value(row)),
        DataType::UInt32 => Scalar::Natural(column.as_primitive::<UInt32Type>().value(row).into()),
        _ => Scalar::Other,
    }
}
