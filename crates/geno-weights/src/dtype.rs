//! The number formats a weight may be stored in.

use std::fmt;

use half::{bf16, f16};
use safetensors::Dtype;

/// How the values of a tensor are stored.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum WeightDtype {
    /// IEEE 754 binary32.
    F32,
    /// Binary32 cut to its upper 16 bits.
    Bf16,
    /// IEEE 754 binary16.
    F16,
}

impl WeightDtype {
    /// Bytes a value takes.
    pub fn size(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::Bf16 | Self::F16 => 2,
        }
    }

    /// The nearest value of this format, ties to even, infinite beyond its range.
    pub fn round(self, value: f32) -> f32 {
        match self {
            Self::F32 => value,
            Self::Bf16 => bf16::from_f32(value).to_f32(),
            Self::F16 => f16::from_f32(value).to_f32(),
        }
    }

    pub(crate) fn to_header(self) -> Dtype {
        match self {
            Self::F32 => Dtype::F32,
            Self::Bf16 => Dtype::BF16,
            Self::F16 => Dtype::F16,
        }
    }

    /// Widens little-endian values; exact for all three formats.
    pub(crate) fn decode(self, bytes: &[u8]) -> Vec<f32> {
        let (pairs, _) = bytes.as_chunks::<2>();
        let (quads, _) = bytes.as_chunks::<4>();
        match self {
            Self::F32 => quads.iter().map(|b| f32::from_le_bytes(*b)).collect(),
            Self::Bf16 => pairs
                .iter()
                .map(|b| bf16::from_le_bytes(*b).to_f32())
                .collect(),
            Self::F16 => pairs
                .iter()
                .map(|b| f16::from_le_bytes(*b).to_f32())
                .collect(),
        }
    }

    /// Rounds to nearest, ties to even; a value beyond the format's range becomes infinite.
    pub(crate) fn encode(self, values: &[f32]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(values.len() * self.size());
        self.encode_into(values, &mut bytes);
        bytes
    }

    /// Appends values, rounded to nearest, ties to even. A value beyond the format's range becomes
    /// infinite.
    pub fn encode_into(self, values: &[f32], bytes: &mut Vec<u8>) {
        match self {
            Self::F32 => bytes.extend(values.iter().flat_map(|v| v.to_le_bytes())),
            Self::Bf16 => {
                bytes.extend(values.iter().flat_map(|&v| bf16::from_f32(v).to_le_bytes()));
            }
            Self::F16 => bytes.extend(values.iter().flat_map(|&v| f16::from_f32(v).to_le_bytes())),
        }
    }
}

/// The format of a tensor in a safetensors file.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum TensorDtype {
    /// Weights that stand alone.
    Weights(WeightDtype),
    /// Whole numbers of 8 bits, which mean nothing without their scales.
    I8,
}

impl TensorDtype {
    /// Bytes a value takes.
    pub fn size(self) -> usize {
        match self {
            Self::Weights(dtype) => dtype.size(),
            Self::I8 => 1,
        }
    }
}

impl From<WeightDtype> for TensorDtype {
    fn from(dtype: WeightDtype) -> Self {
        Self::Weights(dtype)
    }
}

impl fmt::Display for TensorDtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Weights(dtype) => dtype.fmt(f),
            Self::I8 => Dtype::I8.fmt(f),
        }
    }
}

/// The format that weights which stand alone are rounded to. Those of
/// [`Int8`](geno_core::Dtype::Int8) are embeddings and norms, in `BF16`.
impl From<geno_core::Dtype> for WeightDtype {
    fn from(dtype: geno_core::Dtype) -> Self {
        match dtype {
            geno_core::Dtype::F32 => Self::F32,
            geno_core::Dtype::Bf16 | geno_core::Dtype::Int8 => Self::Bf16,
            geno_core::Dtype::F16 => Self::F16,
        }
    }
}

impl fmt::Display for WeightDtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_header().fmt(f)
    }
}
