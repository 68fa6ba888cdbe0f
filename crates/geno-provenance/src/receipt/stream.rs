//! Reading receipts one after the other.

use std::io::{self, BufRead, Read};

use geno_core::{Coded, ErrorCode};

use super::{ReadReceiptError, Receipt};
use crate::JsonError;

/// Longest receipt that is read, in bytes.
pub const MAX_RECEIPT_BYTES: u64 = 1 << 20;

/// Reads the receipts of a file in constant memory.
///
/// A file holds one receipt a line, or a single receipt that may go over several lines. A line
/// that is no receipt is an error of its own; the lines behind it are still read. A file without
/// any receipt gives [`ReadReceiptsError::Empty`].
///
/// ```
/// use geno_provenance::ReceiptReader;
///
/// # let file = &include_bytes!("../../../../fixtures/parity/receipts.jsonl")[..];
/// let receipts = ReceiptReader::new(file).collect::<Result<Vec<_>, _>>()?;
/// assert_eq!(receipts.len(), 40);
/// # Ok::<_, geno_provenance::ReadReceiptsError>(())
/// ```
#[derive(Debug)]
pub struct ReceiptReader<R> {
    reader: R,
    line: u64,
    buffer: Vec<u8>,
    state: State,
}

/// What is left of a file behind its first receipts.
pub(crate) struct Rest<R> {
    pub(crate) reader: R,
    /// Nothing can be read any more.
    pub(crate) is_done: bool,
}

/// What came last.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    /// Nothing.
    Start,
    /// A line that allows no blank line after it.
    Line,
    /// A receipt that may be formatted in any way.
    Unsealed,
    /// The end, or an error behind which nothing can be read.
    End,
}

/// Why receipts could not be read. Lines count from 1.
#[derive(Debug, thiserror::Error)]
pub enum ReadReceiptsError {
    /// The file could not be read.
    #[error("cannot read receipts at line {line}")]
    Io {
        /// The line.
        line: u64,
        /// What the system said.
        source: io::Error,
    },
    /// A receipt is longer than any that is written.
    #[error("receipt at line {line} is longer than {MAX_RECEIPT_BYTES} bytes")]
    TooLong {
        /// The line.
        line: u64,
    },
    /// A line is no receipt.
    #[error("no receipt at line {line}")]
    Receipt {
        /// The line.
        line: u64,
        /// Why not.
        source: ReadReceiptError,
    },
    /// The file is empty.
    #[error("file holds no receipt")]
    Empty,
}

impl Coded for ReadReceiptsError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Io { source, .. } => ErrorCode::of_io(source),
            Self::TooLong { .. } | Self::Empty => ErrorCode::ProvenanceReceiptSchema,
            Self::Receipt { source, .. } => source.code(),
        }
    }
}

impl<R: BufRead> ReceiptReader<R> {
    /// Reads from the start of a file.
    pub fn new(reader: R) -> Self {
        Self {
            reader,
            line: 0,
            buffer: Vec::new(),
            state: State::Start,
        }
    }

    /// The line of the receipt that came last, or 0.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Whether blank lines may follow.
    pub(crate) fn allows_blank_lines(&self) -> bool {
        self.state == State::Unsealed
    }

    /// What follows the receipt that came last.
    pub(crate) fn into_rest(self) -> Rest<R> {
        Rest {
            reader: self.reader,
            is_done: self.state == State::End,
        }
    }

    fn read(&mut self) -> Result<Option<Receipt>, ReadReceiptsError> {
        let before = self.state;
        self.state = State::End;
        loop {
            self.line += 1;
            self.buffer.clear();
            self.fill(|reader, buffer| reader.read_until(b'\n', buffer))?;
            let is_blank = self.buffer.iter().all(u8::is_ascii_whitespace);
            if self.buffer.is_empty() || before != State::Unsealed || !is_blank {
                break;
            }
        }
        if self.buffer.is_empty() {
            return match before {
                State::Start => Err(ReadReceiptsError::Empty),
                _ => Ok(None),
            };
        }

        let mut parsed = Receipt::parse(&self.buffer);
        let is_cut = parsed == Err(JsonError::UnexpectedEnd.into());
        let goes_on = before == State::Start && is_cut;
        if goes_on {
            self.fill(|reader, buffer| reader.read_to_end(buffer))?;
            parsed = Receipt::parse(&self.buffer);
        } else {
            self.state = match &parsed {
                Ok(receipt) if !receipt.is_sealed() => State::Unsealed,
                _ => State::Line,
            };
        }
        let line = self.line;
        parsed
            .map(Some)
            .map_err(|source| ReadReceiptsError::Receipt { line, source })
    }

    /// Adds to the buffer until its receipt is longer than any may be.
    fn fill(
        &mut self,
        read: impl FnOnce(&mut io::Take<&mut R>, &mut Vec<u8>) -> io::Result<usize>,
    ) -> Result<(), ReadReceiptsError> {
        let line = self.line;
        let held = u64::try_from(self.buffer.len()).unwrap_or(u64::MAX);
        let room = (MAX_RECEIPT_BYTES + 1).saturating_sub(held);
        let mut limited = self.reader.by_ref().take(room);
        read(&mut limited, &mut self.buffer)
            .map_err(|source| ReadReceiptsError::Io { line, source })?;
        if limited.limit() == 0 {
            return Err(ReadReceiptsError::TooLong { line });
        }
        Ok(())
    }
}

impl<R: BufRead> Iterator for ReceiptReader<R> {
    type Item = Result<Receipt, ReadReceiptsError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.state {
            State::End => None,
            _ => self.read().transpose(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SINGLE: &[u8] = include_bytes!("../../../../fixtures/parity/receipt.single.json");

    fn read(bytes: &[u8]) -> Vec<Result<Receipt, ReadReceiptsError>> {
        ReceiptReader::new(bytes).collect()
    }

    #[test]
    fn unsealed_receipts_may_go_over_lines_and_end_in_blank_ones() {
        let pretty = String::from_utf8_lossy(SINGLE).replace(',', " ,\n  ");
        for text in [pretty.clone(), format!("\n{pretty}\n\n")] {
            let receipts = read(text.as_bytes());
            assert_eq!(receipts.len(), 1);
            assert_eq!(
                receipts[0].as_ref().ok(),
                Receipt::parse(SINGLE).ok().as_ref()
            );
        }
        let lines = [SINGLE, b"\n", SINGLE, b"\n \n\n"].concat();
        assert_eq!(
            read(&lines)
                .iter()
                .filter(|receipt| receipt.is_ok())
                .count(),
            2
        );
        assert_eq!(read(&lines).len(), 2);
    }

    #[test]
    fn a_bad_line_costs_only_itself() {
        let lines = [SINGLE, b"\n{}\nnope\n", SINGLE].concat();
        let results = read(&lines);
        let errors: Vec<_> = results.iter().filter_map(|r| r.as_ref().err()).collect();
        let texts: Vec<_> = errors.iter().map(|error| error.to_string()).collect();
        assert_eq!(texts, ["no receipt at line 2", "no receipt at line 3"]);
        assert_eq!(results.len(), 4);
        assert!(results[3].is_ok());
    }

    #[test]
    fn an_empty_file_is_an_error() {
        assert!(matches!(read(b"")[..], [Err(ReadReceiptsError::Empty)]));
        assert_eq!(read(b" \n\n").len(), 1);
        assert!(read(b" \n\n")[0].is_err());
    }

    #[test]
    fn an_endless_line_is_not_kept() {
        for byte in *b"[ \n" {
            let results: Vec<_> =
                ReceiptReader::new(io::BufReader::new(io::repeat(byte))).collect();
            assert!(matches!(
                results[..],
                [Err(ReadReceiptsError::TooLong { line: 1 })]
            ));
        }
    }
}
