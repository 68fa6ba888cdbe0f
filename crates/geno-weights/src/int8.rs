//! Matrices of whole numbers with a scale for each row.

use crate::WeightError;

/// What follows the name of a matrix of whole numbers in the name of its scales.
const SCALE_SUFFIX: &str = "_scale";

/// A matrix of whole numbers where it lies in its file: `w[i, j] = scale[i] · q[i, j]`.
///
/// Two tensors hold it: `NAME` as `I8` of shape `[n_rows, row_len]`, and `NAME_scale` of shape
/// `[n_rows, 1]`. Every scale is finite and above 0.
///
/// # Source
///
/// The format `int-quantized` of compressed-tensors with symmetric whole numbers and a scale for
/// each output channel, which vLLM and transformers read.
///
/// # Examples
///
/// ```
/// use std::collections::BTreeMap;
/// use geno_weights::{TensorDtype, TensorSpec, WeightDtype, WeightFile, WeightLayout, scale_name};
///
/// let spec = |name: &str, shape: [usize; 2], dtype| TensorSpec {
///     name: name.to_owned(),
///     shape: shape.to_vec(),
///     dtype,
/// };
/// let tensors = vec![
///     spec("w", [1, 3], TensorDtype::I8),
///     spec(&scale_name("w"), [1, 1], WeightDtype::F32.into()),
/// ];
/// let mut bytes = WeightLayout::new(tensors, &BTreeMap::new())?.header().to_vec();
/// bytes.extend(0.5f32.to_le_bytes());
/// bytes.extend([1, 0xFF, 127]);
///
/// let mut file = WeightFile::parse(bytes)?;
/// let matrix = file.take_int8("w", [1, 3])?;
/// let mut row = [0; 3];
/// assert_eq!((matrix.read_row(0, &mut row), row), (0.5, [1, -1, 127]));
/// file.finish()?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Int8Matrix<'a> {
    row_len: usize,
    bytes: &'a [u8],
    scales: Vec<f32>,
}

impl<'a> Int8Matrix<'a> {
    /// Joins whole numbers and their scales, whose shapes are known to fit.
    pub(crate) fn new(name: &str, bytes: &'a [u8], scales: Vec<f32>) -> Result<Self, WeightError> {
        let is_scale = |scale: &f32| scale.is_finite() && *scale > 0.0;
        match scales.iter().position(|scale| !is_scale(scale)) {
            Some(row) => Err(WeightError::Scale {
                name: name.into(),
                row,
                scale: scales[row],
            }),
            None => Ok(Self {
                row_len: bytes.len().checked_div(scales.len()).unwrap_or(0),
                bytes,
                scales,
            }),
        }
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.scales.len()
    }

    /// Whole numbers of a row.
    pub fn row_len(&self) -> usize {
        self.row_len
    }

    /// Copies the whole numbers of row `i` and returns their scale.
    ///
    /// # Panics
    ///
    /// If there is no such row, or `out` is not as long as one.
    pub fn read_row(&self, i: usize, out: &mut [i8]) -> f32 {
        let scale = self.scales[i];
        let row = &self.bytes[i * self.row_len..][..self.row_len];
        assert_eq!(out.len(), row.len(), "a row of another length");
        for (out, byte) in out.iter_mut().zip(row) {
            *out = byte.cast_signed();
        }
        scale
    }

    /// The part of the file that the whole numbers lie in.
    pub fn extent(&self) -> &'a [u8] {
        self.bytes
    }
}

/// The name of the scales of a matrix of whole numbers.
pub fn scale_name(name: &str) -> String {
    format!("{name}{SCALE_SUFFIX}")
}
