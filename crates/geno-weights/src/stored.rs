//! The values of a tensor where they lie in their file.

use std::ops::Range;

use crate::WeightFormat;

/// Which stored row is row `i` of a tensor.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum RowOrder {
    /// Row `i`.
    #[default]
    AsStored,
    /// The rows of a head are stored with the two halves of its rotary pairs side by side.
    ///
    /// Row `h · d + s · d/2 + i` of the tensor, with `d` the width of a head and `s` its half, is
    /// stored as row `h · d + 2 i + s`. So llama.cpp keeps query and key weights.
    Interleaved {
        /// Width of a head, even.
        head_dim: usize,
    },
}

impl RowOrder {
    fn stored_row(self, row: usize) -> usize {
        match self {
            Self::AsStored => row,
            Self::Interleaved { head_dim } => {
                let (head, within) = (row / head_dim, row % head_dim);
                let (half, pair) = (within / (head_dim / 2), within % (head_dim / 2));
                head * head_dim + 2 * pair + half
            }
        }
    }
}

/// Some rows of a tensor where they lie in their file: nothing is copied or widened before it is
/// asked for.
///
/// A row is what one index of the first axis names; a tensor of one axis is one row.
///
/// # Examples
///
/// ```
/// use geno_weights::{NewTensor, WeightDtype, WeightFile, WeightFormat, write_weights};
///
/// let table = NewTensor::new("t", [2, 3], vec![1., 2., 3., 4., 5., 6.], WeightDtype::Bf16);
/// let bytes = write_weights(&[table])?;
/// let mut file = WeightFile::parse(&bytes)?;
///
/// let tensor = file.take("t", &[2, 3])?;
/// assert_eq!((tensor.format(), tensor.n_rows()), (WeightFormat::Bf16, 2));
/// let mut row = [0.0; 3];
/// tensor.read_row(1, &mut row);
/// assert_eq!(row, [4.0, 5.0, 6.0]);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct StoredTensor<'a> {
    format: WeightFormat,
    row_len: usize,
    rows: Range<usize>,
    order: RowOrder,
    /// All rows of the tensor, `rows` or not.
    bytes: &'a [u8],
}

impl<'a> StoredTensor<'a> {
    /// All rows of a tensor whose bytes fill its shape.
    pub(crate) fn new(
        format: WeightFormat,
        shape: &[usize],
        order: RowOrder,
        bytes: &'a [u8],
    ) -> Self {
        let (n_rows, row) = match shape {
            [n_rows, row @ ..] if !row.is_empty() => (*n_rows, row),
            row => (1, row),
        };
        // Where there are no rows, what one would hold may be any number.
        let row_len = row.iter().try_fold(1, |n: usize, &d| n.checked_mul(d));
        let row_len = row_len.unwrap_or(0);
        Self {
            format,
            row_len,
            rows: 0..n_rows,
            order,
            bytes,
        }
    }

    /// Some of the rows.
    ///
    /// # Panics
    ///
    /// If there are not as many.
    pub fn rows(mut self, rows: Range<usize>) -> Self {
        assert!(rows.start <= rows.end && rows.end <= self.n_rows());
        self.rows = self.rows.start + rows.start..self.rows.start + rows.end;
        self
    }

    /// How the values are laid out.
    pub fn format(&self) -> WeightFormat {
        self.format
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.rows.len()
    }

    /// Values of a row.
    pub fn row_len(&self) -> usize {
        self.row_len
    }

    /// The bytes of row `i`.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn row(&self, i: usize) -> &'a [u8] {
        assert!(i < self.n_rows(), "{} rows", self.n_rows());
        let width = self.row_width();
        let at = self.order.stored_row(self.rows.start + i) * width;
        &self.bytes[at..at + width]
    }

    /// The bytes of all rows, if they lie in order.
    pub fn bytes(&self) -> Option<&'a [u8]> {
        let width = self.row_width();
        let bytes = &self.bytes[self.rows.start * width..self.rows.end * width];
        (self.order == RowOrder::AsStored).then_some(bytes)
    }

    /// The part of the file that the rows lie in, in whatever order.
    pub fn extent(&self) -> &'a [u8] {
        self.bytes().unwrap_or(self.bytes)
    }

    /// Widens row `i`: exact for the three dtypes, rounded once for blocks.
    ///
    /// # Panics
    ///
    /// If there is no such row, or `out` is not as long as one.
    pub fn read_row(&self, i: usize, out: &mut [f32]) {
        assert_eq!(out.len(), self.row_len);
        self.format.decode(self.row(i), out);
    }

    /// Widens all rows, in row-major order.
    pub fn to_f32(&self) -> Vec<f32> {
        let mut values = vec![0.0; self.n_rows() * self.row_len];
        match self.bytes() {
            Some(bytes) => self.format.decode(bytes, &mut values),
            None if self.row_len == 0 => {}
            None => {
                for (i, row) in values.chunks_exact_mut(self.row_len).enumerate() {
                    self.read_row(i, row);
                }
            }
        }
        values
    }

    /// How many values are NaN or infinite. Nothing is widened or copied.
    pub fn non_finite(&self) -> usize {
        match self.bytes() {
            Some(bytes) => self.format.non_finite(bytes),
            None => (0..self.n_rows())
                .map(|i| self.format.non_finite(self.row(i)))
                .sum(),
        }
    }

    fn row_width(&self) -> usize {
        self.format.row_bytes(self.row_len).unwrap_or(0)
    }
}
