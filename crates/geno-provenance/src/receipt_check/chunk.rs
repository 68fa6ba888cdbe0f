//! Reading lines many at a time.

use std::io::{ErrorKind, Read};

use memchr::memchr_iter;

use crate::{MAX_RECEIPT_BYTES, ReadReceiptsError, receipt::Rest};

/// Bytes that are read at a time: more than a buffered reader holds, which then leaves its buffer
/// out, and enough that threads are seldom woken; yet few enough to stay near a processor.
const CHUNK_BYTES: usize = 1 << 20;

/// Lines of a chunk. A chunk of receipts holds fewer.
const CHUNK_LINES: usize = 1 << 12;

/// Lines that follow each other, and why no line follows them other than that the file ends.
#[derive(Default)]
pub(super) struct Chunk {
    /// Where bytes are read to. It keeps its length, since making room means writing zeros.
    room: Vec<u8>,
    n_read: usize,
    /// Where each line ends, behind its newline.
    ends: Vec<usize>,
    /// Number of the line before the first.
    before: u64,
    error: Option<ReadReceiptsError>,
}

impl Chunk {
    /// A chunk without lines, behind the line of this number.
    pub(super) fn behind(line: u64) -> Self {
        Self {
            before: line,
            ..Self::default()
        }
    }

    pub(super) fn n_lines(&self) -> usize {
        self.ends.len()
    }

    /// The bytes of a line, its newline included.
    pub(super) fn line(&self, i: usize) -> &[u8] {
        let start = i.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.room[start..self.ends[i]]
    }

    /// Numbers of the lines.
    pub(super) fn numbers(&self) -> std::ops::RangeFrom<u64> {
        self.before + 1..
    }

    /// The error behind the lines, and the number of the line it stands for.
    pub(super) fn take_error(&mut self) -> Option<(u64, ReadReceiptsError)> {
        let error = self.error.take()?;
        Some((self.next_number(), error))
    }

    /// Number of the line behind the last.
    fn next_number(&self) -> u64 {
        self.before + self.ends.len() as u64 + 1
    }

    /// Whether the file ended before this chunk.
    pub(super) fn is_empty(&self) -> bool {
        self.ends.is_empty() && self.error.is_none()
    }

    /// Reads the lines that follow those of `last`.
    pub(super) fn fill(&mut self, last: &Self, rest: &mut Rest<impl Read>) {
        self.follow(last);
        let mut n_searched = 0;
        loop {
            self.find_lines(n_searched);
            let is_full = self.ends.len() == CHUNK_LINES
                || !self.ends.is_empty() && self.n_read >= CHUNK_BYTES / 2;
            if is_full || rest.is_done || self.error.is_some() {
                break;
            }
            n_searched = self.n_read;
            rest.is_done = self.read(&mut rest.reader);
        }
        if self.error.is_some() {
            rest.is_done = true;
            self.n_read = self.end();
        }
        let has_open_end = rest.is_done && !self.unfinished().is_empty();
        if has_open_end && self.ends.len() < CHUNK_LINES {
            self.ends.push(self.n_read);
        }
    }

    /// Starts with what was read behind the lines of `last`.
    fn follow(&mut self, last: &Self) {
        let start = last.unfinished();
        self.before = last.next_number() - 1;
        self.ends.clear();
        let n_room = start.len().max(CHUNK_BYTES);
        if self.room.len() < n_room {
            // Zeros that come with fresh memory cost less than those that `Vec::resize` writes.
            self.room = vec![0; n_room];
        }
        self.room[..start.len()].copy_from_slice(start);
        self.n_read = start.len();
    }

    /// Bytes behind the last line.
    fn unfinished(&self) -> &[u8] {
        &self.room[self.end()..self.n_read]
    }

    fn end(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }

    /// Finds the ends of lines behind the first bytes, which hold none beyond those known.
    fn find_lines(&mut self, n_searched: usize) {
        let limit = MAX_RECEIPT_BYTES as usize;
        let newlines = memchr_iter(b'\n', &self.room[n_searched..self.n_read]);
        let mut start = self.end();
        for newline in newlines.take(CHUNK_LINES - self.ends.len()) {
            let end = n_searched + newline + 1;
            if end - start > limit {
                break;
            }
            self.ends.push(end);
            start = end;
        }
        let is_whole = self.ends.len() == CHUNK_LINES;
        if !is_whole && self.n_read - start > limit {
            let line = self.next_number();
            self.error = Some(ReadReceiptsError::TooLong { line });
        }
    }

    /// Reads once, and says whether that was the last time.
    fn read(&mut self, reader: &mut impl Read) -> bool {
        if self.n_read == self.room.len() {
            self.room.resize(2 * self.n_read, 0);
        }
        match reader.read(&mut self.room[self.n_read..]) {
            Ok(n_bytes) => {
                self.n_read += n_bytes;
                n_bytes == 0
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => false,
            Err(error) => {
                let line = self.next_number();
                let source = error;
                self.error = Some(ReadReceiptsError::Io { line, source });
                true
            }
        }
    }
}
