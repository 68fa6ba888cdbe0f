//! Checking a stream of receipts on all threads, in constant memory.

use std::io::BufRead;

use geno_core::{Coded, Digest, ErrorCode};
use rayon::prelude::*;

use super::{ReceiptCheck, ReceiptCheckError, canonical::Shape, chunk::Chunk};
use crate::{ReadReceiptError, ReadReceiptsError, Receipt, ReceiptReader, merkle::leaf_hash};

/// Lines that one thread checks in a row, each by the shape of the one before it.
const RUN_LINES: usize = 32;

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

/// What one line holds.
struct Line {
    is_blank: bool,
    is_unsealed: bool,
    outcome: Result<Option<Digest>, Box<LineError>>,
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
        let mut next = Chunk::behind(receipts.line());
        let mut rest = receipts.into_rest();
        chunk.fill(&next, &mut rest);
        while !chunk.is_empty() {
            let (lines, ()) = rayon::join(
                || self.check_chunk(&chunk, with_leaves),
                || next.fill(&chunk, &mut rest),
            );
            for (number, line) in chunk.numbers().zip(lines) {
                if line.is_blank && allows_blank {
                    continue;
                }
                allows_blank = line.is_unsealed;
                note(number, line.outcome.map_err(|error| error.at(number)));
            }
            if let Some((line, error)) = chunk.take_error() {
                note(line, Err(error.into()));
            }
            std::mem::swap(&mut chunk, &mut next);
        }
        summary
    }

    fn check_chunk(&self, chunk: &Chunk, with_leaves: bool) -> Vec<Line> {
        (0..chunk.n_lines())
            .into_par_iter()
            .with_min_len(RUN_LINES)
            .map_init(
                || None,
                |shape, i| self.check_line(chunk.line(i), shape, with_leaves),
            )
            .collect()
    }

    /// Checks one line, its newline included.
    ///
    /// `shape` is kept from line to line.
    fn check_line<'a>(
        &self,
        bytes: &'a [u8],
        shape: &mut Option<Shape<'a>>,
        with_leaf: bool,
    ) -> Line {
        if self.sealed.surely_holds(bytes, shape) {
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
        let outcome = outcome.map_err(Box::new);
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
