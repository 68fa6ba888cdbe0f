//! The rows of a VCF file as text, many at a time.

use std::{
    mem,
    path::{Path, PathBuf},
};

use geno_core::Digest;
use memchr::{memchr, memchr_iter, memrchr};

use super::{MAX_COLUMNS_LEN, MAX_ROW_LEN, Progress, VcfError, error::Context, text::Text};

/// Most bytes of rows at one position that are kept together.
const MAX_GROUP_LEN: usize = 1 << 20;

/// The rows of a file, in rounds.
///
/// Rows at one position that follow each other come in one round, unless they take more than a
/// mebibyte.
pub(crate) struct Rounds {
    path: PathBuf,
    text: Text,
    /// What was read and belongs to the next round.
    rest: Vec<u8>,
    /// The line that `rest` begins with, 1-based.
    line: u64,
    /// Whether the beginning of a line was given out as too long, and its end is yet to come.
    is_in_long_line: bool,
    is_ended: bool,
}

/// Some of a file's lines.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Round {
    /// The first of them, 1-based.
    pub(crate) line: u64,
    pub(crate) kind: RoundKind,
}

/// What the lines of a round are.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum RoundKind {
    /// Whole lines.
    Lines(Vec<u8>),
    /// The beginning of one that is longer than [`MAX_ROW_LEN`].
    TooLong(Vec<u8>),
}

impl Rounds {
    /// Opens a file, or the standard input for `-`, and reads the header.
    ///
    /// # Errors
    ///
    /// [`VcfError`] if the file cannot be read, is empty, or has no VCF header.
    pub(crate) fn open(path: &Path) -> Result<Self, VcfError> {
        let text = Text::open(path).map_err(|error| Context(path).of(error))?;
        let mut rounds = Self {
            path: path.to_owned(),
            text,
            rest: Vec::new(),
            line: 1,
            is_in_long_line: false,
            is_ended: false,
        };
        rounds.read_header()?;
        Ok(rounds)
    }

    /// How much of the file has been read.
    pub(crate) fn progress(&self) -> Progress {
        self.text.progress()
    }

    /// The digest of the file as it is stored, once it was read to its end.
    pub(crate) fn digest(&self) -> Option<Digest> {
        self.text.digest()
    }

    /// The next rows, or nothing at the end of the file.
    ///
    /// # Errors
    ///
    /// [`VcfError`] if the file cannot be read to its end.
    pub(crate) fn next(&mut self) -> Result<Option<Round>, VcfError> {
        if self.is_in_long_line {
            self.skip_long_line()?;
        }
        loop {
            self.read()?;
            let whole = match self.is_ended {
                true => self.rest.len(),
                false => memrchr(b'\n', &self.rest).map_or(0, |i| i + 1),
            };
            let is_full = self.rest.len() > MAX_ROW_LEN;
            let end = match self.is_ended || is_full || whole == 0 {
                true => whole,
                false => end_of_groups(&self.rest[..whole]),
            };
            if end > 0 {
                let rest = self.rest.split_off(end);
                let lines = mem::replace(&mut self.rest, rest);
                let line = self.line;
                self.line += memchr_iter(b'\n', &lines).count() as u64;
                let kind = RoundKind::Lines(lines);
                return Ok(Some(Round { line, kind }));
            }
            if self.is_ended {
                return Ok(None);
            }
            if is_full {
                self.is_in_long_line = true;
                let mut beginning = mem::take(&mut self.rest);
                beginning.truncate(MAX_COLUMNS_LEN);
                let (line, kind) = (self.line, RoundKind::TooLong(beginning));
                return Ok(Some(Round { line, kind }));
            }
        }
    }

    fn read(&mut self) -> Result<(), VcfError> {
        if !self.is_ended {
            let more = self.text.append(&mut self.rest);
            self.is_ended = !more.map_err(|error| Context(&self.path).of(error))?;
        }
        Ok(())
    }

    fn skip_long_line(&mut self) -> Result<(), VcfError> {
        loop {
            if let Some(newline) = memchr(b'\n', &self.rest) {
                self.rest.drain(..=newline);
                self.line += 1;
                self.is_in_long_line = false;
                return Ok(());
            }
            self.rest.clear();
            if self.is_ended {
                return Ok(());
            }
            self.read()?;
        }
    }

    /// Reads the lines up to `#CHROM`.
    fn read_header(&mut self) -> Result<(), VcfError> {
        let path = self.path.clone();
        self.read()?;
        if self.rest.is_empty() {
            return Err(VcfError::Empty { path });
        }
        if self.rest.starts_with(b"BCF") {
            return Err(VcfError::Bcf { path });
        }
        let mut begin = 0;
        loop {
            let Some(len) = memchr(b'\n', &self.rest[begin..]) else {
                let line = &self.rest[begin..];
                let is_text = line.is_empty() || line.starts_with(b"#");
                if self.is_ended || !is_text || self.rest.len() - begin > MAX_ROW_LEN {
                    // A header alone may lack its last newline.
                    let is_header = self.is_ended && is_columns(&self.rest[begin..]);
                    self.rest.clear();
                    return if is_header {
                        Ok(())
                    } else {
                        Err(VcfError::NotVcf { path })
                    };
                }
                self.rest.drain(..begin);
                begin = 0;
                self.read()?;
                continue;
            };
            let line = &self.rest[begin..begin + len];
            let is_last = is_columns(line);
            if !is_last && !line.starts_with(b"##") {
                return Err(VcfError::NotVcf { path });
            }
            begin += len + 1;
            self.line += 1;
            if is_last {
                self.rest.drain(..begin);
                return Ok(());
            }
        }
    }
}

fn is_columns(line: &[u8]) -> bool {
    line.starts_with(b"#CHROM\tPOS\tID\tREF\tALT")
}

/// Cuts whole lines into pieces of about `len` bytes, never between rows at one position.
pub(crate) fn pieces(mut lines: &[u8], len: usize) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    while lines.len() > len {
        let Some(newline) = memchr(b'\n', &lines[len..]) else {
            break;
        };
        let mut end = len + newline + 1;
        let begin = memrchr(b'\n', &lines[..end - 1]).map_or(0, |i| i + 1);
        let place = place(&lines[begin..]);
        while place.is_some() && self::place(&lines[end..]) == place {
            end = memchr(b'\n', &lines[end..]).map_or(lines.len(), |i| end + i + 1);
        }
        let (piece, rest) = lines.split_at(end);
        pieces.push(piece);
        lines = rest;
    }
    if !lines.is_empty() {
        pieces.push(lines);
    }
    pieces
}

/// CHROM and POS as written; `None` if the line does not have them.
fn place(line: &[u8]) -> Option<&[u8]> {
    let end = memchr(b'\n', line).unwrap_or(line.len());
    memchr_iter(b'\t', &line[..end]).nth(1).map(|i| &line[..i])
}

/// Where the rows end that stand before those at the position of the last one; 0 if there are none
/// and more of these may come.
fn end_of_groups(lines: &[u8]) -> usize {
    let before = |end: usize| memrchr(b'\n', &lines[..end - 1]).map_or(0, |i| i + 1);
    let mut begin = before(lines.len());
    let Some(place) = place(&lines[begin..]) else {
        return lines.len();
    };
    while begin > 0 && self::place(&lines[before(begin)..]) == Some(place) {
        begin = before(begin);
        if lines.len() - begin > MAX_GROUP_LEN {
            return lines.len();
        }
    }
    begin
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;

    const HEADER: &str = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\n";

    fn rounds(text: &str) -> Result<Vec<Round>, VcfError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.vcf");
        fs::write(&path, text).unwrap();
        let mut rounds = Rounds::open(&path)?;
        let mut all = Vec::new();
        while let Some(round) = rounds.next()? {
            all.push(round);
        }
        Ok(all)
    }

    #[test]
    fn rows_at_one_position_come_together_and_every_line_has_its_number() {
        let mut text = HEADER.to_owned();
        while text.len() < 9_000_000 {
            let n = text.len();
            text += &format!("1\t{n}\t.\tA\tC\n1\t{n}\t.\tA\tG\n");
        }
        let rounds = rounds(&text).unwrap();
        assert!(rounds.len() > 1);
        let (mut line, mut rows) = (3, String::new());
        for round in rounds {
            assert_eq!(round.line, line);
            let RoundKind::Lines(lines) = round.kind else {
                panic!("too long");
            };
            let lines = String::from_utf8(lines).unwrap();
            assert_eq!(lines.lines().count() % 2, 0, "a position is cut");
            line += lines.lines().count() as u64;
            rows += &lines;
        }
        assert_eq!(HEADER.to_owned() + &rows, text);
    }

    #[test]
    fn a_line_beyond_the_limit_costs_no_other() {
        let long = "1\t2\t.\tA\tC\t".to_owned() + &"x".repeat(MAX_ROW_LEN + 9_000_000);
        let text = format!("{HEADER}1\t1\t.\tA\tC\n{long}\n1\t3\t.\tA\tC");
        let rounds = rounds(&text).unwrap();
        let expected: [(u64, &[u8], bool); 3] = [
            (3, b"1\t1\t.\tA\tC\n", true),
            (4, &long.as_bytes()[..MAX_COLUMNS_LEN], false),
            (5, b"1\t3\t.\tA\tC", true),
        ];
        assert_eq!(rounds.len(), expected.len());
        for (round, (line, text, is_whole)) in rounds.iter().zip(expected) {
            let kind = match is_whole {
                true => RoundKind::Lines(text.to_vec()),
                false => RoundKind::TooLong(text.to_vec()),
            };
            assert!(round.line == line && round.kind == kind, "line {line}");
        }
    }

    #[test]
    fn what_is_no_vcf_is_refused() {
        assert!(matches!(rounds(""), Err(VcfError::Empty { .. })));
        assert!(matches!(rounds("BCF\x02"), Err(VcfError::Bcf { .. })));
        for text in ["1\t2\n", "##x", "##x\n", "##x\n1\t2\n", "#CHROM\n"] {
            assert!(
                matches!(rounds(text), Err(VcfError::NotVcf { .. })),
                "{text}"
            );
        }
        assert_eq!(rounds(HEADER.trim_end()).unwrap(), []);
    }

    proptest! {
        #[test]
        fn pieces_make_up_the_lines_and_cut_no_position(
            rows in prop::collection::vec((0u8..3, any::<bool>()), 0..40), len in 1usize..60,
        ) {
            let row = |&(pos, crlf): &(u8, bool)| {
                format!("1\t{pos}\tA{}\n", if crlf { "\r" } else { "" })
            };
            let text: String = rows.iter().map(row).collect();
            let pieces = pieces(text.as_bytes(), len);
            prop_assert_eq!(pieces.concat(), text.as_bytes());
            for pair in pieces.windows(2) {
                let last = pair[0].trim_ascii_end().rsplit(|&b| b == b'\n').next();
                prop_assert_ne!(place(last.unwrap()), place(pair[1]));
            }
        }
    }
}
