//! Rows of a Parquet file as text.

use std::path::Path;

use geno_provenance::{Json, float_repr};

use super::{NamedRow, NamedRowsError, WantedColumn};
use crate::{table::TableRows, vcf::Progress};

/// A table in a Parquet file.
pub(super) struct ParquetRows {
    rows: TableRows,
    /// Where each wanted column stands, if it is there.
    places: Vec<Option<usize>>,
}

impl ParquetRows {
    pub(super) fn open(path: &Path, wanted: &[WantedColumn<'_>]) -> Result<Self, NamedRowsError> {
        let rows = TableRows::open(path)?;
        let places = wanted.iter().map(|one| {
            let mut columns = rows.columns().iter();
            columns.position(|column| column == one.name)
        });
        let places: Vec<Option<usize>> = places.collect();
        let absent = wanted.iter().zip(&places);
        let absent = absent.filter(|(_, place)| place.is_none());
        let mut missing = Vec::new();
        for (one, _) in absent {
            if rows.left_out().iter().any(|column| column == one.name) {
                return Err(NamedRowsError::ColumnType {
                    path: path.to_owned(),
                    column: one.name.to_owned(),
                });
            }
            missing.extend((!one.optional).then(|| one.name.to_owned()));
        }
        match missing.is_empty() {
            true => Ok(Self { rows, places }),
            false => Err(NamedRowsError::Columns {
                path: path.to_owned(),
                line: 1,
                missing,
            }),
        }
    }

    pub(super) fn next_row(&mut self) -> Result<Option<NamedRow>, NamedRowsError> {
        let Some(values) = self.rows.next_row()? else {
            return Ok(None);
        };
        let cell = |place: &Option<usize>| text(&values[(*place)?]);
        Ok(Some(NamedRow {
            line: self.rows.row(),
            cells: self.places.iter().map(cell).collect(),
        }))
    }

    /// As much of the file as of the rows: where rows lie in it is not known.
    pub(super) fn progress(&self) -> Progress {
        self.rows.progress()
    }
}

/// A value as a table of text would hold it; nothing for an empty one.
fn text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => (!text.trim().is_empty()).then(|| text.clone()),
        Json::Int(number) => Some(number.as_str().to_owned()),
        Json::Float(number) => Some(float_repr(number.get())),
        Json::Bool(value) => Some(value.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}
