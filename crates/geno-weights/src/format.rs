//! How the values of a stored tensor are laid out.

use std::fmt;

use half::{bf16, f16};
use safetensors::Dtype;

use crate::WeightDtype;

/// Values that share a scale in [`WeightFormat::Q8_0`].
pub(crate) const BLOCK: usize = 32;
/// Bytes of such a block: an `f16` scale and 32 `i8`.
const BLOCK_BYTES: usize = 34;

/// How the values of a stored tensor are laid out: one of the dtypes, or blocks of a GGUF file.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum WeightFormat {
    /// IEEE 754 binary32.
    F32,
    /// Binary32 cut to its upper 16 bits.
    Bf16,
    /// IEEE 754 binary16.
    F16,
    /// Blocks of 32 values of a row: `v[i] = scale · q[i]`, the scale an `f16`, each `q` an `i8`.
    Q8_0,
}

impl WeightFormat {
    /// Bytes of a row of `len` values, if such a row can be stored.
    ///
    /// ```
    /// use geno_weights::WeightFormat;
    ///
    /// assert_eq!(WeightFormat::Bf16.row_bytes(33), Some(66));
    /// assert_eq!(WeightFormat::Q8_0.row_bytes(64), Some(68));
    /// assert_eq!(WeightFormat::Q8_0.row_bytes(33), None);
    /// ```
    pub fn row_bytes(self, len: usize) -> Option<usize> {
        match self.dtype() {
            Some(dtype) => len.checked_mul(dtype.size()),
            None if len.is_multiple_of(BLOCK) => (len / BLOCK).checked_mul(BLOCK_BYTES),
            None => None,
        }
    }

    /// The dtype of single values, if they stand alone.
    pub fn dtype(self) -> Option<WeightDtype> {
        match self {
            Self::F32 => Some(WeightDtype::F32),
            Self::Bf16 => Some(WeightDtype::Bf16),
            Self::F16 => Some(WeightDtype::F16),
            Self::Q8_0 => None,
        }
    }

    pub(crate) fn from_header(dtype: Dtype) -> Option<Self> {
        match dtype {
            Dtype::F32 => Some(Self::F32),
            Dtype::BF16 => Some(Self::Bf16),
            Dtype::F16 => Some(Self::F16),
            _ => None,
        }
    }

    /// Widens whole rows. Exact for the three dtypes; a value of a block is its product rounded to
    /// `f32`.
    pub(crate) fn decode(self, bytes: &[u8], out: &mut [f32]) {
        let (pairs, _) = bytes.as_chunks::<2>();
        match self {
            Self::F32 => {
                let (quads, _) = bytes.as_chunks::<4>();
                for (out, quad) in out.iter_mut().zip(quads) {
                    *out = f32::from_le_bytes(*quad);
                }
            }
            Self::Bf16 => {
                for (out, pair) in out.iter_mut().zip(pairs) {
                    *out = bf16::from_le_bytes(*pair).to_f32();
                }
            }
            Self::F16 => {
                for (out, pair) in out.iter_mut().zip(pairs) {
                    *out = f16::from_le_bytes(*pair).to_f32();
                }
            }
            Self::Q8_0 => {
                let (blocks, _) = bytes.as_chunks::<BLOCK_BYTES>();
                for (out, block) in out.chunks_exact_mut(BLOCK).zip(blocks) {
                    let (scale, quants) = split(block);
                    for (out, quant) in out.iter_mut().zip(quants) {
                        *out = scale.to_f32() * f32::from(*quant as i8);
                    }
                }
            }
        }
    }

    /// How many values of whole rows are NaN or infinite, without widening them.
    pub(crate) fn non_finite(self, bytes: &[u8]) -> usize {
        let (pairs, _) = bytes.as_chunks::<2>();
        match self {
            Self::F32 => {
                let (quads, _) = bytes.as_chunks::<4>();
                let finite = |quad: &&[u8; 4]| !f32::from_le_bytes(**quad).is_finite();
                quads.iter().filter(finite).count()
            }
            Self::Bf16 => count(pairs, 0x7f80),
            Self::F16 => count(pairs, 0x7c00),
            Self::Q8_0 => {
                let (blocks, _) = bytes.as_chunks::<BLOCK_BYTES>();
                let lost = blocks
                    .iter()
                    .filter(|block| !split(block).0.is_finite())
                    .count();
                lost * BLOCK
            }
        }
    }
}

/// Values whose exponent has no bit clear.
fn count(pairs: &[[u8; 2]], exponent: u16) -> usize {
    let lost = |pair: &&[u8; 2]| u16::from_le_bytes(**pair) & exponent == exponent;
    pairs.iter().filter(lost).count()
}

fn split(block: &[u8; BLOCK_BYTES]) -> (f16, &[u8]) {
    (f16::from_le_bytes([block[0], block[1]]), &block[2..])
}

impl From<WeightDtype> for WeightFormat {
    fn from(dtype: WeightDtype) -> Self {
        match dtype {
            WeightDtype::F32 => Self::F32,
            WeightDtype::Bf16 => Self::Bf16,
            WeightDtype::F16 => Self::F16,
        }
    }
}

impl fmt::Display for WeightFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::F32 => "F32",
            Self::Bf16 => "BF16",
            Self::F16 => "F16",
            Self::Q8_0 => "Q8_0",
        })
    }
}
