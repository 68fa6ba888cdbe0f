//! Windows of a file, read where they are asked for.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use geno_action::MAX_ALLELE_LEN;

use super::{TupleError, WindowSource};
use crate::{
    Fasta,
    compression::{Compression, HEAD_LEN},
    corpus::{CorpusWindow, WindowReader, WindowRow},
};

/// The windows of a JSON Lines file, plain and uncompressed, in 16 bytes of memory each.
///
/// The lines are those of [`WindowReader`]. One that holds no window is passed over and counted
/// among the unusable ones.
#[derive(Debug)]
pub struct WindowFile<'a> {
    path: PathBuf,
    file: Mutex<File>,
    /// Where each line that is not blank begins, and its length.
    lines: Vec<(u64, u32)>,
    fasta: Option<&'a Fasta>,
}

/// Why a file of windows cannot be read in any order.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WindowFileError {
    /// The file could not be opened or read.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A compressed file can only be read from its beginning.
    #[error("`{}` is compressed: windows are read in random order, so decompress it", path.display())]
    Compressed {
        /// The file.
        path: PathBuf,
    },
    /// A line is longer than four gigabytes.
    #[error("`{}` holds a line of more than four gigabytes", path.display())]
    LineTooLong {
        /// The file.
        path: PathBuf,
    },
}

impl geno_core::Coded for WindowFileError {
    fn code(&self) -> geno_core::ErrorCode {
        match self {
            Self::Io { source, .. } => geno_core::ErrorCode::of_io(source),
            _ => geno_core::ErrorCode::InputGeneric,
        }
    }
}

impl<'a> WindowFile<'a> {
    /// Finds the lines of a file. With a reference, windows that name a contig of it get the bases
    /// to their right, which a deletion brings in.
    ///
    /// # Errors
    ///
    /// [`WindowFileError`] if the file cannot be read or is compressed.
    pub fn open(path: &Path, fasta: Option<&'a Fasta>) -> Result<Self, WindowFileError> {
        let io = |source| WindowFileError::Io {
            path: path.to_owned(),
            source,
        };
        let mut file = File::open(path).map_err(io)?;
        let mut head = Vec::new();
        file.by_ref()
            .take(HEAD_LEN as u64)
            .read_to_end(&mut head)
            .map_err(io)?;
        if Compression::of(&head) != Compression::None {
            return Err(WindowFileError::Compressed {
                path: path.to_owned(),
            });
        }
        file.rewind().map_err(io)?;
        let lines = find_lines(&mut BufReader::with_capacity(1 << 20, &file)).map_err(io)?;
        let lines = lines
            .into_iter()
            .map(|(start, len)| Some((start, u32::try_from(len).ok()?)));
        let too_long = || WindowFileError::LineTooLong {
            path: path.to_owned(),
        };
        Ok(Self {
            lines: lines.collect::<Option<_>>().ok_or_else(too_long)?,
            path: path.to_owned(),
            file: Mutex::new(file),
            fasta,
        })
    }

    fn line(&self, index: u32) -> io::Result<Vec<u8>> {
        let (start, len) = self.lines[index as usize];
        let mut line = vec![0; len as usize];
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(&mut line)?;
        Ok(line)
    }
}

impl WindowSource for WindowFile<'_> {
    fn n_windows(&self) -> u32 {
        u32::try_from(self.lines.len()).expect("fewer windows than four billion")
    }

    fn window(&self, index: u32) -> Result<Option<CorpusWindow>, TupleError> {
        let line = self.line(index).map_err(|source| WindowFileError::Io {
            path: self.path.clone(),
            source,
        })?;
        let mut rows = WindowReader::new(Cursor::new(line)).map_err(TupleError::Windows)?;
        let Some(WindowRow::Window(mut window)) =
            rows.next().transpose().map_err(TupleError::Windows)?
        else {
            return Ok(None);
        };
        if let (Some(fasta), Some(chrom)) = (self.fasta, &window.chrom)
            && let Some(contig) = fasta.resolve(chrom)
        {
            let longest = 16 * (MAX_ALLELE_LEN as u64 - 1);
            let start = window.end_bp().min(contig.len());
            let flank = fasta.fetch(contig, start, (start + longest).min(contig.len()))?;
            let with_flank = window.window.with_right_flank(flank);
            window.window = with_flank.expect("decoded bases");
        }
        Ok(Some(window))
    }
}

/// Start and length of each line that is not blank.
fn find_lines(reader: &mut impl BufRead) -> io::Result<Vec<(u64, u64)>> {
    let mut lines = Vec::new();
    let (mut start, mut at, mut is_blank) = (0, 0, true);
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            break;
        }
        let newline = memchr::memchr(b'\n', buffer);
        let n = newline.map_or(buffer.len(), |i| i + 1);
        is_blank = is_blank && buffer[..n].trim_ascii().is_empty();
        reader.consume(n);
        at += n as u64;
        if newline.is_some() {
            if !is_blank {
                lines.push((start, at - start));
            }
            (start, is_blank) = (at, true);
        }
    }
    if !is_blank {
        lines.push((start, at - start));
    }
    Ok(lines)
}

/// What of a file of windows cannot be read any more once it was opened.
impl From<WindowFileError> for TupleError {
    fn from(error: WindowFileError) -> Self {
        Self::WindowFile(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_in_any_order_and_blank_ones_are_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("windows.jsonl");
        let row = |id: &str, bases: &str| {
            format!(
                r#"{{"record_id":"{id}","source":"mrna","chrom":"20","start_bp":2,"sequence":"{bases}"}}"#
            )
        };
        let text = format!("{}\n\n  \r\nnone\n{}", row("a", "ACGT"), row("b", "GTAC"));
        std::fs::write(&path, text).unwrap();
        let fasta_path = folder.path().join("ref.fa");
        std::fs::write(&fasta_path, ">chr20\nGGACGTTTA\n").unwrap();
        let fasta = Fasta::open(&fasta_path).unwrap();

        let file = WindowFile::open(&path, Some(&fasta)).unwrap();
        assert_eq!(file.n_windows(), 3);
        let id = |i| file.window(i).unwrap().map(|window| window.record_id);
        assert_eq!(
            [id(2), id(1), id(0)],
            [Some("b".into()), None, Some("a".into())]
        );
        let window = file.window(0).unwrap().unwrap();
        assert_eq!(window.window.right_flank(), b"TTA");
    }

    #[test]
    fn a_compressed_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("windows.jsonl.gz");
        std::fs::write(&path, [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]).unwrap();
        let error = WindowFile::open(&path, None).unwrap_err();
        assert!(matches!(error, WindowFileError::Compressed { .. }));
    }
}
