//! GGUF files, versions 2 and 3, little-endian.

mod cursor;
mod error;
mod parse;
mod tensor_type;
mod value;

use std::{borrow::Cow, collections::BTreeMap, fmt, ops::Range};

pub use self::{error::GgufError, value::GgufValue};
use crate::WeightFormat;

/// The first bytes of a GGUF file. No safetensors file begins so: its header would be too long.
pub const GGUF_MAGIC: &[u8; 4] = b"GGUF";

/// A GGUF file whose header was checked against its bytes.
///
/// Metadata keeps numbers, flags and texts; of an array, its length alone, since nothing that is
/// read here is one. Shapes are turned round, so that the first axis names the rows.
///
/// # Examples
///
/// ```
/// use geno_weights::{GgufError, GgufFile};
///
/// let big_endian = [&b"GGUF"[..], &3u32.to_be_bytes(), &[0; 16]].concat();
/// let error = GgufFile::parse(big_endian).unwrap_err();
/// assert!(matches!(error, GgufError::Version { version: 50_331_648 }));
/// ```
#[derive(Clone)]
pub struct GgufFile<'a> {
    pub(crate) bytes: Cow<'a, [u8]>,
    pub(crate) metadata: BTreeMap<String, GgufValue>,
    pub(crate) tensors: Vec<GgufTensor>,
}

/// One tensor: its name, its shape with rows first, and where its bytes are in the file.
#[derive(Clone, Debug)]
pub(crate) struct GgufTensor {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) format: WeightFormat,
    pub(crate) bytes: Range<usize>,
}

impl<'a> GgufFile<'a> {
    /// Reads and checks the header of a file.
    ///
    /// # Errors
    ///
    /// [`GgufError`] for a file of another kind or version, for counts, lengths and offsets that
    /// the file cannot hold, for names that appear twice, tensors that overlap or leave gaps, and
    /// for a type of tensor other than `F32`, `F16`, `BF16` and `Q8_0`.
    pub fn parse(bytes: impl Into<Cow<'a, [u8]>>) -> Result<Self, GgufError> {
        let bytes = bytes.into();
        let (metadata, tensors) = parse::parse(&bytes)?;
        Ok(Self {
            bytes,
            metadata,
            tensors,
        })
    }

    /// The metadata by key.
    pub fn metadata(&self) -> &BTreeMap<String, GgufValue> {
        &self.metadata
    }

    /// The tensors' names, in the order of the file.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.iter().map(|tensor| tensor.name.as_str())
    }

    /// The shape of a tensor, rows first.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        let tensor = self.tensors.iter().find(|tensor| tensor.name == name)?;
        Some(&tensor.shape)
    }
}

impl fmt::Debug for GgufFile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GgufFile")
            .field("metadata", &self.metadata.len())
            .field("tensors", &self.tensors.len())
            .finish_non_exhaustive()
    }
}
