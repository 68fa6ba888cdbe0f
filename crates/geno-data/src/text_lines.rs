//! The lines of a text file, plain, gzip or bgzip.

use std::{
    io,
    path::{Path, PathBuf},
};

use geno_core::{Coded, Digest, ErrorCode};

use crate::input::{Input, Progress};

/// Longest line that is read, in bytes, so that no file, however hostile, takes more memory.
const MAX_LINE_LEN: usize = 1 << 26;

/// Reads a file line by line, decompressed on the way: which compression it has is told by its
/// contents.
pub struct TextLines {
    path: PathBuf,
    input: Input,
    text: Vec<u8>,
    line: u64,
}

/// Why a text file could not be read, or not to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadLinesError {
    /// The file could not be opened or read.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A compressed file that ends in the middle.
    #[error("compressed file `{}` ends before its end, after line {line}", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
        /// The last line that was whole.
        line: u64,
    },
    /// A compressed file that cannot be decompressed.
    #[error("compressed file `{}` is corrupt after line {line}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// The last line that was read.
        line: u64,
        /// What the decompressor said.
        source: io::Error,
    },
    /// A line is longer than any row.
    #[error("`{}`, line {line}: more than {MAX_LINE_LEN} bytes", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// The line, 1-based.
        line: u64,
    },
    /// A line is not UTF-8.
    #[error("`{}`, line {line}: not UTF-8", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The line, 1-based.
        line: u64,
    },
}

impl Coded for ReadLinesError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Io { source, .. } => ErrorCode::of_io(source),
            Self::Truncated { .. } => ErrorCode::InputTruncated,
            Self::Corrupt { .. } | Self::TooLong { .. } | Self::NotUtf8 { .. } => {
                ErrorCode::InputGeneric
            }
        }
    }
}

impl TextLines {
    /// Opens a file, or the standard input for `-`.
    ///
    /// # Errors
    ///
    /// [`ReadLinesError`].
    pub fn open(path: &Path) -> Result<Self, ReadLinesError> {
        let input = Input::open(path).map_err(|source| fault(path, 0, source))?;
        Ok(Self {
            path: path.to_owned(),
            input,
            text: Vec::new(),
            line: 0,
        })
    }

    /// The next line, without its end; none at the end of the file.
    ///
    /// # Errors
    ///
    /// [`ReadLinesError`].
    pub fn next_line(&mut self) -> Result<Option<&str>, ReadLinesError> {
        let read = self.input.read_line(&mut self.text, MAX_LINE_LEN);
        let Some(line) = read.map_err(|source| fault(&self.path, self.line, source))? else {
            return Ok(None);
        };
        self.line += 1;
        let (path, number) = (|| self.path.clone(), self.line);
        if line.len > MAX_LINE_LEN as u64 {
            let (path, line) = (path(), number);
            return Err(ReadLinesError::TooLong { path, line });
        }
        let text = std::str::from_utf8(&self.text);
        text.map(Some).map_err(|_| ReadLinesError::NotUtf8 {
            path: path(),
            line: number,
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The line read last, 1-based.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// How much of the file was read.
    pub fn progress(&self) -> Progress {
        self.input.progress()
    }

    /// The digest of the file as it is stored, once it was read to its end.
    pub fn digest(&self) -> Option<Digest> {
        self.input.digest()
    }
}

fn fault(path: &Path, line: u64, source: io::Error) -> ReadLinesError {
    let path = path.to_owned();
    match source.kind() {
        io::ErrorKind::UnexpectedEof => ReadLinesError::Truncated { path, line },
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            ReadLinesError::Corrupt { path, line, source }
        }
        _ => ReadLinesError::Io { path, source },
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn read(bytes: &[u8]) -> Result<Vec<String>, ReadLinesError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("text");
        std::fs::write(&path, bytes).unwrap();
        let mut lines = TextLines::open(&path)?;
        let mut all = Vec::new();
        while let Some(line) = lines.next_line()? {
            all.push(line.to_owned());
        }
        assert_eq!(lines.line(), all.len() as u64);
        assert_eq!(lines.digest(), Some(Digest::of(bytes)));
        Ok(all)
    }

    #[test]
    fn lines_come_out_of_any_compression_and_a_cut_file_is_said() {
        let text = b"a\r\nb\n\nlast";
        let expected = ["a", "b", "", "last"];
        assert_eq!(read(text).unwrap(), expected);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(text).unwrap();
        let gzip = gzip.finish().unwrap();
        assert_eq!(read(&gzip).unwrap(), expected);
        for len in [gzip.len() - 1, gzip.len() - 8, 12] {
            let error = read(&gzip[..len]).unwrap_err();
            assert_eq!(error.code(), ErrorCode::InputTruncated, "{error}");
        }
        let error = read(b"a\n\xff\n").unwrap_err();
        assert!(error.to_string().ends_with("line 2: not UTF-8"), "{error}");
    }
}
