//! Variants of a VCF file, one after the other.

mod annotate;
mod error;
mod header;
mod info;
mod raw;
mod reject;
#[cfg(feature = "parquet")]
pub(crate) mod rounds;
pub(crate) mod row;
pub(crate) mod source;
mod stated_context;
#[cfg(feature = "parquet")]
mod text;
mod variant;
mod writer;

use std::{collections::VecDeque, io::Read, path::Path};

use geno_core::Digest;

pub(crate) use self::reject::shorten;
#[cfg(feature = "parquet")]
pub(crate) use self::text::raw_digest;
pub use self::{
    annotate::{AnnotateVcf, AnnotateVcfError},
    error::VcfError,
    header::VcfHeader,
    info::{InfoKey, InfoKind},
    raw::{MAX_ROW_LEN, RawRow, RawVcfRow},
    reject::{RejectReason, RejectedRow},
    row::VcfRow,
    stated_context::StatedContext,
    variant::Variant,
    writer::{VcfIndex, VcfWriter, WriteVcfError},
};
use self::{error::Context, source::Source, stated_context::ContextKeys};
use crate::input::Input;
pub use crate::input::Progress;

/// Most bytes that the columns CHROM to ALT of one row may take, so that no file, however hostile,
/// takes more memory than this.
pub const MAX_COLUMNS_LEN: usize = 1 << 18;

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
    source: Source,
    pending: VecDeque<VcfRow>,
    is_done: bool,
    /// Where rows state what surrounds them, if that is read.
    context: Option<ContextKeys>,
}

impl VcfReader {
    /// Opens a file, or the standard input for `-`, and reads the header.
    ///
    /// # Errors
    ///
    /// [`VcfError`] if the file cannot be read, is empty, or has no VCF header.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, VcfError> {
        Self::from_source(Source::open(path.as_ref())?)
    }

    /// Opens a file whose rows state the surroundings of their variants, see [`Variant::context`]: under the keys
    /// `GENO_LEWM_REGION` and `GENO_LEWM_REPEAT`, which [`annotate_vcf`](crate::annotate_vcf) writes, `CSQ` of
    /// Ensembl's VEP or `ANN` of SnpEff. A row is then read to its end, if that comes within [`MAX_ROW_LEN`]
    /// bytes.
    ///
    /// # Errors
    ///
    /// As [`VcfReader::open`], and [`VcfError::NoContext`] if the header declares none of these.
    pub fn open_with_context(path: impl AsRef<Path>) -> Result<Self, VcfError> {
        let mut source = Source::open(path.as_ref())?;
        let mut keys = ContextKeys::default();
        source.read_header(MAX_COLUMNS_LEN, |line| keys.declare(line))?;
        if !keys.is_any() {
            let path = path.as_ref().to_owned();
            return Err(VcfError::NoContext { path });
        }
        Ok(Self::behind_header(source, Some(keys)))
    }

    /// Reads the header of a VCF that comes from anywhere; errors call it `-`.
    ///
    /// # Errors
    ///
    /// As [`VcfReader::open`].
    pub fn new(reader: impl Read + Send + 'static) -> Result<Self, VcfError> {
        let path = Path::new("-");
        let input = Input::new(Box::new(reader), None);
        let input = input.map_err(|error| Context(path).of(error))?;
        Self::from_source(Source::new(path, input))
    }

    fn from_source(mut source: Source) -> Result<Self, VcfError> {
        source.read_header(MAX_COLUMNS_LEN, |_| {})?;
        Ok(Self::behind_header(source, None))
    }

    fn behind_header(source: Source, context: Option<ContextKeys>) -> Self {
        Self {
            source,
            pending: VecDeque::new(),
            is_done: false,
            context,
        }
    }

    /// How much of the file has been read.
    pub fn progress(&self) -> Progress {
        self.source.input.progress()
    }

    /// The digest of the file as it is stored, compressed or not: of the very bytes that the rows
    /// came from. `None` until the file is read to its end.
    pub fn digest(&self) -> Option<Digest> {
        self.source.input.digest()
    }

    /// Reads a row into `pending`, or notes that the file ends.
    fn read_row(&mut self) -> Result<(), VcfError> {
        let keys = self.context.as_ref();
        let limit = keys.map_or(MAX_COLUMNS_LEN, |_| MAX_ROW_LEN);
        match self.source.next_row(limit)? {
            Some((place, is_whole)) => {
                let text = &self.source.text;
                row::parse_with_context(text, is_whole, place, keys, &mut self.pending);
            }
            None => self.is_done = true,
        }
        Ok(())
    }
}

impl Iterator for VcfReader {
    type Item = Result<VcfRow, VcfError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.pending.is_empty()
            && !self.is_done
            && let Err(error) = self.read_row()
        {
            self.is_done = true;
            return Some(Err(error));
        }
        self.pending.pop_front().map(Ok)
    }
}
