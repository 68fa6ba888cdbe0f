//! Rows of named fields, from JSON lines or from a table.

use std::{fs::File, io::Read, path::Path};

use super::{
    error::CorpusError,
    json_lines::{JsonLines, Scalar, read_fields},
    record::RecordFault,
};
use crate::vcf::Progress;

/// Where rows come from.
pub(super) enum Rows {
    Lines(Box<JsonLines>),
    #[cfg(feature = "parquet")]
    Table(Box<super::table_rows::TableRows>),
}

/// A row: its number, 1-based, and its fields.
pub(super) struct Row<'a, const N: usize> {
    pub(super) number: u64,
    pub(super) fields: Result<[Scalar<'a>; N], RecordFault>,
}

impl Rows {
    /// Opens a file, or the standard input for `-`. A table is told by its first bytes, and needs the
    /// columns `required`.
    pub(super) fn open(
        path: &Path,
        columns: &[&str],
        required: &[&str],
    ) -> Result<Self, CorpusError> {
        match head(path) {
            Some(PARQUET) => Self::table(path, columns, required),
            #[cfg(feature = "parquet")]
            Some(ZSTD) => {
                let decoder = File::open(path).and_then(zstd::Decoder::new);
                let decoder = decoder.map_err(|error| CorpusError::of(path, error))?;
                Ok(Self::Lines(Box::new(JsonLines::from_reader(
                    path, decoder,
                )?)))
            }
            _ => Ok(Self::Lines(Box::new(JsonLines::open(path)?))),
        }
    }

    #[cfg(feature = "parquet")]
    fn table(path: &Path, columns: &[&str], required: &[&str]) -> Result<Self, CorpusError> {
        let rows = super::table_rows::TableRows::open(path, columns, required)?;
        Ok(Self::Table(Box::new(rows)))
    }

    #[cfg(not(feature = "parquet"))]
    fn table(path: &Path, _: &[&str], _: &[&str]) -> Result<Self, CorpusError> {
        let path = path.to_owned();
        Err(CorpusError::NoTables { path })
    }

    /// JSON lines that come from anywhere.
    pub(super) fn new(reader: impl Read + Send + 'static) -> Result<Self, CorpusError> {
        Ok(Self::Lines(Box::new(JsonLines::from_reader(
            Path::new("-"),
            reader,
        )?)))
    }

    /// The next row's fields of these names, which are those of [`Rows::open`].
    pub(super) fn next<const N: usize>(
        &mut self,
        names: [&str; N],
    ) -> Result<Option<Row<'_, N>>, CorpusError> {
        match self {
            Self::Lines(lines) => {
                let line = lines.next()?;
                Ok(line.map(|line| Row {
                    number: line.number,
                    fields: match line.text {
                        None => Err(RecordFault::TooLong),
                        Some(text) => read_fields(text, names).map_err(Into::into),
                    },
                }))
            }
            #[cfg(feature = "parquet")]
            Self::Table(table) => table.next(names),
        }
    }

    pub(super) fn progress(&self) -> Progress {
        match self {
            Self::Lines(lines) => lines.progress(),
            #[cfg(feature = "parquet")]
            Self::Table(table) => table.progress(),
        }
    }
}

/// The first bytes of a Parquet file.
const PARQUET: [u8; 4] = *b"PAR1";

/// The first bytes of a zstd frame (RFC 8878, section 3.1.1).
#[cfg(feature = "parquet")]
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// The first bytes of a file; none for standard input, a pipe and a file that cannot be read.
fn head(path: &Path) -> Option<[u8; 4]> {
    let mut head = [0; 4];
    if !path.is_file() {
        return None;
    }
    File::open(path).ok()?.read_exact(&mut head).ok()?;
    Some(head)
}
