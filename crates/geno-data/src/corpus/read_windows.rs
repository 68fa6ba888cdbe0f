//! Files of windows, read.

use std::{io::Read, path::Path};

use geno_core::Window;

use super::{
    error::CorpusError,
    json_lines::Scalar,
    record::{RecordFault, RejectedRecord, bad_field, decode},
    rows::{Row, Rows},
    window::CorpusWindow,
};
use crate::vcf::Progress;

/// What a row of a file of windows gives.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum WindowRow {
    /// A window.
    Window(CorpusWindow),
    /// A row that holds none.
    Rejected(RejectedRecord),
}

/// Reads a file of windows in file order, a few in memory at a time.
///
/// Both kinds that the Python package writes are read: windows of a corpus (`record_id`, `source`,
/// `start_bp`, `end_bp`, `sequence`) and windows placed on a genome, which also name `chrom`. A
/// missing `start_bp` is 0 and a missing `end_bp` is where the sequence ends; other fields are passed
/// over. The file holds JSON lines, plain, gzip, bgzip or zstd, or is a Parquet table of these
/// columns; zstd and tables need the feature `parquet`. An error concerns the whole file and comes last.
pub struct WindowReader {
    rows: Rows,
    is_done: bool,
}

/// The fields of a row, in the order in which they are read.
const WINDOW_FIELDS: [&str; 6] = [
    "record_id",
    "source",
    "chrom",
    "start_bp",
    "end_bp",
    "sequence",
];

/// The columns that a table must have.
const REQUIRED: [&str; 3] = ["record_id", "source", "sequence"];

impl WindowReader {
    /// Opens a file, or the standard input for `-`.
    ///
    /// # Errors
    ///
    /// [`CorpusError`] if the file cannot be read.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, CorpusError> {
        Ok(Self {
            rows: Rows::open(path.as_ref(), &WINDOW_FIELDS, &REQUIRED)?,
            is_done: false,
        })
    }

    /// Reads JSON lines that come from anywhere; errors call them `-`.
    ///
    /// # Errors
    ///
    /// As [`WindowReader::open`].
    pub fn new(reader: impl Read + Send + 'static) -> Result<Self, CorpusError> {
        Ok(Self {
            rows: Rows::new(reader)?,
            is_done: false,
        })
    }

    /// How much of the file has been read, in bytes; of a table, in rows.
    pub fn progress(&self) -> Progress {
        self.rows.progress()
    }

    fn row(&mut self) -> Result<Option<WindowRow>, CorpusError> {
        let Some(Row { number, fields }) = self.rows.next(WINDOW_FIELDS)? else {
            return Ok(None);
        };
        Ok(Some(match fields {
            Ok(fields) => row(number, fields),
            Err(reason) => WindowRow::Rejected(RejectedRecord::new(number, None, reason)),
        }))
    }
}

impl Iterator for WindowReader {
    type Item = Result<WindowRow, CorpusError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done {
            return None;
        }
        let row = self.row().transpose();
        self.is_done = !matches!(row, Some(Ok(_)));
        row
    }
}

/// Makes a window of what the [`WINDOW_FIELDS`] of a row hold.
fn row(line: u64, fields: [Scalar<'_>; 6]) -> WindowRow {
    let id = match &fields[0] {
        Scalar::Text(id) => Some(id.clone().into_owned()),
        _ => None,
    };
    match window(fields) {
        Ok(window) => WindowRow::Window(window),
        Err(reason) => WindowRow::Rejected(RejectedRecord::new(line, id.as_deref(), reason)),
    }
}

fn window(fields: [Scalar<'_>; 6]) -> Result<CorpusWindow, RecordFault> {
    let [record_id, source, chrom, start, end, sequence] = fields;
    let record_id = text(WINDOW_FIELDS[0], record_id)?;
    let source = text(WINDOW_FIELDS[1], source)?;
    let chrom = match chrom {
        Scalar::Null => None,
        chrom => Some(text(WINDOW_FIELDS[2], chrom)?),
    };
    let start = match start {
        Scalar::Null => 0,
        Scalar::Natural(start) => start,
        _ => return Err(bad_field(WINDOW_FIELDS[3], "position")),
    };
    let Scalar::Text(sequence) = sequence else {
        return Err(bad_field(WINDOW_FIELDS[5], "text"));
    };
    let sequence = decode(sequence.as_bytes())?;
    let len = sequence.len();
    let expected = start.checked_add(len as u64);
    match end {
        Scalar::Null if expected.is_some() => {}
        Scalar::Natural(end) if Some(end) == expected => {}
        Scalar::Null | Scalar::Natural(_) => return Err(RecordFault::BadSpan { len }),
        _ => return Err(bad_field(WINDOW_FIELDS[4], "position")),
    }
    let window = Window::new(start, sequence);
    Ok(CorpusWindow {
        record_id,
        source,
        chrom,
        window: window.map_err(|_| bad_field(WINDOW_FIELDS[5], "bases"))?,
    })
}

fn text(field: &'static str, value: Scalar<'_>) -> Result<String, RecordFault> {
    match value {
        Scalar::Text(text) if !text.is_empty() => Ok(text.into_owned()),
        _ => Err(bad_field(field, "text")),
    }
}
