//! Files of windows, written.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};
use geno_core::{Coded, ErrorCode};
use geno_provenance::{Json, summary_json};

use super::window::CorpusWindow;

/// Writes a window as a line of JSON, as the Python package's tools do: keys in order, ASCII only.
///
/// Keys are `end_bp`, `record_id`, `sequence`, `source`, `start_bp`, and `chrom` where the window has
/// a place in a genome.
///
/// # Errors
///
/// Of the writer.
///
/// # Examples
///
/// ```
/// use geno_core::Window;
/// use geno_data::{CorpusWindow, write_window_line};
///
/// let window = CorpusWindow {
///     record_id: "a".to_owned(),
///     source: "mrna".to_owned(),
///     chrom: None,
///     window: Window::new(3, b"ACGT".as_slice())?,
/// };
/// let mut line = Vec::new();
/// write_window_line(&window, &mut line)?;
/// let expected = r#"{"end_bp": 7, "record_id": "a", "sequence": "ACGT", "source": "mrna", "start_bp": 3}"#;
/// assert_eq!(line, format!("{expected}\n").as_bytes());
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub fn write_window_line(window: &CorpusWindow, out: &mut impl Write) -> io::Result<()> {
    let text = |text: &str| summary_json(&Json::from(text));
    out.write_all(b"{")?;
    if let Some(chrom) = &window.chrom {
        write!(out, "\"chrom\": {}, ", text(chrom))?;
    }
    let (start, end) = (window.start_bp(), window.end_bp());
    write!(
        out,
        "\"end_bp\": {end}, \"record_id\": {}, ",
        text(&window.record_id)
    )?;
    out.write_all(b"\"sequence\": \"")?;
    out.write_all(window.window.bases())?;
    let source = text(&window.source);
    writeln!(out, "\", \"source\": {source}, \"start_bp\": {start}}}")
}

/// The form of a file of windows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WindowFormat {
    /// JSON lines.
    Jsonl,
    /// JSON lines in gzip.
    JsonlGzip,
    /// A Parquet table.
    #[cfg(feature = "parquet")]
    Parquet,
}

/// The name of a file says no form in which windows are written.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("cannot tell from the name `{}` in which form to write windows: {}", path.display(), FORMS)]
pub struct WindowFormatError {
    /// The file.
    pub path: PathBuf,
}

/// What [`WindowFormatError`] recommends.
const FORMS: &str = match cfg!(feature = "parquet") {
    true => "use .jsonl, .jsonl.gz or .parquet",
    false => "use .jsonl or .jsonl.gz",
};

impl Coded for WindowFormatError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl WindowFormat {
    /// The form that the name of a file says.
    ///
    /// # Errors
    ///
    /// [`WindowFormatError`] for other endings than `.jsonl`, `.jsonl.gz` and `.parquet`.
    pub fn of_path(path: &Path) -> Result<Self, WindowFormatError> {
        let name = path.to_string_lossy().to_ascii_lowercase();
        match () {
            () if name.ends_with(".jsonl") => Ok(Self::Jsonl),
            () if name.ends_with(".jsonl.gz") => Ok(Self::JsonlGzip),
            #[cfg(feature = "parquet")]
            () if name.ends_with(".parquet") => Ok(Self::Parquet),
            () => Err(WindowFormatError {
                path: path.to_owned(),
            }),
        }
    }
}

/// Writes windows in one form. The bytes depend on the windows alone.
pub struct WindowWriter<W: Write + Send>(Form<W>);

enum Form<W: Write + Send> {
    Jsonl(W),
    JsonlGzip(GzEncoder<W>),
    #[cfg(feature = "parquet")]
    Parquet(Box<super::window_table::WindowTable<W>>),
}

impl<W: Write + Send> WindowWriter<W> {
    /// Begins a file.
    ///
    /// # Errors
    ///
    /// Of the writer.
    pub fn new(out: W, format: WindowFormat) -> io::Result<Self> {
        Ok(Self(match format {
            WindowFormat::Jsonl => Form::Jsonl(out),
            WindowFormat::JsonlGzip => Form::JsonlGzip(GzEncoder::new(out, Compression::default())),
            #[cfg(feature = "parquet")]
            WindowFormat::Parquet => {
                Form::Parquet(Box::new(super::window_table::WindowTable::new(out)?))
            }
        }))
    }

    /// Appends a window.
    ///
    /// # Errors
    ///
    /// Of the writer.
    pub fn write(&mut self, window: CorpusWindow) -> io::Result<()> {
        match &mut self.0 {
            Form::Jsonl(out) => write_window_line(&window, out),
            Form::JsonlGzip(out) => write_window_line(&window, out),
            #[cfg(feature = "parquet")]
            Form::Parquet(table) => table.write(window),
        }
    }

    /// Ends the file, and gives back what it was written to.
    ///
    /// # Errors
    ///
    /// Of the writer.
    pub fn finish(self) -> io::Result<W> {
        match self.0 {
            Form::Jsonl(out) => Ok(out),
            Form::JsonlGzip(out) => out.finish(),
            #[cfg(feature = "parquet")]
            Form::Parquet(table) => table.finish(),
        }
    }
}
