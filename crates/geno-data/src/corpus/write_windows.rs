//! Files of windows, written.

use std::io::{self, Write};

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
