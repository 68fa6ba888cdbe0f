//! Rows of an annotation file, and those that cannot be read.

use std::{
    io,
    path::{Path, PathBuf},
};

use geno_core::{Coded, ErrorCode};

use crate::input::Input;

/// Most bytes that a row may take.
const MAX_ROW_LEN: usize = 1 << 20;

/// Bad rows of which a report tells the line.
const MAX_FAULTS: usize = 100;

/// Why an annotation file could not be read, or not to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadAnnotationError {
    /// The file could not be opened or read.
    #[error("cannot read annotation file `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A compressed file that ends in the middle.
    #[error("compressed annotation file `{}` ends before its end", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
    },
    /// A compressed file that cannot be decompressed.
    #[error("compressed annotation file `{}` is corrupt", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What the decompressor said.
        source: io::Error,
    },
    /// Nothing that was looked for is in the file.
    #[error(
        "`{}` holds no {what}, and {malformed} rows that cannot be read",
        path.display()
    )]
    Nothing {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        what: &'static str,
        /// Rows that could not be read.
        malformed: u64,
    },
}

impl Coded for ReadAnnotationError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Io { source, .. } => ErrorCode::of_io(source),
            Self::Truncated { .. } => ErrorCode::InputTruncated,
            Self::Corrupt { .. } => ErrorCode::InputGeneric,
            Self::Nothing { malformed: 0, .. } => ErrorCode::InputEmpty,
            Self::Nothing { .. } => ErrorCode::InputGeneric,
        }
    }
}

/// Why a row could not be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RowFault {
    /// The row takes more than a mebibyte.
    #[error("row takes more than {MAX_ROW_LEN} bytes")]
    TooLong,
    /// The row is not UTF-8.
    #[error("row is not UTF-8")]
    NotUtf8,
    /// Columns are missing.
    #[error("row has too few columns")]
    TooFewColumns,
    /// The positions are no interval of at least one base.
    #[error("positions are no interval")]
    BadInterval,
    /// The strand is none of `+`, `-`, `.` and `?`, or not given where it is needed.
    #[error("strand is not `+` or `-`")]
    BadStrand,
    /// The phase is none of `0`, `1`, `2` and `.`.
    #[error("phase is not 0, 1, 2 or `.`")]
    BadPhase,
    /// An exon or coding sequence names no transcript.
    #[error("row names no transcript")]
    NoTranscript,
    /// The blocks of a BED12 row do not make exons.
    #[error("blocks are no exons")]
    BadBlocks,
}

/// A row that could not be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BadRow {
    /// The line of the file, 1-based.
    pub line: u64,
    /// Why.
    pub fault: RowFault,
}

/// The rows that could not be read: how many, and which of them came first.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct BadRows {
    /// How many there are.
    pub n: u64,
    /// The first hundred.
    pub first: Vec<BadRow>,
}

impl BadRows {
    pub(crate) fn push(&mut self, line: u64, fault: RowFault) {
        self.n += 1;
        if self.first.len() < MAX_FAULTS {
            self.first.push(BadRow { line, fault });
        }
    }
}

/// Calls `row` with every row of a file that is no comment, plain or compressed.
///
/// What `row` cannot read is counted. Lines of a genome browser (`track`, `browser`) are comments.
pub(crate) fn for_each_row(
    path: &Path,
    mut row: impl FnMut(&str) -> Result<(), RowFault>,
) -> Result<BadRows, ReadAnnotationError> {
    let fail = |source: io::Error| {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::UnexpectedEof => ReadAnnotationError::Truncated { path },
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                ReadAnnotationError::Corrupt { path, source }
            }
            _ => ReadAnnotationError::Io { path, source },
        }
    };
    let mut input = Input::open(path).map_err(fail)?;
    let mut bad = BadRows::default();
    let mut text = Vec::new();
    let mut n_lines = 0;
    while let Some(line) = input.read_line(&mut text, MAX_ROW_LEN).map_err(fail)? {
        n_lines += 1;
        if text.starts_with(b"##FASTA") {
            // GFF3 may end in sequences.
            break;
        }
        let is_comment = [&b"#"[..], b"track ", b"browser "]
            .iter()
            .any(|start| text.starts_with(start));
        if is_comment || text.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let outcome = match std::str::from_utf8(&text) {
            _ if line.len > text.len() as u64 => Err(RowFault::TooLong),
            Err(_) => Err(RowFault::NotUtf8),
            Ok(text) => row(text),
        };
        if let Err(fault) = outcome {
            bad.push(n_lines, fault);
        }
    }
    Ok(bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(bytes: &[u8]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        file
    }

    #[test]
    fn bad_rows_are_told_by_their_line_and_do_not_cost_the_others() {
        let mut text = b"# comment\r\ngood\r\n\nbad\ntrack name=x\n\xff\n".to_vec();
        text.extend(vec![b'A'; MAX_ROW_LEN + 1]);
        text.extend(b"\ngood");
        let file = write(&text);
        let mut n_good = 0;
        let bad = for_each_row(file.path(), |row| match row {
            "good" => {
                n_good += 1;
                Ok(())
            }
            _ => Err(RowFault::TooFewColumns),
        });
        let bad = bad.unwrap();
        assert_eq!((n_good, bad.n), (2, 3));
        let found: Vec<_> = bad.first.iter().map(|row| (row.line, row.fault)).collect();
        assert_eq!(
            found,
            [
                (4, RowFault::TooFewColumns),
                (6, RowFault::NotUtf8),
                (7, RowFault::TooLong)
            ]
        );
    }

    #[test]
    fn sequences_after_the_rows_are_not_read() {
        let file = write(b"row\n##FASTA\n>1\nACGT\n");
        let mut n = 0;
        let bad = for_each_row(file.path(), |_| {
            n += 1;
            Ok(())
        });
        assert_eq!((n, bad.unwrap().n), (1, 0));
    }

    #[test]
    fn a_compressed_file_that_is_cut_is_refused() {
        use std::io::Write;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&b"1\t2\t3\n".repeat(10_000)).unwrap();
        let whole = encoder.finish().unwrap();
        let file = write(&whole[..whole.len() / 2]);
        let error = for_each_row(file.path(), |_| Ok(())).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InputTruncated);
    }
}
