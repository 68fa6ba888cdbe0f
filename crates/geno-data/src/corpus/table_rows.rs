//! Rows of a Parquet file.

use std::{
    borrow::Cow,
    fs::File,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use arrow_array::{
    Array, RecordBatch,
    cast::AsArray,
    types::{Int32Type, Int64Type, UInt32Type, UInt64Type},
};
use arrow_schema::DataType;
use parquet::arrow::{
    ProjectionMask,
    arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder},
};

use super::{error::CorpusError, json_lines::Scalar, rows::Row};
use crate::vcf::Progress;

/// Rows that are decoded at once. A row may hold a chromosome, so they are few.
const BATCH: usize = 32;

/// The rows of a table, as far as they have columns that are asked for.
pub(super) struct TableRows {
    path: PathBuf,
    reader: ParquetRecordBatchReader,
    batch: Option<RecordBatch>,
    /// The next row of the batch.
    next: usize,
    /// The place of each column that is asked for.
    columns: Vec<Option<usize>>,
    progress: Progress,
}

impl TableRows {
    pub(super) fn open(
        path: &Path,
        columns: &[&str],
        required: &[&str],
    ) -> Result<Self, CorpusError> {
        let owned = || path.to_owned();
        let io_error = |source| CorpusError::of(path, source);
        let file = File::open(path).map_err(io_error)?;
        // Types come from Parquet alone, so that files of every writer look the same.
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let build = || {
            let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)?;
            let n_rows = builder.metadata().file_metadata().num_rows();
            let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
            let reader = builder
                .with_batch_size(BATCH)
                .with_projection(mask)
                .build()?;
            Ok((reader, n_rows))
        };
        let (reader, n_rows) = match catch_unwind(AssertUnwindSafe(build)) {
            Ok(Ok(opened)) => opened,
            Ok(Err(source)) => {
                let path = owned();
                return Err(CorpusError::NotParquet { path, source });
            }
            Err(_) => return Err(CorpusError::CorruptTable { path: owned() }),
        };
        let schema = arrow_array::RecordBatchReader::schema(&reader);
        for column in required {
            if schema.index_of(column).is_err() {
                let (path, column) = (owned(), (*column).to_owned());
                return Err(CorpusError::NoColumn { path, column });
            }
        }
        Ok(Self {
            path: owned(),
            columns: columns
                .iter()
                .map(|name| schema.index_of(name).ok())
                .collect(),
            reader,
            batch: None,
            next: 0,
            progress: Progress {
                read: 0,
                total: u64::try_from(n_rows).ok(),
            },
        })
    }

    /// Rows read, of all rows.
    pub(super) fn progress(&self) -> Progress {
        self.progress
    }

    pub(super) fn next<const N: usize>(&mut self) -> Result<Option<Row<'_, N>>, CorpusError> {
        assert_eq!(
            N,
            self.columns.len(),
            "other fields than the table was opened for"
        );
        let is_over = |batch: &RecordBatch| self.next >= batch.num_rows();
        if self.batch.as_ref().is_none_or(is_over) {
            self.batch = self.read()?;
            self.next = 0;
        }
        let Some(batch) = &self.batch else {
            return Ok(None);
        };
        let row = self.next;
        self.next += 1;
        self.progress.read += 1;
        let field = |i: usize| match self.columns[i] {
            None => Scalar::Null,
            Some(column) => scalar(batch.column(column).as_ref(), row),
        };
        Ok(Some(Row {
            number: self.progress.read,
            fields: Ok(std::array::from_fn(field)),
        }))
    }

    /// The next batch that has rows.
    fn read(&mut self) -> Result<Option<RecordBatch>, CorpusError> {
        loop {
            // The decoder trusts what pages say of themselves; a lie of theirs is no fault of ours.
            let read = catch_unwind(AssertUnwindSafe(|| self.reader.next()));
            let path = || self.path.clone();
            match read {
                Ok(None) => return Ok(None),
                Ok(Some(Ok(batch))) if batch.num_rows() == 0 => {}
                Ok(Some(Ok(batch))) => return Ok(Some(batch)),
                Ok(Some(Err(source))) => {
                    let path = path();
                    return Err(CorpusError::Decode { path, source });
                }
                Err(_) => return Err(CorpusError::CorruptTable { path: path() }),
            }
        }
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
