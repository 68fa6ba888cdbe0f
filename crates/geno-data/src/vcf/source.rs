//! The lines of a VCF file.

use std::path::{Path, PathBuf};

use super::{MAX_COLUMNS_LEN, VcfError, error::Context, row::Place};
use crate::input::Input;

/// Reads the header of a VCF file and then its rows, one at a time.
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) input: Input,
    /// The line read last, as much of it as was asked for.
    pub(crate) text: Vec<u8>,
    n_lines: u64,
    n_records: u64,
}

impl Source {
    /// Opens a file, or the standard input for `-`.
    pub(crate) fn open(path: &Path) -> Result<Self, VcfError> {
        let input = Input::open(path).map_err(|error| Context(path).of(error))?;
        Ok(Self::new(path, input))
    }

    pub(crate) fn new(path: &Path, input: Input) -> Self {
        Self {
            path: path.to_owned(),
            input,
            text: Vec::new(),
            n_lines: 0,
            n_records: 0,
        }
    }

    /// Reads the header, up to `limit` bytes of each line, and leaves its last line in `text`.
    pub(crate) fn read_header(
        &mut self,
        limit: usize,
        mut on_meta: impl FnMut(&[u8]),
    ) -> Result<(), VcfError> {
        loop {
            let is_first = self.n_lines == 0;
            let line = self.next_line(limit)?;
            let path = || self.path.clone();
            if line.is_none() && is_first {
                return Err(VcfError::Empty { path: path() });
            }
            if is_first && self.text.starts_with(b"BCF") {
                return Err(VcfError::Bcf { path: path() });
            }
            if self.text.starts_with(b"#CHROM\tPOS\tID\tREF\tALT") {
                return Ok(());
            }
            if !self.text.starts_with(b"##") {
                return Err(VcfError::NotVcf { path: path() });
            }
            on_meta(&self.text);
        }
    }

    /// Reads up to `limit` bytes of the next row into `text`; its place and whether that is all of
    /// it, if there is one.
    pub(crate) fn next_row(&mut self, limit: usize) -> Result<Option<(Place, bool)>, VcfError> {
        loop {
            let Some(len) = self.next_line(limit)? else {
                let path = self.path.clone();
                return match self.n_records {
                    0 => Err(VcfError::NoRecords { path }),
                    _ => Ok(None),
                };
            };
            if len == 0 || self.text.starts_with(b"#") {
                continue;
            }
            let place = Place {
                line: self.n_lines,
                record: self.n_records,
            };
            self.n_records += 1;
            return Ok(Some((place, self.text.len() as u64 == len)));
        }
    }

    /// Reads a line into `text`, or says that the file ends; its length if there is one.
    fn next_line(&mut self, limit: usize) -> Result<Option<u64>, VcfError> {
        let line = self
            .input
            .read_line(&mut self.text, limit)
            .map_err(|error| Context(&self.path).of(error))?;
        self.n_lines += u64::from(line.is_some());
        Ok(line.map(|line| line.len))
    }
}

const _: () = assert!(MAX_COLUMNS_LEN > 1 << 16, "no row of sense is cut");
