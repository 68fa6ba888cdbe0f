//! The rows of a table whose columns nobody knows beforehand.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow_array::{Array, RecordBatch, cast::AsArray, types::*};
use arrow_schema::DataType;
use geno_core::Digest;
use geno_provenance::Json;

use super::{Batches, ReadTableError, Table};
use crate::input::Progress;

/// What a Parquet file begins with.
const MAGIC: &[u8] = b"PAR1";

/// Reads the rows of any Parquet file, each as a value for each column, in file order and the memory of a
/// batch.
///
/// Texts, numbers and truth values are read; columns of another type are passed over. A number that is
/// not finite is the text `NaN`, `inf` or `-inf`.
pub struct TableRows {
    path: PathBuf,
    columns: Arc<[String]>,
    left_out: Vec<String>,
    notes: Vec<(String, String)>,
    batches: Batches,
    batch: Option<RecordBatch>,
    /// The next row of the batch.
    next: usize,
    n_read: u64,
    n_rows: u64,
    size: u64,
}

impl TableRows {
    /// Whether a file begins as Parquet does.
    ///
    /// # Errors
    ///
    /// Of opening and reading.
    pub fn is_table(path: &Path) -> io::Result<bool> {
        let mut head = Vec::new();
        let file = File::open(path)?;
        // No pipe is opened twice.
        if !file.metadata()?.is_file() {
            return Ok(false);
        }
        file.take(MAGIC.len() as u64).read_to_end(&mut head)?;
        Ok(head == MAGIC)
    }

    /// Opens a file and reads its footer.
    ///
    /// # Errors
    ///
    /// [`ReadTableError`] if there is no file or no footer.
    pub fn open(path: &Path) -> Result<Self, ReadTableError> {
        let table = Table::open(path)?;
        let (read, left_out): (Vec<_>, Vec<_>) =
            table.columns().partition(|(_, kind)| is_read(kind));
        let names = |columns: Vec<(&str, &DataType)>| -> Vec<String> {
            columns
                .into_iter()
                .map(|(name, _)| name.to_owned())
                .collect()
        };
        let (columns, left_out) = (names(read), names(left_out));
        let size = path.metadata().map_or(0, |file| file.len());
        let n_rows = table.n_rows();
        let notes = table.notes();
        let wanted: Vec<&str> = columns.iter().map(String::as_str).collect();
        Ok(Self {
            path: path.to_owned(),
            batches: table.into_batches(&wanted)?,
            columns: columns.into(),
            left_out,
            notes,
            batch: None,
            next: 0,
            n_read: 0,
            n_rows,
            size,
        })
    }

    /// The columns that are read, in the order of the values of a row.
    pub fn columns(&self) -> &Arc<[String]> {
        &self.columns
    }

    /// The columns that are not.
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// What the writer noted of the whole file, by key.
    pub fn notes(&self) -> &[(String, String)] {
        &self.notes
    }

    /// The next row, if there is one.
    ///
    /// # Errors
    ///
    /// [`ReadTableError`] if rows cannot be decoded.
    pub fn next_row(&mut self) -> Result<Option<Vec<Json>>, ReadTableError> {
        loop {
            match &self.batch {
                Some(batch) if self.next < batch.num_rows() => {
                    let row = self.next;
                    self.next += 1;
                    self.n_read += 1;
                    let values = self.columns.iter().map(|column| {
                        let cells = batch.column_by_name(column);
                        cells.map_or(Json::Null, |cells| value(cells, row))
                    });
                    return Ok(Some(values.collect()));
                }
                _ => match self.batches.next() {
                    None => return Ok(None),
                    Some(batch) => (self.batch, self.next) = (Some(batch?), 0),
                },
            }
        }
    }

    /// The row read last, from 1.
    pub fn row(&self) -> u64 {
        self.n_read
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How much of the file was read, as if all rows took the same place.
    pub fn progress(&self) -> Progress {
        let part = self.n_read as f64 / self.n_rows.max(1) as f64;
        Progress {
            read: (self.size as f64 * part) as u64,
            total: Some(self.size),
        }
    }

    /// The digest of the file. Reads all of it.
    ///
    /// # Errors
    ///
    /// Of reading.
    pub fn digest(&self) -> io::Result<Digest> {
        Digest::of_reader(File::open(&self.path)?)
    }
}

fn is_read(kind: &DataType) -> bool {
    kind.is_integer()
        || matches!(
            kind,
            DataType::Utf8
                | DataType::LargeUtf8
                | DataType::Utf8View
                | DataType::Boolean
                | DataType::Float32
                | DataType::Float64
        )
}

/// A cell of a column of a type that is read.
fn value(cells: &dyn Array, row: usize) -> Json {
    if cells.is_null(row) {
        return Json::Null;
    }
    macro_rules! number {
        ($kind:ty) => {
            cells.as_primitive::<$kind>().value(row)
        };
    }
    let float =
        |number: f64| Json::float(number).unwrap_or_else(|_| Json::from(number.to_string()));
    match cells.data_type() {
        DataType::Utf8 => cells.as_string::<i32>().value(row).into(),
        DataType::LargeUtf8 => cells.as_string::<i64>().value(row).into(),
        DataType::Utf8View => cells.as_string_view().value(row).into(),
        DataType::Boolean => cells.as_boolean().value(row).into(),
        DataType::Int8 => i64::from(number!(Int8Type)).into(),
        DataType::Int16 => i64::from(number!(Int16Type)).into(),
        DataType::Int32 => i64::from(number!(Int32Type)).into(),
        DataType::Int64 => number!(Int64Type).into(),
        DataType::UInt8 => u64::from(number!(UInt8Type)).into(),
        DataType::UInt16 => u64::from(number!(UInt16Type)).into(),
        DataType::UInt32 => u64::from(number!(UInt32Type)).into(),
        DataType::UInt64 => number!(UInt64Type).into(),
        DataType::Float32 => float(number!(Float32Type).into()),
        DataType::Float64 => float(number!(Float64Type)),
        _ => Json::Null,
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::{
        ArrayRef, BooleanArray, Float32Array, Float64Array, Int8Array, ListArray, StringArray,
        UInt64Array,
    };
    use parquet::arrow::ArrowWriter;

    use super::*;

    #[test]
    fn values_come_out_as_they_are_and_lists_do_not() {
        let lists = ListArray::from_iter_primitive::<Int32Type, _, _>([Some([Some(1)]), None]);
        let columns: [(&str, ArrayRef); 7] = [
            ("text", Arc::new(StringArray::from(vec![Some("a"), None]))),
            ("flag", Arc::new(BooleanArray::from(vec![true, false]))),
            ("small", Arc::new(Int8Array::from(vec![-1, 2]))),
            ("large", Arc::new(UInt64Array::from(vec![u64::MAX, 0]))),
            ("half", Arc::new(Float32Array::from(vec![0.5, 0.25]))),
            ("float", Arc::new(Float64Array::from(vec![1.5, f64::NAN]))),
            ("list", Arc::new(lists)),
        ];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table");
        let file = File::create(&path).unwrap();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();

        assert!(TableRows::is_table(&path).unwrap());
        let mut rows = TableRows::open(&path).unwrap();
        assert_eq!(rows.columns().join(" "), "text flag small large half float");
        assert_eq!(rows.left_out(), ["list"]);
        let float = |number| Json::float(number).unwrap();
        let first = [
            Json::from("a"),
            true.into(),
            (-1i64).into(),
            u64::MAX.into(),
            float(0.5),
            float(1.5),
        ];
        assert_eq!(rows.next_row().unwrap().unwrap(), first);
        let second = [
            Json::Null,
            false.into(),
            2u64.into(),
            0u64.into(),
            float(0.25),
            "NaN".into(),
        ];
        assert_eq!(rows.next_row().unwrap().unwrap(), second);
        assert_eq!(rows.next_row().unwrap(), None);
        let size = path.metadata().unwrap().len();
        assert_eq!((rows.row(), rows.progress().read), (2, size));
        assert_eq!(
            rows.digest().unwrap(),
            Digest::of(&std::fs::read(&path).unwrap())
        );
        std::fs::write(&path, "chrom\tpos\n").unwrap();
        assert!(!TableRows::is_table(&path).unwrap());
    }
}
