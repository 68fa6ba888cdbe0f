//! Lines of any length in constant memory.

use std::io::{self, BufRead};

use memchr::memchr;

/// What a line was, beside the part of it that was kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Line {
    /// Length without the terminator, in bytes, also of what was not kept.
    pub(crate) len: u64,
    /// Length of the terminator: 0 at the end of the file, 1 for `\n`, 2 for `\r\n`.
    pub(crate) terminator: u8,
}

/// Reads one line and keeps its first `limit` bytes, without the terminator.
///
/// `None` at the end of the file.
///
/// # Errors
///
/// Whatever the reader reports. What came before it of the line is lost.
pub(crate) fn read_line(
    reader: &mut impl BufRead,
    kept: &mut Vec<u8>,
    limit: usize,
) -> io::Result<Option<Line>> {
    kept.clear();
    let mut len = 0;
    let mut last = None;

    loop {
        let buffer = match reader.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if buffer.is_empty() {
            let line = Line { len, terminator: 0 };
            return Ok((len > 0).then_some(line));
        }

        let newline = memchr(b'\n', buffer);
        let text = &buffer[..newline.unwrap_or(buffer.len())];
        let room = limit - kept.len();
        kept.extend_from_slice(&text[..room.min(text.len())]);
        len += text.len() as u64;
        last = text.last().copied().or(last);
        let consumed = text.len() + usize::from(newline.is_some());
        reader.consume(consumed);

        if newline.is_some() {
            let is_crlf = last == Some(b'\r');
            if is_crlf {
                len -= 1;
                kept.truncate(usize::try_from(len).unwrap_or(usize::MAX));
            }
            let terminator = if is_crlf { 2 } else { 1 };
            return Ok(Some(Line { len, terminator }));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use proptest::prelude::*;

    use super::*;

    fn lines(text: &[u8], capacity: usize, limit: usize) -> Vec<(Vec<u8>, u64, u8)> {
        let mut reader = BufReader::with_capacity(capacity, text);
        let mut kept = Vec::new();
        let mut lines = Vec::new();
        while let Some(line) = read_line(&mut reader, &mut kept, limit).unwrap() {
            lines.push((kept.clone(), line.len, line.terminator));
        }
        lines
    }

    #[test]
    fn long_lines_are_measured_but_not_kept() {
        assert_eq!(
            lines(b"abcdef\r\n\nxy", 3, 4),
            [
                (b"abcd".to_vec(), 6, 2),
                (b"".to_vec(), 0, 1),
                (b"xy".to_vec(), 2, 0)
            ]
        );
    }

    proptest! {
        #[test]
        fn lengths_and_terminators_add_up_to_the_file(
            text in "[a\r\n]{0,64}", capacity in 1usize..9, limit in 1usize..9,
        ) {
            let lines = lines(text.as_bytes(), capacity, limit);
            let total: u64 = lines.iter().map(|(_, len, terminator)| len + u64::from(*terminator)).sum();
            prop_assert_eq!(total, text.len() as u64);
            for (kept, len, _) in lines {
                prop_assert_eq!(kept.len() as u64, len.min(limit as u64));
            }
        }
    }
}
