//! A corpus of sequences, read.

use std::{io::Read, path::Path};

use super::{
    error::CorpusError,
    record::{CorpusFields, CorpusRow, RejectedRecord},
    rows::{Row, Rows},
};
use crate::vcf::Progress;

/// Reads the sequences of a corpus in file order, a few in memory at a time.
///
/// The file holds JSON lines, plain, gzip, bgzip or zstd, or is a Parquet table, which is told by its
/// contents; zstd and tables need the feature `parquet`. Blank lines are passed over. An error concerns the whole file and comes
/// last.
///
/// ```
/// use geno_data::{CorpusFields, CorpusRow, CorpusReader};
///
/// let text = "{\"sequence\": \"acgtr\", \"source\": \"mRNA\", \"id\": \"a\"}\n{\"id\": \"b\"}\n";
/// let rows = CorpusReader::new(text.as_bytes(), CorpusFields::default())?;
/// let rows = rows.collect::<Result<Vec<_>, _>>()?;
///
/// let [CorpusRow::Record(record), CorpusRow::Rejected(rejected)] = &rows[..] else { panic!() };
/// assert_eq!(record.sequence, b"ACGTN");
/// assert_eq!(rejected.line, 2);
/// # Ok::<_, geno_data::CorpusError>(())
/// ```
pub struct CorpusReader {
    rows: Rows,
    fields: CorpusFields,
    is_done: bool,
}

impl CorpusReader {
    /// Opens a file, or the standard input for `-`.
    ///
    /// # Errors
    ///
    /// [`CorpusError`] if the file cannot be read, or is a table without a column for sequences.
    pub fn open(path: impl AsRef<Path>, fields: CorpusFields) -> Result<Self, CorpusError> {
        let rows = Rows::open(path.as_ref(), &fields.names(), &[&fields.sequence])?;
        Ok(Self::of(rows, fields))
    }

    /// Reads JSON lines that come from anywhere; errors call them `-`.
    ///
    /// # Errors
    ///
    /// As [`CorpusReader::open`].
    pub fn new(
        reader: impl Read + Send + 'static,
        fields: CorpusFields,
    ) -> Result<Self, CorpusError> {
        Ok(Self::of(Rows::new(reader)?, fields))
    }

    fn of(rows: Rows, fields: CorpusFields) -> Self {
        Self {
            rows,
            fields,
            is_done: false,
        }
    }

    /// How much of the file has been read, in bytes; of a table, in rows.
    pub fn progress(&self) -> Progress {
        self.rows.progress()
    }

    fn row(&mut self) -> Result<Option<CorpusRow>, CorpusError> {
        let Some(Row { number, fields }) = self.rows.next(self.fields.names())? else {
            return Ok(None);
        };
        Ok(Some(match fields {
            Ok(fields) => self.fields.record(number, fields),
            Err(reason) => CorpusRow::Rejected(RejectedRecord::new(number, None, reason)),
        }))
    }
}

impl Iterator for CorpusReader {
    type Item = Result<CorpusRow, CorpusError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done {
            return None;
        }
        let row = self.row().transpose();
        self.is_done = !matches!(row, Some(Ok(_)));
        row
    }
}
