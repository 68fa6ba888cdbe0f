//! The columns of a calibration file.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema};

use super::read::ReadCalibrationError;

/// The columns, in the order they stand in.
pub(super) const COLUMNS: [&str; 6] = [
    "bucket_id",
    "n_calibration",
    "cdf",
    "sigma_grid",
    "back_off_to",
    "schema_version",
];

fn data_type(column: &str) -> DataType {
    match column {
        "n_calibration" => DataType::Int64,
        "cdf" | "sigma_grid" => {
            DataType::List(Arc::new(Field::new("element", DataType::Float32, true)))
        }
        _ => DataType::Utf8,
    }
}

/// The schema that is written: every column and every list element nullable, as pyarrow has it.
pub(super) fn schema() -> Schema {
    let field = |column| Field::new(column, data_type(column), true);
    Schema::new(COLUMNS.map(field).to_vec())
}

/// Checks names, order and types. What may be null, and what list elements are called, may differ.
pub(super) fn check_schema(found: &Schema) -> Result<(), ReadCalibrationError> {
    let names: Vec<&str> = found
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    if names != COLUMNS {
        return Err(ReadCalibrationError::Columns {
            found: names.into_iter().map(str::to_owned).collect(),
        });
    }
    for (field, column) in found.fields().iter().zip(COLUMNS) {
        let expected = data_type(column);
        if !field.data_type().equals_datatype(&expected) {
            return Err(ReadCalibrationError::ColumnType {
                column,
                found: field.data_type().clone(),
                expected,
            });
        }
    }
    Ok(())
}
