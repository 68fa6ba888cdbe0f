//! A VCF written again, with more in its INFO column.

use std::path::Path;

use geno_core::{Coded, Digest, ErrorCode};

use super::{
    VcfError,
    header::VcfHeader,
    info::{InfoKey, write_info},
    raw::{MAX_ROW_LEN, RawRow, RawVcfRow},
    source::Source,
    writer::{VcfIndex, VcfWriter, WriteVcfError},
};
use crate::input::Progress;

/// Columns before INFO.
const N_BEFORE_INFO: usize = 7;

/// Reads a VCF row by row and writes each again with values for some keys of its INFO column.
///
/// Everything else stays as it is, but for line breaks, which become `\n`, and columns up to INFO
/// that a row does without, which become `.`. Values that the file already had for one of the keys
/// are replaced. Memory is that of one row, of at most [`MAX_ROW_LEN`] bytes.
///
/// # Examples
///
/// ```
/// use geno_data::{AnnotateVcf, InfoKey, InfoKind, RawVcfRow, VcfIndex};
///
/// # let directory = tempfile::tempdir()?;
/// # let (input, output) = (directory.path().join("a.vcf"), directory.path().join("b.vcf"));
/// # std::fs::write(&input, "#CHROM\tPOS\tID\tREF\tALT\n20\t7\t.\tA\tC,*\n")?;
/// let length = InfoKey {
///     id: "LEN",
///     kind: InfoKind::Integer,
///     description: "Length of the allele",
/// };
/// let mut vcf = AnnotateVcf::create(&input, &output, &[length])?;
/// while let Some(row) = vcf.next_row()? {
///     let RawVcfRow::Row(row) = row else { continue };
///     let lengths = row.alternates().map(|alternate| match alternate {
///         "*" => None,
///         bases => Some(bases.len().to_string()),
///     });
///     let values = [lengths.collect()];
///     vcf.write(&values)?;
/// }
/// vcf.finish()?;
///
/// let text = std::fs::read_to_string(&output)?;
/// assert!(text.ends_with("20\t7\t.\tA\tC,*\t.\t.\tLEN=1,.\n"));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct AnnotateVcf<'a> {
    source: Source,
    writer: VcfWriter,
    keys: Vec<InfoKey<'a>>,
    out: Vec<u8>,
}

/// Why a VCF could not be annotated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnnotateVcfError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] VcfError),
    /// The result cannot be written.
    #[error(transparent)]
    Write(#[from] WriteVcfError),
}

impl Coded for AnnotateVcfError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Read(source) => source.code(),
            Self::Write(source) => source.code(),
        }
    }
}

impl<'a> AnnotateVcf<'a> {
    /// Opens a VCF (`-` for standard input) and begins another with its header, in which the keys
    /// are declared. The output is compressed and indexed as by [`VcfWriter`].
    ///
    /// # Errors
    ///
    /// [`AnnotateVcfError`].
    pub fn create(
        input: &Path,
        output: &Path,
        keys: &[InfoKey<'a>],
    ) -> Result<Self, AnnotateVcfError> {
        let mut source = Source::open(input)?;
        let mut meta = Vec::new();
        source.read_header(MAX_ROW_LEN, |line| meta.push(line.to_vec()))?;
        let mut header = VcfHeader::from_lines(meta, source.text.clone());
        for key in keys {
            header.declare(key);
        }
        Ok(Self {
            source,
            writer: VcfWriter::create(output, &header)?,
            keys: keys.to_vec(),
            out: Vec::new(),
        })
    }

    /// Reads the next row, or says that there is none left.
    ///
    /// # Errors
    ///
    /// [`AnnotateVcfError::Read`].
    pub fn next_row(&mut self) -> Result<Option<RawVcfRow<'_>>, AnnotateVcfError> {
        let row = self.source.next_row(MAX_ROW_LEN)?;
        Ok(row.map(|(place, is_whole)| RawRow::read(&self.source.text, is_whole, place)))
    }

    /// Writes the row that was read last with the values of each key, one for each of its
    /// alternate alleles. A key without any value for the row is left out of it.
    ///
    /// # Errors
    ///
    /// [`AnnotateVcfError::Write`], also if the last row was a rejected one.
    pub fn write(&mut self, values: &[Vec<Option<String>>]) -> Result<(), AnnotateVcfError> {
        self.out.clear();
        let mut columns = self
            .source
            .text
            .splitn(N_BEFORE_INFO + 2, |&byte| byte == b'\t');
        for _ in 0..N_BEFORE_INFO {
            self.out.extend_from_slice(columns.next().unwrap_or(b"."));
            self.out.push(b'\t');
        }
        let info = columns.next().unwrap_or_default();
        write_info(&mut self.out, info, &self.keys, values);
        if let Some(samples) = columns.next() {
            self.out.push(b'\t');
            self.out.extend_from_slice(samples);
        }
        Ok(self.writer.write_row(&self.out)?)
    }

    /// How much of the input has been read.
    pub fn progress(&self) -> Progress {
        self.source.input.progress()
    }

    /// The digest of the input as it is stored, once it was read to its end.
    pub fn digest(&self) -> Option<Digest> {
        self.source.input.digest()
    }

    /// Gives the output and its index their names.
    ///
    /// # Errors
    ///
    /// [`AnnotateVcfError::Write`].
    pub fn finish(self) -> Result<VcfIndex, AnnotateVcfError> {
        Ok(self.writer.finish()?)
    }
}
