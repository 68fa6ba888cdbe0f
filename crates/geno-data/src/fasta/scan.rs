//! Finding the contigs of a FASTA file that has no index.

use std::{
    collections::HashSet,
    io::{self, BufRead},
};

use super::contig::Contig;
use crate::lines::{Line, read_line};

/// Longest header line, in bytes.
pub(crate) const MAX_HEADER_LEN: usize = 1 << 16;

/// Why a file is not a FASTA file that an index can describe.
#[derive(Debug, thiserror::Error)]
pub enum ScanFastaError {
    /// The file could not be read.
    #[error("the sequences cannot be read")]
    Io(#[source] io::Error),
    /// Nothing but blank lines.
    #[error("it holds no sequence")]
    NoContigs,
    /// The file does not begin with a header line.
    #[error("it does not begin with a `>` header line")]
    NoHeader,
    /// A header line without a name, with a name that is not UTF-8, or too long.
    #[error("line {line} is no header line with a name")]
    BadHeader {
        /// The line, 1-based.
        line: u64,
    },
    /// Two sequences of one name.
    #[error("contig `{contig}` comes twice")]
    DuplicateContig {
        /// The name.
        contig: String,
    },
    /// A line before the last one of a sequence differs in length or line end from the first.
    #[error("the lines of contig `{contig}` differ in length, as line {line} shows")]
    UnevenLines {
        /// The sequence.
        contig: String,
        /// The line that is too long, or the one after a line that is too short, 1-based.
        line: u64,
    },
}

/// Reads a whole FASTA file and says where each sequence lies.
///
/// # Errors
///
/// [`ScanFastaError`].
pub(crate) fn scan(mut reader: impl BufRead) -> Result<Vec<Contig>, ScanFastaError> {
    let mut contigs: Vec<Contig> = Vec::new();
    let mut names = HashSet::new();
    let mut text = Vec::new();
    let mut place = 0;
    let mut is_last_line = false;

    for number in 1.. {
        let line = read_line(&mut reader, &mut text, MAX_HEADER_LEN).map_err(ScanFastaError::Io)?;
        let Some(line) = line else { break };
        place += line.len + u64::from(line.terminator);

        if text.starts_with(b">") {
            let name = parse_name(&text, line).ok_or(ScanFastaError::BadHeader { line: number })?;
            if !names.insert(name.to_owned()) {
                let contig = name.to_owned();
                return Err(ScanFastaError::DuplicateContig { contig });
            }
            contigs.push(Contig {
                name: name.to_owned(),
                len: 0,
                offset: place,
                line_bases: 0,
                line_width: 0,
            });
            is_last_line = false;
        } else if let Some(contig) = contigs.last_mut() {
            let is_longer = contig.len > 0 && line.len > contig.line_bases;
            if is_longer || is_last_line && line.len > 0 {
                let contig = contig.name.clone();
                return Err(ScanFastaError::UnevenLines {
                    contig,
                    line: number,
                });
            }
            is_last_line |= !extend(contig, line);
        } else if line.len > 0 {
            return Err(ScanFastaError::NoHeader);
        }
    }
    match contigs.is_empty() {
        true => Err(ScanFastaError::NoContigs),
        false => Ok(contigs),
    }
}

/// The first word after the `>`.
fn parse_name(header: &[u8], line: Line) -> Option<&str> {
    let is_whole = header.len() as u64 == line.len;
    let text = std::str::from_utf8(header).ok().filter(|_| is_whole)?;
    let name = text[1..].split(|c: char| c.is_ascii_whitespace()).next()?;
    (!name.is_empty()).then_some(name)
}

/// Adds a line, and says whether another may follow it.
fn extend(contig: &mut Contig, line: Line) -> bool {
    let width = line.len + u64::from(line.terminator);
    if contig.len == 0 {
        contig.line_bases = line.len;
        contig.line_width = width;
    }
    contig.len += line.len;
    line.len > 0 && line.len == contig.line_bases && width == contig.line_width
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn contig(name: &str, len: u64, offset: u64, line_bases: u64, line_width: u64) -> Contig {
        let name = name.to_owned();
        Contig {
            name,
            len,
            offset,
            line_bases,
            line_width,
        }
    }

    #[test]
    fn contigs_are_found_with_their_line_lengths() {
        let text = b">a one\nACGT\nACGT\nAC\n\n>b\r\nAC\r\n>c\n>d\nACGTA";
        let expected = [
            contig("a", 10, 7, 4, 5),
            contig("b", 2, 25, 2, 4),
            contig("c", 0, 32, 0, 0),
            contig("d", 5, 35, 5, 5),
        ];
        assert_eq!(scan(&text[..]).unwrap(), expected);
    }

    #[test]
    fn a_contig_without_sequence_between_blank_lines_is_empty() {
        let contigs = scan(&b"\n>a\n\n>b\nA\n"[..]).unwrap();
        assert_eq!(contigs[0].len(), 0);
        assert_eq!(contigs[1].len(), 1);
    }

    #[test]
    fn malformed_files_are_named() {
        let error = |text: &[u8]| scan(text).unwrap_err();
        assert!(matches!(error(b""), ScanFastaError::NoContigs));
        assert!(matches!(error(b"ACGT\n"), ScanFastaError::NoHeader));
        let bad_header = error(b">a\nA\n> b\nA\n");
        assert!(matches!(bad_header, ScanFastaError::BadHeader { line: 3 }));
        let twice = error(b">a\nA\n>a\nA\n");
        assert!(matches!(twice, ScanFastaError::DuplicateContig { contig } if contig == "a"));
        for text in [
            &b">a\nACGT\nAC\nACGT\n"[..],
            b">a\nACGT\n\nACGT\n",
            b">a\nACGT\nACGT\nACGTA\n",
            b">a\nACGT\nACGT\r\nACGT\n",
        ] {
            let uneven = error(text);
            assert!(matches!(
                uneven,
                ScanFastaError::UnevenLines { line: 4, .. }
            ));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(text in "[>ACGT \r\n]{0,64}", bytes: Vec<u8>) {
            let _ = scan(text.as_bytes());
            let _ = scan(&bytes[..]);
        }
    }
}
