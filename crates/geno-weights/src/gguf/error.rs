//! Why a GGUF file could not be read.

use geno_core::{Coded, ErrorCode};

/// Why a GGUF file could not be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GgufError {
    /// The file does not begin as one.
    #[error("file is no GGUF file")]
    Magic,
    /// Another version, or a big-endian file.
    #[error("GGUF file has version {version}, expected 2 or 3 in little-endian order")]
    Version {
        /// The version, read as little-endian.
        version: u32,
    },
    /// The file ends before something it announces.
    #[error("GGUF file of {len} bytes has no {needed} bytes at byte {at}")]
    Ends {
        /// Where they would begin.
        at: usize,
        /// How many were announced.
        needed: u64,
        /// Bytes in the file.
        len: usize,
    },
    /// A name that is too long, or no plain text.
    #[error("GGUF file has an unusable name at byte {at}")]
    Name {
        /// Where it begins.
        at: usize,
    },
    /// A kind of metadata that does not exist, or an array of arrays.
    #[error("GGUF file's `{key}` has the unknown type {kind}")]
    ValueType {
        /// The key.
        key: String,
        /// The type's number.
        kind: u32,
    },
    /// A text or a flag that is none.
    #[error("GGUF file's `{key}` is malformed")]
    Value {
        /// The key.
        key: String,
    },
    /// A key that appears twice.
    #[error("GGUF file has the key `{key}` twice")]
    DuplicateKey {
        /// The key.
        key: String,
    },
    /// A tensor that appears twice.
    #[error("GGUF file has the tensor `{name}` twice")]
    DuplicateTensor {
        /// The tensor.
        name: String,
    },
    /// An alignment that is no power of two of at least 8.
    #[error("GGUF file has an alignment of {alignment} bytes, expected a power of two from 8 on")]
    Alignment {
        /// `general.alignment`, 0 if it is no number.
        alignment: u64,
    },
    /// A shape without axes, with too many, or of more values than there are addresses.
    #[error("GGUF tensor `{name}` has an impossible shape")]
    Shape {
        /// The tensor.
        name: String,
    },
    /// A type of tensor that is not read.
    #[error("GGUF tensor `{name}` has type {kind}, expected F32, F16, BF16 or Q8_0")]
    TensorType {
        /// The tensor.
        name: String,
        /// The type's name, or its number where it has none.
        kind: String,
    },
    /// Rows that do not divide into blocks.
    #[error("GGUF tensor `{name}` has rows of {row_len} values, which are no whole blocks of 32")]
    Blocks {
        /// The tensor.
        name: String,
        /// Values of a row.
        row_len: usize,
    },
    /// A tensor that does not begin where it has to: right after the one before it, aligned.
    #[error("GGUF tensor `{name}` begins at byte {offset} of the values, expected {expected}")]
    Offset {
        /// The tensor.
        name: String,
        /// Where it begins.
        offset: u64,
        /// Where the one before it ends, aligned.
        expected: u64,
    },
    /// Values that the file is too short for.
    #[error("GGUF tensor `{name}` reaches past the end of the file")]
    PastEnd {
        /// The tensor.
        name: String,
    },
    /// More bytes behind the last tensor than alignment asks for.
    #[error("GGUF file has {extra} bytes behind its last tensor")]
    Trailing {
        /// How many.
        extra: usize,
    },
    /// Two tensors that a network knows by one name.
    #[error("GGUF file has two tensors for `{name}`")]
    Renamed {
        /// The network's name.
        name: String,
    },
    /// Rows that do not divide into heads.
    #[error("GGUF tensor `{name}` has {rows} rows, which are no whole heads of {head_dim}")]
    HeadRows {
        /// The tensor.
        name: String,
        /// Its rows.
        rows: usize,
        /// Width of a head.
        head_dim: usize,
    },
}

impl Coded for GgufError {
    fn code(&self) -> ErrorCode {
        ErrorCode::ResourceWeights
    }
}
