//! Writing a calibration file.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, Int64Array, RecordBatch, StringArray,
    builder::{Float32Builder, ListBuilder},
};
use arrow_schema::{ArrowError, DataType, Field};
use geno_core::{Coded, ErrorCode};
use parquet::{
    arrow::arrow_writer::{ArrowWriter, ArrowWriterOptions},
    basic::{Compression, ZstdLevel},
    errors::ParquetError,
    file::{
        metadata::KeyValue,
        properties::{WriterProperties, WriterVersion},
    },
};

use super::{
    ARROW_SCHEMA_KEY, CalibrationLimit, GC_CUTOFFS_KEY, MAX_FOOTER_BYTES, MAX_VALUES,
    SCHEMA_VERSION, schema::schema,
};
use crate::{
    calibration::{bucket::CalibrationBucket, table::CalibrationTable},
    context::gc::GcCutoffs,
};

/// How hard zstd tries, as in files of the Python package.
const ZSTD_LEVEL: i32 = 9;

/// Why a calibration table could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteCalibrationError {
    /// The table would be too large to be read again.
    #[error(transparent)]
    Limit(#[from] CalibrationLimit),
    /// A surprise is larger than the file's 32-bit floats hold.
    #[error("bucket `{id}` reaches {sigma}, which no 32-bit float holds")]
    Overflow {
        /// The bucket.
        id: crate::BucketId,
        /// Its largest surprise.
        sigma: f64,
    },
    /// The metadata uses a key that belongs to Arrow.
    #[error("metadata key `{key}` is reserved")]
    ReservedKey {
        /// The key.
        key: &'static str,
    },
    /// The columns could not be put together.
    #[error("cannot encode calibration rows")]
    Arrow(#[from] ArrowError),
    /// The Parquet writer failed.
    #[error("cannot encode Parquet")]
    Parquet(#[from] ParquetError),
}

impl Coded for WriteCalibrationError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Arrow(_) | Self::Parquet(_) => ErrorCode::DeployExportFormat,
            _ => ErrorCode::InputGeneric,
        }
    }
}

impl CalibrationTable {
    /// Writes the table as a Parquet file that the Python package reads as its own.
    ///
    /// Columns `bucket_id`, `n_calibration`, `cdf`, `sigma_grid`, `back_off_to` and
    /// `schema_version`, zstd at level 9; the [metadata](Self::metadata) goes into the file's
    /// key-value pairs. One table gives one sequence of bytes. Both grids are rounded to `f32`, so
    /// percentiles of the file differ from those of a fresh table by about 1e-7.
    ///
    /// # Errors
    ///
    /// [`WriteCalibrationError`] if a surprise overflows `f32`, the table is beyond what
    /// [`CalibrationTable::read_parquet`] takes, or the metadata uses the key `ARROW:schema`.
    pub fn write_parquet(&self) -> Result<Vec<u8>, WriteCalibrationError> {
        self.check_limits()?;
        let buckets = self.buckets();
        let column = |values: fn(&CalibrationBucket) -> &[f64]| lists(buckets.iter().map(values));
        let columns: Vec<ArrayRef> = vec![
            texts(buckets, |bucket| Some(bucket.id().to_string())),
            Arc::new(Int64Array::from_iter_values(
                buckets.iter().map(|bucket| bucket.n_calibration() as i64),
            )),
            column(CalibrationBucket::cdf),
            column(CalibrationBucket::sigma_grid),
            texts(buckets, |bucket| Some(bucket.back_off_to()?.to_string())),
            texts(buckets, |_| Some(SCHEMA_VERSION.to_owned())),
        ];
        let schema = Arc::new(schema());
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns)?;

        let options = ArrowWriterOptions::new()
            .with_properties(self.properties()?)
            .with_skip_arrow_metadata(true);
        let mut file = Vec::new();
        let mut writer = ArrowWriter::try_new_with_options(&mut file, schema, options)?;
        writer.write(&batch)?;
        writer.close()?;
        Ok(file)
    }

    fn check_limits(&self) -> Result<(), WriteCalibrationError> {
        let mut n_values = 0;
        for bucket in self.buckets() {
            // Two grids and four single values.
            n_values += 2 * bucket.sigma_grid().len() as u64 + 4;
            let sigma = bucket.sigma_grid().last().copied().unwrap_or(0.);
            if (sigma as f32).is_infinite() {
                let id = bucket.id();
                return Err(WriteCalibrationError::Overflow { id, sigma });
            }
        }
        // A dictionary holds no more values than its column and stands beside them.
        CalibrationLimit::check("values", 2 * n_values, MAX_VALUES)?;

        let metadata = self.metadata();
        for key in [ARROW_SCHEMA_KEY, GC_CUTOFFS_KEY] {
            if metadata.contains_key(key) {
                return Err(WriteCalibrationError::ReservedKey { key });
            }
        }
        let texts = metadata.iter().map(|(key, value)| key.len() + value.len());
        let n_bytes: usize = texts.sum();
        CalibrationLimit::check(
            "metadata bytes",
            n_bytes as u64,
            MAX_FOOTER_BYTES as u64 / 2,
        )?;
        Ok(())
    }

    fn properties(&self) -> Result<WriterProperties, ParquetError> {
        let pair = |(key, value): (&String, &String)| KeyValue::new(key.clone(), value.clone());
        let mut metadata: Vec<KeyValue> = self.metadata().iter().map(pair).collect();
        let gc = self.gc_cutoffs();
        if gc != GcCutoffs::default() {
            let text = format!("{},{}", gc.low(), gc.high());
            metadata.push(KeyValue::new(GC_CUTOFFS_KEY.to_owned(), text));
        }
        Ok(WriterProperties::builder()
            .set_writer_version(WriterVersion::PARQUET_1_0)
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
            .set_created_by("geno-lewm".to_owned())
            .set_key_value_metadata((!metadata.is_empty()).then_some(metadata))
            .build())
    }
}

fn texts(
    buckets: &[CalibrationBucket],
    text: impl Fn(&CalibrationBucket) -> Option<String>,
) -> ArrayRef {
    Arc::new(StringArray::from_iter(buckets.iter().map(text)))
}

fn lists<'a>(rows: impl Iterator<Item = &'a [f64]>) -> ArrayRef {
    let element = Field::new("element", DataType::Float32, true);
    let mut lists = ListBuilder::new(Float32Builder::new()).with_field(element);
    for row in rows {
        lists.append_value(row.iter().map(|&number| Some(number as f32)));
    }
    Arc::new(lists.finish())
}
