//! A corpus in JSON lines.

use std::{io::Read, path::Path};

use super::{
    error::CorpusError,
    json_lines::{JsonLines, read_fields},
    record::{CorpusFields, CorpusRow, RecordFault, RejectedRecord},
};
use crate::vcf::Progress;

/// Reads the sequences of a JSON-lines corpus in file order, one row in memory at a time.
///
/// The file may be plain, gzip or bgzip, which is told by its contents. Blank lines are passed over.
/// An error concerns the whole file and comes last.
///
/// ```
/// use geno_data::{CorpusFields, CorpusRow, JsonlCorpus};
///
/// let text = "{\"sequence\": \"acgtr\", \"source\": \"mRNA\", \"id\": \"a\"}\n{\"id\": \"b\"}\n";
/// let rows = JsonlCorpus::new(text.as_bytes(), CorpusFields::default())?;
/// let rows = rows.collect::<Result<Vec<_>, _>>()?;
///
/// let [CorpusRow::Record(record), CorpusRow::Rejected(rejected)] = &rows[..] else { panic!() };
/// assert_eq!(record.sequence, b"ACGTN");
/// assert_eq!(rejected.line, 2);
/// # Ok::<_, geno_data::CorpusError>(())
/// ```
pub struct JsonlCorpus {
    lines: JsonLines,
    fields: CorpusFields,
    is_done: bool,
}

impl JsonlCorpus {
    /// Opens a file, or the standard input for `-`.
    ///
    /// # Errors
    ///
    /// [`CorpusError`] if the file cannot be read.
    pub fn open(path: impl AsRef<Path>, fields: CorpusFields) -> Result<Self, CorpusError> {
        Ok(Self::of(JsonLines::open(path.as_ref())?, fields))
    }

    /// Reads a corpus that comes from anywhere; errors call it `-`.
    ///
    /// # Errors
    ///
    /// As [`JsonlCorpus::open`].
    pub fn new(
        reader: impl Read + Send + 'static,
        fields: CorpusFields,
    ) -> Result<Self, CorpusError> {
        Ok(Self::of(JsonLines::new(reader)?, fields))
    }

    fn of(lines: JsonLines, fields: CorpusFields) -> Self {
        Self {
            lines,
            fields,
            is_done: false,
        }
    }

    /// How much of the file has been read.
    pub fn progress(&self) -> Progress {
        self.lines.progress()
    }

    fn row(&mut self) -> Result<Option<CorpusRow>, CorpusError> {
        let Some(line) = self.lines.next()? else {
            return Ok(None);
        };
        let names = [&self.fields.sequence, &self.fields.source, &self.fields.id];
        let fields = match line.text {
            None => Err(RecordFault::TooLong),
            Some(text) => read_fields(text, names.map(String::as_str)).map_err(Into::into),
        };
        Ok(Some(match fields {
            Ok(fields) => self.fields.record(line.number, fields),
            Err(reason) => CorpusRow::Rejected(RejectedRecord::new(line.number, None, reason)),
        }))
    }
}

impl Iterator for JsonlCorpus {
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
