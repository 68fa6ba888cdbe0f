//! Regions of a genome from a BED file.

use std::{
    ops::Range,
    path::{Path, PathBuf},
};

use super::{
    error::CorpusError,
    record::{RecordFault, RejectedRecord},
};
use crate::{
    Contig, Fasta, bed,
    input::{Input, Progress},
};

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
            let line = self
                .input
                .read_line(&mut self.text, MAX_COLUMNS)
                .map_err(|error| CorpusError::of(&self.path, error))?;
            if line.is_none() {
                let path = self.path.clone();
                return match self.n_lines {
                    0 => Err(CorpusError::Empty { path }),
                    _ => Ok(None),
                };
            }
            self.n_lines += 1;
            let text = String::from_utf8_lossy(&self.text);
            match parse(&text, fasta) {
                Ok(None) => continue,
                Ok(Some(region)) => return Ok(Some(Ok(region))),
                Err(reason) => {
                    let name = text.split_whitespace().next();
                    let rejected = RejectedRecord::new(self.n_lines, name, reason);
                    return Ok(Some(Err(rejected)));
                }
            }
        }
    }
}

/// The region of a line; none of a header, a comment or a blank line.
fn parse<'f>(text: &str, fasta: &'f Fasta) -> Result<Option<Region<'f>>, RecordFault> {
    let interval = bed::interval(text).map_err(|_| RecordFault::NotARegion)?;
    let Some((name, Range { start, end })) = interval else {
        return Ok(None);
    };
    let contig = fasta.resolve(name).ok_or(RecordFault::UnknownContig)?;
    match end <= contig.len() {
        true => Ok(Some(Region { contig, start, end })),
        false => Err(RecordFault::PastContig),
    }
}
