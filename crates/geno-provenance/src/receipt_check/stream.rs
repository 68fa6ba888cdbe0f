//! Checking a stream of receipts on all threads, in constant memory.

use std::io::BufRead;

use geno_core::{Coded, Digest, ErrorCode};
use rayon::prelude::*;

use super::{ReceiptCheck, ReceiptCheckError};
use crate::{ReadReceiptError, ReadReceiptsError, Receipt, ReceiptReader, merkle::leaf_hash};

/// Bytes and lines that are read before they are checked together. A line may reach past the first.
const CHUNK_BYTES: usize = 1 << 21;
const CHUNK_LINES: usize = 1 << 13;

/// What checking a stream came to.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct StreamCheck {
    /// Receipts, and whatever stands in their place.
    pub n_receipts: u64,
    /// Those among them that do not hold.
    pub n_failed: u64,
}

/// Why a line holds no receipt, or one that does not hold.
#[derive(Debug, thiserror::Error)]
pub enum CheckLineError {
    /// There is no receipt.
    #[error(transparent)]
    Read(#[from] ReadReceiptsError),
    /// The receipt does not hold.
    #[error(transparent)]
    Check(#[from] ReceiptCheckError),
}

impl Coded for CheckLineError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Read(source) => source.code(),
            Self::Check(source) => source.code(),
        }
    }
}

/// Lines that follow each other.
#[derive(Default)]
struct Chunk {
    bytes: Vec<u8>,
    /// Where each line ends.
    ends: Vec<usize>,
    /// Number of the line before the first.
    before: u64,
    /// Why no line follows, other than that the file ends.
    error: Option<ReadReceiptsError>,
}

/// What one line holds.
struct Line {
    is_blank: bool,
    is_unsealed: bool,
    outcome: Result<Option<Digest>, LineError>,
}

enum LineError {
    Read(ReadReceiptError),
    Check(ReceiptCheckError),
}

impl ReceiptCheck {
    /// Checks every receipt of a stream, on the threads of the current rayon pool.
    ///
    /// Verdicts are those of [`ReceiptReader`] and [`ReceiptCheck::check`], in the order of the
    /// file, whatever the number of threads. `on_failure` gets the line of each receipt that does
    /// not hold. Memory does not grow with the stream.
    pub fn check_stream(
        &self,
        reader: impl BufRead + Send,
        on_failure: impl FnMut(u64, CheckLineError),
    ) -> StreamCheck {
        self.run(reader, on_failure, None)
    }

    /// As [`ReceiptCheck::check_stream`]; `on_leaf` gets the hash of each receipt that holds.
    pub(crate) fn run(
        &self,
        reader: impl BufRead + Send,
        mut on_failure: impl FnMut(u64, CheckLineError),
        mut on_leaf: Option<&mut dyn FnMut(Digest)>,
    ) -> StreamCheck {
        let mut summary = StreamCheck::default();
        let with_leaves = on_leaf.is_some();
        let mut note = |line: u64, outcome: Result<Option<Digest>, CheckLineError>| {
            summary.n_receipts += 1;
            match (outcome, &mut on_leaf) {
                (Ok(Some(leaf)), Some(on_leaf)) => on_leaf(leaf),
                (Ok(_), _) => {}
                (Err(error), _) => {
                    summary.n_failed += 1;
                    on_failure(line, error);
                }
            }
        };

        // The first receipt alone may go over several lines.
        let mut receipts = ReceiptReader::new(reader);
        match receipts.next() {
            None => {}
            Some(Err(error)) => note(receipts.line(), Err(error.into())),
            Some(Ok(receipt)) => {
                let leaf = with_leaves.then(|| leaf_of(&receipt));
                let outcome = self.check(&receipt).map(|()| leaf);
                note(receipts.line(), outcome.map_err(CheckLineError::Check));
            }
        }

        let mut allows_blank = receipts.allows_blank_lines();
        let mut chunk = Chunk::default();
        chunk.fill(&mut receipts);
        let mut next = Chunk::default();
        while !chunk.ends.is_empty() || chunk.error.is_some() {
            let (lines, ()) = rayon::join(
                || chunk.check(self, with_leaves),
                || next.fill(&mut receipts),
            );
            for (number, line) in (chunk.before + 1..).zip(lines) {
                if line.is_blank && allows_blank {
                    continue;
                }
                allows_blank = line.is_unsealed;
                note(number, line.outcome.map_err(|error| error.at(number)));
            }
            if let Some(error) = chunk.error.take() {
                note(receipts.line(), Err(error.into()));
            }
            std::mem::swap(&mut chunk, &mut next);
        }
        summary
    }

    /// Checks one line, its newline included.
    fn check_line(&self, bytes: &[u8], with_leaf: bool) -> Line {
        if self.sealed.surely_holds(bytes) {
            let leaf = with_leaf.then(|| leaf_hash(&bytes[..bytes.len() - 1]));
            return Line {
                is_blank: false,
                is_unsealed: false,
                outcome: Ok(leaf),
            };
        }
        let receipt = Receipt::parse(bytes);
        let is_unsealed = receipt.as_ref().is_ok_and(|receipt| !receipt.is_sealed());
        let outcome = receipt.map_err(LineError::Read).and_then(|receipt| {
            self.check(&receipt).map_err(LineError::Check)?;
            Ok(with_leaf.then(|| leaf_of(&receipt)))
        });
        Line {
            is_blank: bytes.iter().all(u8::is_ascii_whitespace),
            is_unsealed,
            outcome,
        }
    }
}

/// The hash of a receipt as a line of canonical JSON, however it was formatted.
fn leaf_of(receipt: &Receipt) -> Digest {
    leaf_hash(&crate::canonical_json(&receipt.to_json()))
}

impl LineError {
    fn at(self, line: u64) -> CheckLineError {
        match self {
            Self::Read(source) => ReadReceiptsError::Receipt { line, source }.into(),
            Self::Check(source) => source.into(),
        }
    }
}

impl Chunk {
    fn fill(&mut self, receipts: &mut ReceiptReader<impl BufRead>) {
        self.bytes.clear();
        self.ends.clear();
        self.before = receipts.line();
        while self.bytes.len() < CHUNK_BYTES && self.ends.len() < CHUNK_LINES {
            match receipts.read_line(&mut self.bytes) {
                Ok(true) => self.ends.push(self.bytes.len()),
                Ok(false) => return,
                Err(error) => {
                    self.error = Some(error);
                    return;
                }
            }
        }
    }

    fn check(&self, check: &ReceiptCheck, with_leaves: bool) -> Vec<Line> {
        (0..self.ends.len())
            .into_par_iter()
            .map(|i| {
                let start = i.checked_sub(1).map_or(0, |before| self.ends[before]);
                check.check_line(&self.bytes[start..self.ends[i]], with_leaves)
            })
            .collect()
    }
}
