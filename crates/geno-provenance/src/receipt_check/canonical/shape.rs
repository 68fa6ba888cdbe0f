//! Lines that are one line but for a few values.
//!
//! The receipts of a run differ in their digests, numbers and times. Where the text around these
//! is that of a line that was passed before, and each of them is again one of its kind, every
//! step that passed that line passes this one.

use std::ops::Range;

use super::scan::Scanner;

/// A value that may differ from line to line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Part {
    InputCommitment,
    OutputCommitment,
    ReceiptDigest,
    /// Text that is not empty.
    Label,
    Bool,
    /// A number that is finite as a double.
    Finite,
    /// Any other number.
    Number,
    Timestamp,
}

/// Where the digests of a line stand, quotes included.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Marks {
    pub(super) input_commitment: Range<usize>,
    pub(super) output_commitment: Range<usize>,
    pub(super) receipt_digest: Range<usize>,
}

impl Marks {
    /// Keeps the place of a digest, if the part is one.
    fn note(&mut self, part: Part, at: Range<usize>) {
        match part {
            Part::InputCommitment => self.input_commitment = at,
            Part::OutputCommitment => self.output_commitment = at,
            Part::ReceiptDigest => self.receipt_digest = at,
            Part::Label | Part::Bool | Part::Finite | Part::Number | Part::Timestamp => {}
        }
    }
}

/// A line that was passed, and the parts in which another may differ, in order.
pub(in super::super) struct Shape<'a> {
    line: &'a [u8],
    parts: Vec<(Part, Range<usize>)>,
}

impl<'a> Shape<'a> {
    /// The shape of a line that a scanner passed to its end.
    pub(super) fn new(line: &'a [u8], parts: Vec<(Part, Range<usize>)>) -> Self {
        Self { line, parts }
    }

    /// Where its own parts stand.
    pub(super) fn marks(&self) -> Marks {
        let mut marks = Marks::default();
        for (part, at) in &self.parts {
            marks.note(*part, at.clone());
        }
        marks
    }

    /// Passes a whole line of this shape.
    pub(super) fn pass(&self, line: &[u8]) -> Option<Marks> {
        let mut scan = Scanner::new(line);
        let mut marks = Marks::default();
        let mut behind = 0;
        for (part, known) in &self.parts {
            scan.literal(&self.line[behind..known.start])?;
            behind = known.end;
            let start = scan.at();
            // What stood in the other line needs no second look. The byte behind it belongs to
            // the comparison, since a number might go on.
            if scan.literal(&self.line[known.start..=known.end]).is_some() {
                scan.back();
            } else {
                scan.part(*part)?;
            }
            marks.note(*part, start..scan.at());
        }
        scan.literal(&self.line[behind..])?;
        (scan.at() == line.len()).then_some(marks)
    }
}
