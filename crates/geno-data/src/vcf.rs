//! Variants of a VCF file, one after the other.

mod error;
pub(crate) mod input;
mod reject;
#[cfg(feature = "parquet")]
pub(crate) mod rounds;
pub(crate) mod row;
#[cfg(feature = "parquet")]
mod text;
mod variant;

use std::{
    collections::VecDeque,
    io::Read,
    path::{Path, PathBuf},
};

use geno_core::Digest;

#[cfg(feature = "parquet")]
pub(crate) use self::input::raw_digest;
pub(crate) use self::reject::shorten;
use self::{error::Context, input::Input, row::Place};
pub use self::{
    error::VcfError,
    input::Progress,
    reject::{RejectReason, RejectedRow},
    row::VcfRow,
    variant::Variant,
};
use crate::lines::read_line;

/// Most bytes that the columns CHROM to ALT of one row may take, so that no file, however hostile,
/// takes more memory than this.
pub const MAX_COLUMNS_LEN: usize = 1 << 18;

/// Longest line that is read whole where INFO is needed, in bytes. gnomAD's longest lines are far
/// shorter; what is longer is a rejected row.
pub const MAX_LINE_LEN: usize = 1 << 26;

/// Reads the variants of a VCF file in file order and constant memory.
///
/// The file may be plain, gzip (of several members) or bgzip, which is told by its contents. Rows
/// with several alternate alleles are split. Rows that cannot be scored come as
/// [`VcfRow::Rejected`] among the others; an error concerns the whole file and comes last, after
/// every row before it.
///
/// # Examples
///
/// ```
/// use geno_data::{VcfReader, VcfRow};
///
/// let text = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\n20\t100\t.\tA\tC,<DEL>\n";
/// let rows = VcfReader::new(text.as_bytes())?.collect::<Result<Vec<_>, _>>()?;
///
/// let [VcfRow::Variant(variant), VcfRow::Rejected(rejected)] = &rows[..] else { panic!() };
/// assert_eq!(variant.edit().pos(), 100);
/// assert_eq!(rejected.code().as_str(), "INPUT.SYMBOLIC_ALLELE");
/// # Ok::<_, geno_data::VcfError>(())
/// ```
pub struct VcfReader {
    path: PathBuf,
    input: Input,
    text: Vec<u8>,
    n_lines: u64,
    n_records: u64,
    pending: VecDeque<VcfRow>,
    is_done: bool,
}

impl VcfReader {
    /// Opens a file, or the standard input for `-`, and reads the header.
    ///
    /// # Errors
    ///
    /// [`VcfError`] if the file cannot be read, is empty, or has no VCF header.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, VcfError> {
        let path = path.as_ref();
        let input = Input::open(path).map_err(|error| Context(path).of(error))?;
        Self::from_input(path.to_owned(), input)
    }

    /// Reads the header of a VCF that comes from anywhere; errors call it `-`.
    ///
    /// # Errors
    ///
    /// As [`VcfReader::open`].
    pub fn new(reader: impl Read + Send + 'static) -> Result<Self, VcfError> {
        let path = PathBuf::from("-");
        let input = Input::new(Box::new(reader), None);
        let input = input.map_err(|error| Context(&path).of(error))?;
        Self::from_input(path, input)
    }

    fn from_input(path: PathBuf, input: Input) -> Result<Self, VcfError> {
        let mut reader = Self {
            path,
            input,
            text: Vec::new(),
            n_lines: 0,
            n_records: 0,
            pending: VecDeque::new(),
            is_done: false,
        };
        reader.read_header()?;
        Ok(reader)
    }

    /// How much of the file has been read.
    pub fn progress(&self) -> Progress {
        self.input.progress()
    }

    /// The digest of the file as it is stored, compressed or not: of the very bytes that the rows
    /// came from. `None` until the file is read to its end.
    pub fn digest(&self) -> Option<Digest> {
        self.input.digest()
    }

    /// Skips the lines up to `#CHROM`.
    fn read_header(&mut self) -> Result<(), VcfError> {
        loop {
            let is_first = self.n_lines == 0;
            let line = self.next_line()?;
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
        }
    }

    /// Reads a line into `text`, or says that the file ends; its length if there is one.
    fn next_line(&mut self) -> Result<Option<u64>, VcfError> {
        let context = Context(&self.path);
        let line = read_line(&mut self.input, &mut self.text, MAX_COLUMNS_LEN)
            .map_err(|error| context.of(error))?;
        let is_last = line.is_none_or(|line| line.terminator == 0);
        if is_last && !self.input.is_whole() {
            return Err(context.truncated());
        }
        self.n_lines += u64::from(line.is_some());
        Ok(line.map(|line| line.len))
    }

    /// Reads rows into `pending` until there is one, or the file ends.
    fn read_rows(&mut self) -> Result<(), VcfError> {
        while self.pending.is_empty() {
            let Some(len) = self.next_line()? else {
                self.is_done = true;
                let path = self.path.clone();
                return match self.n_records {
                    0 => Err(VcfError::NoRecords { path }),
                    _ => Ok(()),
                };
            };
            if len == 0 || self.text.starts_with(b"#") {
                continue;
            }
            let place = Place {
                line: self.n_lines,
                record: self.n_records,
            };
            let is_whole = self.text.len() as u64 == len;
            row::parse(&self.text, is_whole, place, &mut self.pending);
            self.n_records += 1;
        }
        Ok(())
    }
}

impl Iterator for VcfReader {
    type Item = Result<VcfRow, VcfError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.pending.is_empty()
            && !self.is_done
            && let Err(error) = self.read_rows()
        {
            self.is_done = true;
            return Some(Err(error));
        }
        self.pending.pop_front().map(Ok)
    }
}
