//! Rows of a calibration file, read as buckets.

use arrow_array::{
    Array, RecordBatch,
    cast::AsArray,
    types::{Float32Type, Int64Type},
};

use super::{SCHEMA_VERSION, read::ReadCalibrationError, schema::COLUMNS};
use crate::{bucket_id::BucketId, calibration::bucket::CalibrationBucket};

/// One row of a decoded batch.
pub(super) struct Row<'a> {
    pub(super) batch: &'a RecordBatch,
    /// The row in the batch.
    pub(super) row: usize,
    /// The row in the file.
    pub(super) number: usize,
}

impl Row<'_> {
    pub(super) fn bucket(&self) -> Result<CalibrationBucket, ReadCalibrationError> {
        let version = self.text(5)?.ok_or(self.null(5))?;
        if version != SCHEMA_VERSION {
            return Err(ReadCalibrationError::SchemaVersion {
                row: self.number,
                found: version.to_owned(),
            });
        }
        let id = self.id(0)?.ok_or(self.null(0))?;
        let cdf = self.numbers(2)?;
        let sigma_grid = self.numbers(3)?;
        let back_off_to = self.id(4)?;
        Ok(CalibrationBucket::new(
            id,
            self.count()?,
            cdf,
            sigma_grid,
            back_off_to,
        )?)
    }

    fn null(&self, column: usize) -> ReadCalibrationError {
        ReadCalibrationError::Null {
            column: COLUMNS[column],
            row: self.number,
        }
    }

    fn text(&self, column: usize) -> Result<Option<&str>, ReadCalibrationError> {
        let texts = self.batch.column(column).as_string_opt::<i32>();
        let texts = texts.ok_or(ReadCalibrationError::Corrupt)?;
        Ok((!texts.is_null(self.row)).then(|| texts.value(self.row)))
    }

    fn id(&self, column: usize) -> Result<Option<BucketId>, ReadCalibrationError> {
        let parse = |text: &str| {
            text.parse()
                .map_err(|source| ReadCalibrationError::BucketId {
                    column: COLUMNS[column],
                    row: self.number,
                    source,
                })
        };
        self.text(column)?.map(parse).transpose()
    }

    /// The number of examples; 0, which no bucket may have, for a negative one.
    fn count(&self) -> Result<u64, ReadCalibrationError> {
        let counts = self.batch.column(1).as_primitive_opt::<Int64Type>();
        let counts = counts.ok_or(ReadCalibrationError::Corrupt)?;
        if counts.is_null(self.row) {
            return Err(self.null(1));
        }
        Ok(u64::try_from(counts.value(self.row)).unwrap_or(0))
    }

    fn numbers(&self, column: usize) -> Result<Vec<f64>, ReadCalibrationError> {
        let lists = self.batch.column(column).as_list_opt::<i32>();
        let lists = lists.ok_or(ReadCalibrationError::Corrupt)?;
        if lists.is_null(self.row) {
            return Err(self.null(column));
        }
        let numbers = lists.value(self.row);
        let numbers = numbers.as_primitive_opt::<Float32Type>();
        let numbers = numbers.ok_or(ReadCalibrationError::Corrupt)?;
        if numbers.null_count() > 0 {
            return Err(self.null(column));
        }
        Ok(numbers
            .values()
            .iter()
            .map(|&number| f64::from(number))
            .collect())
    }
}
