//! Rows of a Parquet file as text.

use std::{
    fs,
    path::{Path, PathBuf},
};

use arrow_array::{
    Array, BooleanArray, Float32Array, Float64Array, Int8Array, Int16Array, Int32Array, Int64Array,
    LargeStringArray, RecordBatch, StringArray, UInt8Array, UInt16Array, UInt32Array, UInt64Array,
};

use super::{NamedRow, NamedRowsError, WantedColumn};
use crate::{
    table::{Batches, Table},
    vcf::Progress,
};

/// A table in a Parquet file.
pub(super) struct ParquetRows {
    path: PathBuf,
    batches: Batches,
    /// The wanted columns, and whether each is there.
    columns: Vec<(String, bool)>,
    rows: std::vec::IntoIter<Vec<Option<String>>>,
    n_read: u64,
    n_rows: u64,
    size: Option<u64>,
}

impl ParquetRows {
    pub(super) fn open(path: &Path, wanted: &[WantedColumn<'_>]) -> Result<Self, NamedRowsError> {
        let table = Table::open(path)?;
        let (has, missing): (Vec<&WantedColumn<'_>>, Vec<&WantedColumn<'_>>) =
            wanted.iter().partition(|one| table.has(one.name));
        let missing = missing.into_iter().filter(|one| !one.optional);
        let missing: Vec<String> = missing.map(|one| one.name.to_owned()).collect();
        if !missing.is_empty() {
            let (path, line) = (path.to_owned(), 1);
            return Err(NamedRowsError::Columns {
                path,
                line,
                missing,
            });
        }
        let columns = wanted
            .iter()
            .map(|one| (one.name.to_owned(), table.has(one.name)))
            .collect();
        let names: Vec<&str> = has.iter().map(|one| one.name).collect();
        Ok(Self {
            path: path.to_owned(),
            n_rows: table.n_rows(),
            batches: table.into_batches(&names)?,
            columns,
            rows: Vec::new().into_iter(),
            n_read: 0,
            size: fs::metadata(path).ok().map(|file| file.len()),
        })
    }

    pub(super) fn next_row(&mut self) -> Result<Option<NamedRow>, NamedRowsError> {
        loop {
            if let Some(cells) = self.rows.next() {
                self.n_read += 1;
                let line = self.n_read;
                return Ok(Some(NamedRow { line, cells }));
            }
            let Some(batch) = self.batches.next().transpose()? else {
                return Ok(None);
            };
            self.rows = self.rows_of(&batch)?.into_iter();
        }
    }

    /// As much of the file as of the rows: where rows lie in it is not known.
    pub(super) fn progress(&self) -> Progress {
        let part =
            |size: u64| (size as f64 * self.n_read as f64 / self.n_rows.max(1) as f64) as u64;
        Progress {
            read: self.size.map_or(0, part),
            total: self.size,
        }
    }

    fn rows_of(&self, batch: &RecordBatch) -> Result<Vec<Vec<Option<String>>>, NamedRowsError> {
        let mut rows = vec![Vec::with_capacity(self.columns.len()); batch.num_rows()];
        for (name, is_there) in &self.columns {
            let array = batch.column_by_name(name).filter(|_| *is_there);
            let Some(array) = array else {
                rows.iter_mut().for_each(|row| row.push(None));
                continue;
            };
            let cell = texts(array.as_ref()).ok_or_else(|| NamedRowsError::ColumnType {
                path: self.path.clone(),
                column: name.clone(),
                found: array.data_type().to_string(),
            })?;
            for (i, row) in rows.iter_mut().enumerate() {
                let text = (!array.is_null(i)).then(|| cell(i));
                row.push(text.filter(|text| !text.trim().is_empty()));
            }
        }
        Ok(rows)
    }
}

/// The values of a column as text.
fn texts(array: &dyn Array) -> Option<Box<dyn Fn(usize) -> String + '_>> {
    let array = array.as_any();
    macro_rules! text_of {
        ($($kind:ty),*) => {$(
            if let Some(array) = array.downcast_ref::<$kind>() {
                return Some(Box::new(|i| array.value(i).to_string()));
            }
        )*};
    }
    text_of!(
        StringArray,
        LargeStringArray,
        BooleanArray,
        Int8Array,
        Int16Array,
        Int32Array,
        Int64Array,
        UInt8Array,
        UInt16Array,
        UInt32Array,
        UInt64Array,
        Float32Array,
        Float64Array
    );
    None
}
