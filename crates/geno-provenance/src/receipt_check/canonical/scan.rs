//! Passing over canonical JSON without keeping it.

use std::ops::Range;

use super::{hex::is_hex, shape::Part};
use crate::{Timestamp, json::is_float_repr};

/// Digits of an integer that is surely finite as a double.
const MAX_INTEGER_DIGITS: usize = 18;

/// Printable ASCII that stands for itself in a string.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = b' ';
    while byte <= b'~' {
        plain[byte as usize] = byte != b'"' && byte != b'\\';
        byte += 1;
    }
    plain
};

/// A place in a text. Every method passes one thing, or returns `None` where another thing stands
/// or where reading alone can tell.
pub(super) struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    parts: Vec<(Part, Range<usize>)>,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let parts = Vec::new();
        Self {
            bytes,
            at: 0,
            parts,
        }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The parts that were passed as such, in order.
    pub(super) fn into_parts(self) -> Vec<(Part, Range<usize>)> {
        self.parts
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Passes a text, or stays where it is.
    pub(super) fn literal(&mut self, literal: &[u8]) -> Option<()> {
        let found = self.bytes[self.at..].starts_with(literal);
        self.at += if found { literal.len() } else { 0 };
        found.then_some(())
    }

    /// Goes back by one byte.
    pub(super) fn back(&mut self) {
        self.at -= 1;
    }

    /// Passes a value of its kind.
    pub(super) fn part(&mut self, part: Part) -> Option<()> {
        match part {
            Part::InputCommitment | Part::OutputCommitment | Part::ReceiptDigest => self.digest(),
            Part::Label => self.label(),
            Part::Bool => self.bool(),
            Part::Finite => self.finite(),
            Part::Number => self.number().map(drop),
            Part::Timestamp => self.timestamp(),
        }
    }

    /// Passes a value of its kind and notes where it stands.
    pub(super) fn noted(&mut self, part: Part) -> Option<()> {
        let start = self.at;
        self.part(part)?;
        self.parts.push((part, start..self.at));
        Some(())
    }

    /// Passes text of printable ASCII that needs no escape.
    fn string(&mut self) -> Option<&'a [u8]> {
        self.literal(b"\"")?;
        let rest = &self.bytes[self.at..];
        let len = rest.iter().position(|&byte| !PLAIN[usize::from(byte)])?;
        self.at += len;
        self.literal(b"\"")?;
        Some(&rest[..len])
    }

    /// Passes text that is not empty.
    pub(super) fn label(&mut self) -> Option<()> {
        let text = self.string()?;
        (!text.is_empty()).then_some(())
    }

    /// Passes a digest and its quotes.
    fn digest(&mut self) -> Option<()> {
        self.literal(b"\"sha256:")?;
        let digits = self.bytes[self.at..].first_chunk()?;
        self.at += digits.len();
        self.literal(b"\"")?;
        is_hex(digits).then_some(())
    }

    /// Passes a time to the second and its quotes.
    fn timestamp(&mut self) -> Option<()> {
        let text = str::from_utf8(self.string()?).ok()?;
        text.parse::<Timestamp>().ok().map(drop)
    }

    /// Passes a key that stands behind `last`, and its colon.
    pub(super) fn key_after(&mut self, last: Option<&[u8]>) -> Option<&'a [u8]> {
        let key = self.string()?;
        self.literal(b":")?;
        last.is_none_or(|last| last < key).then_some(key)
    }

    /// Passes the five values of a score.
    pub(super) fn output(&mut self) -> Option<()> {
        self.literal(br#"{"bucket_id":"#)?;
        self.noted(Part::Label)?;
        self.literal(br#","confidence":"#)?;
        self.noted(Part::Finite)?;
        self.literal(br#","low_confidence":"#)?;
        self.noted(Part::Bool)?;
        self.literal(br#","sigma_calibrated":"#)?;
        self.noted(Part::Finite)?;
        self.literal(br#","sigma_raw":"#)?;
        self.noted(Part::Finite)?;
        self.literal(b"}")
    }

    /// Passes any value that nests at most `depth` deep.
    pub(super) fn value(&mut self, depth: usize) -> Option<()> {
        match self.peek()? {
            b'"' => self.string().map(drop),
            b'-' | b'0'..=b'9' => self.noted(Part::Number),
            b'{' => self.object(depth.checked_sub(1)?),
            b'[' => self.array(depth.checked_sub(1)?),
            b'n' => self.literal(b"null"),
            _ => self.bool(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<()> {
        self.literal(b"{")?;
        if self.eat(b'}') {
            return Some(());
        }
        let mut last = None;
        loop {
            last = Some(self.key_after(last)?);
            self.value(depth)?;
            if self.eat(b'}') {
                return Some(());
            }
            self.literal(b",")?;
        }
    }

    fn array(&mut self, depth: usize) -> Option<()> {
        self.literal(b"[")?;
        if self.eat(b']') {
            return Some(());
        }
        loop {
            self.value(depth)?;
            if self.eat(b']') {
                return Some(());
            }
            self.literal(b",")?;
        }
    }

    fn bool(&mut self) -> Option<()> {
        match self.peek()? {
            b't' => self.literal(b"true"),
            _ => self.literal(b"false"),
        }
    }

    /// Passes a number that is finite as a double.
    fn finite(&mut self) -> Option<()> {
        let text = self.number()?;
        let is_integer = text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-');
        (!is_integer || text.len() <= MAX_INTEGER_DIGITS).then_some(())
    }

    /// Passes a number in its one spelling.
    fn number(&mut self) -> Option<&'a str> {
        let rest = &self.bytes[self.at..];
        let in_number = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e');
        let len = rest.iter().position(|byte| !in_number(byte))?;
        self.at += len;
        let text = str::from_utf8(&rest[..len]).ok()?;
        let digits = text.strip_prefix('-').unwrap_or(text);
        let is_integer = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let is_canonical = match is_integer {
            true => text == "0" || !digits.starts_with('0'),
            false => is_float_repr(text),
        };
        is_canonical.then_some(text)
    }
}
