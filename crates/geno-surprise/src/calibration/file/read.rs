//! Reading a calibration file.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use arrow_schema::{ArrowError, DataType};
use bytes::Bytes;
use geno_core::{Coded, ErrorCode};
use parquet::{
    arrow::arrow_reader::{
        ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
    },
    errors::ParquetError,
    file::metadata::ParquetMetaData,
};

use super::{
    ARROW_SCHEMA_KEY, CalibrationLimit, GC_CUTOFFS_KEY, MAX_ROWS, SCHEMA_VERSION,
    envelope::check_envelope,
    pages::check_pages,
    rows::Row,
    schema::{COLUMNS, check_schema},
};
use crate::{
    bucket_id::ParseBucketIdError,
    calibration::{
        bucket::CalibrationBucketError,
        table::{CalibrationTable, CalibrationTableError},
    },
    context::gc::GcCutoffs,
};

/// Why a calibration file could not be read. Rows count from 0.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadCalibrationError {
    /// The file does not begin and end as Parquet does.
    #[error("not a Parquet file, or cut short")]
    NotParquet,
    /// The file is larger than any calibration table.
    #[error(transparent)]
    Limit(#[from] CalibrationLimit),
    /// The parts of the file contradict each other.
    #[error("corrupt Parquet file")]
    Corrupt,
    /// A page of a kind or encoding that tables are not written with.
    #[error("unsupported Parquet page of kind {kind} and encoding {encoding}")]
    Page {
        /// The page type's number in the Parquet format.
        kind: i64,
        /// The encoding's number in the Parquet format.
        encoding: i64,
    },
    /// The Parquet reader refused the file.
    #[error("cannot decode Parquet")]
    Parquet(#[from] ParquetError),
    /// The Parquet reader refused a row group.
    #[error("cannot decode Parquet rows")]
    Arrow(#[from] ArrowError),
    /// The columns are not those of a calibration table, in their order.
    #[error("columns are {found:?}, expected {COLUMNS:?}")]
    Columns {
        /// The columns found.
        found: Vec<String>,
    },
    /// A column has another type.
    #[error("column `{column}` is {found}, expected {expected}")]
    ColumnType {
        /// The column.
        column: &'static str,
        /// The type found.
        found: DataType,
        /// The type of a calibration table.
        expected: DataType,
    },
    /// A value is null where none may be.
    #[error("row {row}: null in column `{column}`")]
    Null {
        /// The column.
        column: &'static str,
        /// The row.
        row: usize,
    },
    /// A row is of a version this program does not read.
    #[error("row {row}: schema version `{found}`, expected `{SCHEMA_VERSION}`")]
    SchemaVersion {
        /// The row.
        row: usize,
        /// The version found.
        found: String,
    },
    /// A text names no bucket.
    #[error("row {row}: column `{column}` names no bucket")]
    BucketId {
        /// The column.
        column: &'static str,
        /// The row.
        row: usize,
        /// What is wrong with it.
        source: ParseBucketIdError,
    },
    /// The GC cut-offs are not two rising fractions.
    #[error("GC cut-offs in the metadata are not two rising fractions between 0 and 1")]
    GcCutoffs,
    /// A row holds no distribution.
    #[error(transparent)]
    Bucket(#[from] CalibrationBucketError),
    /// The rows make up no table.
    #[error(transparent)]
    Table(#[from] CalibrationTableError),
}

impl Coded for ReadCalibrationError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::BucketId { source, .. } => source.code(),
            Self::Bucket(error) => error.code(),
            Self::Table(error) => error.code(),
            _ => ErrorCode::ConfigSchemaIncompat,
        }
    }
}

impl CalibrationTable {
    /// Reads a table from the bytes of a Parquet file, one of ours or of the Python package.
    ///
    /// The file needs no trust: whatever its bytes, the outcome is a table or an error. Sizes are
    /// checked first, at most 64 MiB being decoded. Behind that, a panic of the Parquet reader is
    /// caught and told as [`ReadCalibrationError::Corrupt`]; the process's panic hook still sees
    /// it, and a program built with `panic = "abort"` ends.
    ///
    /// # Errors
    ///
    /// [`ReadCalibrationError`] if the file cannot be decoded, has other columns or another schema
    /// version, or if its rows make up no table.
    pub fn read_parquet(file: &[u8]) -> Result<Self, ReadCalibrationError> {
        check_envelope(file)?;
        catch_unwind(AssertUnwindSafe(|| decode(file)))
            .unwrap_or(Err(ReadCalibrationError::Corrupt))
    }
}

fn decode(file: &[u8]) -> Result<CalibrationTable, ReadCalibrationError> {
    let input = Bytes::copy_from_slice(file);
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let arrow = ArrowReaderMetadata::load(&input, options)?;
    check_schema(arrow.schema())?;
    check_pages(file, arrow.metadata())?;
    let mut metadata = metadata(arrow.metadata());

    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(input, arrow);
    let mut buckets = Vec::new();
    for batch in reader.with_batch_size(MAX_ROWS as usize).build()? {
        let batch = batch?;
        let first = buckets.len();
        for row in 0..batch.num_rows() {
            let row = Row {
                batch: &batch,
                row,
                number: first + row,
            };
            buckets.push(row.bucket()?);
        }
    }
    let gc_cutoffs = gc_cutoffs(&mut metadata)?;
    Ok(CalibrationTable::new(buckets)?
        .with_gc_cutoffs(gc_cutoffs)
        .with_metadata(metadata))
}

/// Takes the GC cut-offs out of the metadata; the default where there are none.
fn gc_cutoffs(metadata: &mut BTreeMap<String, String>) -> Result<GcCutoffs, ReadCalibrationError> {
    let Some(text) = metadata.remove(GC_CUTOFFS_KEY) else {
        return Ok(GcCutoffs::default());
    };
    let cutoffs = text.split_once(',').and_then(|(low, high)| {
        let (low, high) = (low.parse().ok()?, high.parse().ok()?);
        GcCutoffs::new(low, high).ok()
    });
    cutoffs.ok_or(ReadCalibrationError::GcCutoffs)
}

/// The file's own metadata: what no Arrow library put there.
fn metadata(parquet: &ParquetMetaData) -> BTreeMap<String, String> {
    let pairs = parquet.file_metadata().key_value_metadata();
    let pairs = pairs.into_iter().flatten();
    let pairs = pairs.filter(|pair| pair.key != ARROW_SCHEMA_KEY);
    pairs
        .map(|pair| (pair.key.clone(), pair.value.clone().unwrap_or_default()))
        .collect()
}
