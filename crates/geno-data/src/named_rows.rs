//! Rows of tables that others publish, by the names of their columns.

mod cells;
#[cfg(feature = "parquet")]
mod parquet;

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use geno_core::{Coded, Digest, ErrorCode};

use self::cells::{Separator, UnclosedQuote};
use crate::{
    text_lines::{ReadLinesError, TextLines},
    vcf::Progress,
};

/// Lines among which a header is looked for: spreadsheets have titles above it.
const HEADER_LINES: u64 = 16;

/// Reads columns of a table row by row: values separated by tabs or commas, plain, gzip or bgzip,
/// which the contents tell, or Parquet with the feature `parquet`.
///
/// Of a text the header is the first of its first lines that names every column that has to be there.
/// Values separated by commas may stand in quotes.
///
/// ```
/// use geno_data::{NamedRows, WantedColumn};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("scores.csv");
/// std::fs::write(&path, "Table 1\nname,note,score\n\"a, b\",,1.5\n")?;
///
/// let wanted = ["score", "name", "note"].map(|name| WantedColumn { name, optional: false });
/// let mut rows = NamedRows::open(&path, &wanted)?;
/// let row = rows.next_row()?.unwrap();
/// assert_eq!((row.line, row.cells), (3, vec![Some("1.5".into()), Some("a, b".into()), None]));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct NamedRows {
    path: PathBuf,
    reader: Reader,
}

enum Reader {
    Text(Box<TextRows>),
    #[cfg(feature = "parquet")]
    Parquet(Box<parquet::ParquetRows>),
}

/// A table of text.
struct TextRows {
    lines: TextLines,
    separator: Separator,
    n_columns: usize,
    /// Where each wanted column stands, if it is there.
    places: Vec<Option<usize>>,
}

/// A column that is wanted.
#[derive(Clone, Copy, Debug)]
pub struct WantedColumn<'a> {
    /// Its name.
    pub name: &'a str,
    /// Whether a table may be without it.
    pub optional: bool,
}

/// A row of a table.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NamedRow {
    /// Its line, or of Parquet its number, 1-based.
    pub line: u64,
    /// What stands in the wanted columns, in their order; nothing in an empty cell and for a missing
    /// column.
    pub cells: Vec<Option<String>>,
}

/// Why a table could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NamedRowsError {
    /// The file could not be read to its end.
    #[error(transparent)]
    Lines(#[from] ReadLinesError),
    /// Columns are missing.
    #[error("`{}`, line {line}: no column {}", path.display(), quoted(missing))]
    Columns {
        /// The file.
        path: PathBuf,
        /// The line that comes nearest to a header.
        line: u64,
        /// The columns.
        missing: Vec<String>,
    },
    /// A row has not as many values as there are columns.
    #[error("`{}`, line {line}: {found} values in {expected} columns", path.display())]
    Ragged {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// How many values it has.
        found: usize,
        /// How many columns there are.
        expected: usize,
    },
    /// A quote is not closed on its line.
    #[error("`{}`, line {line}: a quote is not closed", path.display())]
    Quote {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
    },
    /// A Parquet file cannot be read.
    #[cfg(feature = "parquet")]
    #[error(transparent)]
    Table(#[from] crate::table::ReadTableError),
    /// A column of a Parquet file holds neither text nor numbers nor truth values.
    #[error("`{}`: column `{column}` holds neither text nor numbers nor truth values", path.display())]
    ColumnType {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
    },
    /// This build reads no Parquet.
    #[error("`{}` is Parquet, which this build does not read", path.display())]
    NoParquet {
        /// The file.
        path: PathBuf,
    },
}

fn quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

impl Coded for NamedRowsError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Lines(error) => error.code(),
            #[cfg(feature = "parquet")]
            Self::Table(error) => error.code(),
            _ => ErrorCode::InputGeneric,
        }
    }
}

impl NamedRows {
    /// Opens a table.
    ///
    /// # Errors
    ///
    /// [`NamedRowsError`].
    pub fn open(path: &Path, wanted: &[WantedColumn<'_>]) -> Result<Self, NamedRowsError> {
        let reader = match is_parquet(path) {
            #[cfg(feature = "parquet")]
            true => Reader::Parquet(Box::new(parquet::ParquetRows::open(path, wanted)?)),
            #[cfg(not(feature = "parquet"))]
            true => {
                let path = path.to_owned();
                return Err(NamedRowsError::NoParquet { path });
            }
            false => Reader::Text(Box::new(TextRows::open(path, wanted)?)),
        };
        Ok(Self {
            path: path.to_owned(),
            reader,
        })
    }

    /// The next row, if there is one.
    ///
    /// # Errors
    ///
    /// [`NamedRowsError`].
    pub fn next_row(&mut self) -> Result<Option<NamedRow>, NamedRowsError> {
        match &mut self.reader {
            Reader::Text(rows) => rows.next_row(),
            #[cfg(feature = "parquet")]
            Reader::Parquet(rows) => rows.next_row(),
        }
    }

    /// How much of the file was read.
    pub fn progress(&self) -> Progress {
        match &self.reader {
            Reader::Text(rows) => rows.lines.progress(),
            #[cfg(feature = "parquet")]
            Reader::Parquet(rows) => rows.progress(),
        }
    }

    /// The digest of the file as it is stored. Reads it once more, if it is Parquet.
    ///
    /// # Errors
    ///
    /// [`NamedRowsError`] if the file cannot be read, or was not to its end.
    pub fn digest(&self) -> Result<Digest, NamedRowsError> {
        let known = match &self.reader {
            Reader::Text(rows) => rows.lines.digest(),
            #[cfg(feature = "parquet")]
            Reader::Parquet(_) => None,
        };
        let read = || Digest::of_reader(File::open(&self.path)?);
        known.map_or_else(read, Ok).map_err(|source| {
            let path = self.path.clone();
            ReadLinesError::Io { path, source }.into()
        })
    }
}

/// By its first bytes. A file that cannot be opened is told so by who reads it.
fn is_parquet(path: &Path) -> bool {
    let first_bytes = || -> io::Result<[u8; 4]> {
        let mut bytes = [0; 4];
        File::open(path)?.read_exact(&mut bytes)?;
        Ok(bytes)
    };
    path.as_os_str() != "-" && first_bytes().is_ok_and(|bytes| bytes == *b"PAR1")
}

impl TextRows {
    fn open(path: &Path, wanted: &[WantedColumn<'_>]) -> Result<Self, NamedRowsError> {
        let mut lines = TextLines::open(path)?;
        let missing_in = |names: &[String]| -> Vec<String> {
            let missing = wanted
                .iter()
                .filter(|one| !one.optional && names.iter().all(|name| name != one.name));
            missing.map(|one| one.name.to_owned()).collect()
        };
        let mut nearest = (1, missing_in(&[]));
        while lines.line() < HEADER_LINES {
            let Some(text) = lines.next_line()? else {
                break;
            };
            let text = text.trim_start_matches('\u{feff}');
            let separator = Separator::of(text);
            let Ok(names) = separator.split(text) else {
                continue;
            };
            let names: Vec<String> = names.into_iter().map(|name| name.trim().into()).collect();
            let missing = missing_in(&names);
            if missing.is_empty() {
                let place = |one: &WantedColumn<'_>| names.iter().position(|name| name == one.name);
                return Ok(Self {
                    places: wanted.iter().map(place).collect(),
                    n_columns: names.len(),
                    separator,
                    lines,
                });
            }
            if missing.len() < nearest.1.len() {
                nearest = (lines.line(), missing);
            }
        }
        let (path, (line, missing)) = (path.to_owned(), nearest);
        Err(NamedRowsError::Columns {
            path,
            line,
            missing,
        })
    }

    fn next_row(&mut self) -> Result<Option<NamedRow>, NamedRowsError> {
        let (text, path) = loop {
            let path = self.lines.path().to_owned();
            match self.lines.next_line()? {
                None => return Ok(None),
                Some(text) if text.trim().is_empty() => {}
                Some(text) => break (text.to_owned(), path),
            }
        };
        let line = self.lines.line();
        let cells = match self.separator.split(&text) {
            Ok(cells) => cells,
            Err(UnclosedQuote) => return Err(NamedRowsError::Quote { path, line }),
        };
        if cells.len() != self.n_columns {
            return Err(NamedRowsError::Ragged {
                path,
                line,
                found: cells.len(),
                expected: self.n_columns,
            });
        }
        let cell = |place: &Option<usize>| {
            let cell = cells[(*place)?].trim();
            (!cell.is_empty()).then(|| cell.to_owned())
        };
        let cells = self.places.iter().map(cell).collect();
        Ok(Some(NamedRow { line, cells }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<NamedRow>, NamedRowsError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table");
        std::fs::write(&path, text).unwrap();
        let wanted = [("b", false), ("a", false), ("c", true)];
        let wanted = wanted.map(|(name, optional)| WantedColumn { name, optional });
        let mut rows = NamedRows::open(&path, &wanted)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next_row()? {
            all.push(row);
        }
        assert_eq!(rows.digest().unwrap(), Digest::of(text.as_bytes()));
        Ok(all)
    }

    #[test]
    fn columns_are_found_below_titles_in_any_order() {
        for text in [
            "a\tb\td\n1\t2\t3\n\n",
            "\u{feff}Title,,\n\na,b,d\r\n1,2,3\r\n",
        ] {
            let row = read(text).unwrap().remove(0);
            assert_eq!(row.cells, [Some("2".into()), Some("1".into()), None]);
        }
    }

    #[test]
    fn a_fault_names_its_line() {
        for (text, expected) in [
            ("x\ty\na\tz\n1\t2\n", "line 2: no column `b`"),
            ("", "line 1: no column `b`, `a`"),
            ("a\tb\n1\n", "line 2: 1 values in 2 columns"),
            ("a,b\n\"1,2\n", "line 2: a quote is not closed"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.ends_with(expected), "{error}");
        }
    }
}
