//! Rows of a Parquet file.

use std::{path::Path, sync::Arc};

use geno_data::TableRows;
use geno_provenance::Json;

use super::{
    COLUMNS, ReadVariantsError, RowFault, RowPlace, VariantRow, places, position, values::Values,
};

/// The rows of a table, with what its writer noted of all of them.
pub(super) struct ParquetRows {
    pub(super) rows: TableRows,
    names: Arc<[String]>,
    /// Notes of the whole file, as columns that every row has.
    notes: Vec<Json>,
    variant: [usize; 4],
}

/// What `geno-lewm score` says of all rows at once in a table, and of each row in JSON lines.
const NOTES: [&str; 2] = ["schema_version", "generated_by"];

impl ParquetRows {
    pub(super) fn open(path: &Path) -> Result<Self, ReadVariantsError> {
        let rows = TableRows::open(path)?;
        let is_note = |(key, _): &&(String, String)| {
            NOTES.contains(&key.as_str()) && !rows.columns().contains(key)
        };
        let notes = rows.notes().iter().filter(is_note);
        let (keys, notes): (Vec<_>, Vec<_>) = notes
            .map(|(key, note)| (key.clone(), Json::from(note.as_str())))
            .unzip();
        Ok(Self {
            names: rows.columns().iter().cloned().chain(keys).collect(),
            variant: places(path, rows.columns())?,
            notes,
            rows,
        })
    }

    /// The next row, if there is one; an error is that of reading, and a fault that of the row.
    pub(super) fn next(
        &mut self,
    ) -> Result<Option<Result<VariantRow, RowFault>>, ReadVariantsError> {
        let Some(mut cells) = self.rows.next_row()? else {
            return Ok(None);
        };
        cells.extend(self.notes.iter().cloned());
        Ok(Some(self.row(cells)))
    }

    fn row(&self, cells: Vec<Json>) -> Result<VariantRow, RowFault> {
        let text = |i: usize| {
            let field = COLUMNS[i].0;
            match &cells[self.variant[i]] {
                Json::String(text) if !text.is_empty() => Ok(text.clone()),
                // Contigs may all be numbers.
                Json::Int(number) => Ok(number.as_str().to_owned()),
                _ => Err(RowFault::Variant { field }),
            }
        };
        Ok(VariantRow {
            place: RowPlace::Row(self.rows.row()),
            chrom: text(0)?,
            pos: position(cells[self.variant[1]].as_u64())?,
            reference: text(2)?.to_ascii_uppercase(),
            alternates: vec![text(3)?.to_ascii_uppercase()],
            values: Values::of_values(Arc::clone(&self.names), cells),
        })
    }

    pub(super) fn columns(&self) -> &[String] {
        &self.names
    }
}
