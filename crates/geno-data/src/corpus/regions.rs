//! Regions of a genome from a BED file.

use std::path::{Path, PathBuf};

use super::{
    error::CorpusError,
    record::{RecordFault, RejectedRecord},
};
use crate::{Contig, Fasta, lines::read_line, vcf::Progress, vcf::input::Input};

/// Most bytes of a line that are read: more than a contig's name and two positions take.
const MAX_COLUMNS: usize = 1 << 12;

/// A stretch of a contig, `start..end`, 0-based.
pub(crate) struct Region<'f> {
    pub(crate) contig: &'f Contig,
    pub(crate) start: u64,
    pub(crate) end: u64,
}

/// The regions of a BED file, in file order.
pub(crate) struct Regions {
    path: PathBuf,
    input: Input,
    text: Vec<u8>,
    n_lines: u64,
}

impl Regions {
    pub(crate) fn open(path: &Path) -> Result<Self, CorpusError> {
        let input = Input::open(path).map_err(|error| CorpusError::of(path, error))?;
        Ok(Self {
            path: path.to_owned(),
            input,
            text: Vec::new(),
            n_lines: 0,
        })
    }

    /// How much of the file has been read.
    pub(crate) fn progress(&self) -> Progress {
        self.input.progress()
    }

    /// The next region on a genome. Headers, comments and blank lines are passed over.
    pub(crate) fn next<'f>(
        &mut self,
        fasta: &'f Fasta,
    ) -> Result<Option<Result<Region<'f>, RejectedRecord>>, CorpusError> {
        loop {
            let line = read_line(&mut self.input, &mut self.text, MAX_COLUMNS)
                .map_err(|error| CorpusError::of(&self.path, error))?;
            let is_last = line.is_none_or(|line| line.terminator == 0);
            let path = || self.path.clone();
            if is_last && !self.input.is_whole() {
                return Err(CorpusError::Truncated { path: path() });
            }
            if line.is_none() {
                return match self.n_lines {
                    0 => Err(CorpusError::Empty { path: path() }),
                    _ => Ok(None),
                };
            }
            self.n_lines += 1;
            let text = String::from_utf8_lossy(&self.text);
            let first = text.split_whitespace().next().unwrap_or("#");
            if first.starts_with('#') || ["track", "browser"].contains(&first) {
                continue;
            }
            let region = parse(&text, fasta);
            return Ok(Some(region.map_err(|reason| {
                RejectedRecord::new(self.n_lines, Some(first), reason)
            })));
        }
    }
}

fn parse<'f>(text: &str, fasta: &'f Fasta) -> Result<Region<'f>, RecordFault> {
    let mut columns = text.split(['\t', ' ']).filter(|column| !column.is_empty());
    let mut column = || columns.next().ok_or(RecordFault::NotARegion);
    let (name, start, end) = (column()?, column()?, column()?);
    let position = |text: &str| text.parse::<u64>().map_err(|_| RecordFault::NotARegion);
    let (start, end) = (position(start)?, position(end)?);
    if start >= end {
        return Err(RecordFault::NotARegion);
    }
    let contig = fasta.resolve(name).ok_or(RecordFault::UnknownContig)?;
    match end <= contig.len() {
        true => Ok(Region { contig, start, end }),
        false => Err(RecordFault::PastContig),
    }
}
