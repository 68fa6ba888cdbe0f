//! NumPy's `.npy` files: strict reading, and what stands before values that are written.

mod header;

use geno_core::{Coded, ErrorCode};

use self::header::Header;

/// Most bytes of a header: what NumPy itself reads without being told to trust a file.
const MAX_HEADER_LEN: usize = 10_000;

const MAGIC: &[u8] = b"\x93NUMPY";

/// An array of a `.npy` file.
#[derive(Clone, Debug, PartialEq)]
pub struct NpyArray {
    /// Lengths of its axes; none for a single value.
    pub shape: Vec<usize>,
    /// Its values, the last axis fastest; `f32` widened.
    pub values: Vec<f64>,
}

/// Why bytes are no array that can be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NpyError {
    /// It does not begin as a `.npy` file does.
    #[error("not a .npy file")]
    NotNpy,
    /// A version of the format that is not read.
    #[error("version {major}.{minor} of the .npy format, 1.0 and 2.0 are read")]
    Version {
        /// The first number.
        major: u8,
        /// The second.
        minor: u8,
    },
    /// The file ends before its header does.
    #[error("file ends in its header")]
    HeaderCutOff,
    /// The header is longer than any of plain numbers.
    #[error("header of {len} bytes, at most {MAX_HEADER_LEN} are read")]
    HeaderTooLong {
        /// Bytes of the header.
        len: usize,
    },
    /// The header is no dictionary of `descr`, `fortran_order` and `shape`.
    #[error("header is no dictionary of `descr`, `fortran_order` and `shape`")]
    Header,
    /// The values are of another kind than little-endian `f32` and `f64`. Python objects, which would
    /// have to be unpickled, are among these.
    #[error("values are not little-endian f32 or f64 (`<f4`, `<f8`)")]
    Dtype,
    /// The first axis is fastest.
    #[error("array is in Fortran order")]
    FortranOrder,
    /// The file has more or fewer bytes of values than its shape says.
    #[error("{actual} bytes of values, the shape says {expected}")]
    WrongLength {
        /// Bytes of the shape's values; the largest number where there are more.
        expected: usize,
        /// Bytes behind the header.
        actual: usize,
    },
}

impl Coded for NpyError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl NpyArray {
    /// Bytes of a header that is written, whatever the shape: NumPy wants a multiple of 64.
    pub const HEADER_LEN: usize = 128;

    /// What stands before rows of little-endian `f32` in a file of version 1.0.
    pub fn header([n_rows, width]: [usize; 2]) -> [u8; Self::HEADER_LEN] {
        let shape = format!("({n_rows}, {width})");
        let text = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}");
        let mut header = [b' '; Self::HEADER_LEN];
        header[..6].copy_from_slice(MAGIC);
        header[6..8].copy_from_slice(&[1, 0]);
        header[8..10].copy_from_slice(&(Self::HEADER_LEN as u16 - 10).to_le_bytes());
        header[10..10 + text.len()].copy_from_slice(text.as_bytes());
        header[Self::HEADER_LEN - 1] = b'\n';
        header
    }

    /// Reads a file of version 1.0 or 2.0 with little-endian `f32` or `f64` in C order.
    ///
    /// Nothing is evaluated, and nothing is allocated for a shape before its bytes were seen.
    ///
    /// # Errors
    ///
    /// [`NpyError`] for anything else.
    ///
    /// # Source
    ///
    /// NumPy Enhancement Proposal 1, *A simple file format for NumPy arrays*.
    ///
    /// # Examples
    ///
    /// ```
    /// use geno_weights::{NpyArray, NpyError};
    ///
    /// let mut bytes = NpyArray::header([1, 2]).to_vec();
    /// bytes.extend([1.0f32, -0.5].map(f32::to_le_bytes).concat());
    ///
    /// let array = NpyArray::parse(&bytes)?;
    /// assert_eq!((array.shape, array.values), (vec![1, 2], vec![1.0, -0.5]));
    /// let (expected, actual) = (8, 7);
    /// let cut_off = NpyArray::parse(&bytes[..bytes.len() - 1]);
    /// assert_eq!(cut_off, Err(NpyError::WrongLength { expected, actual }));
    /// # Ok::<_, NpyError>(())
    /// ```
    pub fn parse(bytes: &[u8]) -> Result<Self, NpyError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(NpyError::NotNpy)?;
        let (version, rest) = rest.split_first_chunk().ok_or(NpyError::HeaderCutOff)?;
        let (len, rest) = match *version {
            [1, 0] => {
                let (len, rest) = rest.split_first_chunk().ok_or(NpyError::HeaderCutOff)?;
                (usize::from(u16::from_le_bytes(*len)), rest)
            }
            [2, 0] => {
                let (len, rest) = rest.split_first_chunk().ok_or(NpyError::HeaderCutOff)?;
                let len = usize::try_from(u32::from_le_bytes(*len));
                (len.unwrap_or(usize::MAX), rest)
            }
            [major, minor] => return Err(NpyError::Version { major, minor }),
        };
        if len > MAX_HEADER_LEN {
            return Err(NpyError::HeaderTooLong { len });
        }
        let (header, values) = rest.split_at_checked(len).ok_or(NpyError::HeaderCutOff)?;
        let Header { wide, shape } = Header::parse(header)?;
        let size = if wide { 8 } else { 4 };
        let n = shape.iter().try_fold(1usize, |n, &len| n.checked_mul(len));
        let expected = n.and_then(|n| n.checked_mul(size)).unwrap_or(usize::MAX);
        if values.len() != expected {
            let actual = values.len();
            return Err(NpyError::WrongLength { expected, actual });
        }
        let (narrow, rest) = values.as_chunks::<4>();
        debug_assert!(rest.is_empty(), "whole values");
        let values = match wide {
            true => {
                let (wide, _) = values.as_chunks::<8>();
                wide.iter()
                    .map(|bytes| f64::from_le_bytes(*bytes))
                    .collect()
            }
            false => {
                let value = |bytes: &[u8; 4]| f64::from(f32::from_le_bytes(*bytes));
                narrow.iter().map(value).collect()
            }
        };
        Ok(Self { shape, values })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn file(version: [u8; 2], header: &str, values: &[u8]) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(version);
        let len = header.len();
        match version[0] {
            1 => bytes.extend((len as u16).to_le_bytes()),
            _ => bytes.extend((len as u32).to_le_bytes()),
        }
        bytes.extend(header.as_bytes());
        bytes.extend(values);
        bytes
    }

    fn header(descr: &str, order: &str, shape: &str) -> String {
        format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}          \n")
    }

    #[test]
    fn arrays_of_both_versions_and_widths_are_read() {
        let wide = [1.5f64, -2.0, f64::NAN, 1e300]
            .map(f64::to_le_bytes)
            .concat();
        let text = header("<f8", "False", "(2, 2)");
        for version in [[1, 0], [2, 0]] {
            let array = NpyArray::parse(&file(version, &text, &wide)).unwrap();
            assert_eq!(array.shape, [2, 2]);
            assert_eq!(array.values[..2], [1.5, -2.0]);
            assert!(array.values[2].is_nan());
        }
        let single = file([1, 0], &header("<f4", "False", "()"), &3.0f32.to_le_bytes());
        let array = NpyArray::parse(&single).unwrap();
        assert_eq!((array.shape, array.values), (vec![], vec![3.0]));
        // Of one axis both orders are one.
        let flat = file(
            [1, 0],
            &header("<f4", "True", "(1,)"),
            &3.0f32.to_le_bytes(),
        );
        assert_eq!(NpyArray::parse(&flat).unwrap().shape, [1]);
    }

    #[test]
    fn files_that_lie_are_refused() {
        let one = 3.0f32.to_le_bytes();
        let parse = |text: &str| NpyArray::parse(&file([1, 0], text, &one)).unwrap_err();
        for descr in ["|O", ">f4", "<i4", "<f2", "<c8", "f4"] {
            assert_eq!(parse(&header(descr, "False", "(1,)")), NpyError::Dtype);
        }
        assert_eq!(
            parse(&header("<f4", "True", "(1, 1)")),
            NpyError::FortranOrder
        );
        let wrong = |shape: &str, expected| {
            let actual = 4;
            let error = NpyError::WrongLength { expected, actual };
            assert_eq!(parse(&header("<f4", "False", shape)), error);
        };
        wrong("(2,)", 8);
        wrong("(0,)", 0);
        wrong("(4611686018427387904, 16)", usize::MAX);
        for text in [
            "",
            "{}",
            "{'descr': '<f4', 'fortran_order': False}",
            "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}",
            "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,)}",
            "{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999999,)}",
            "__import__('os')",
        ] {
            assert_eq!(parse(text), NpyError::Header, "{text}");
        }
        let version = NpyArray::parse(&file([3, 0], "", &[])).unwrap_err();
        assert_eq!(version, NpyError::Version { major: 3, minor: 0 });
        let long = " ".repeat(MAX_HEADER_LEN + 1);
        let len = long.len();
        let error = NpyArray::parse(&file([2, 0], &long, &[])).unwrap_err();
        assert_eq!(error, NpyError::HeaderTooLong { len });
        assert_eq!(NpyArray::parse(b"\x80\x04pickle"), Err(NpyError::NotNpy));
    }

    // The layout that `numpy.lib.format` describes: magic, version, length, a literal, a newline.
    #[test]
    fn a_written_header_is_that_of_a_numpy_array() {
        let header = NpyArray::header([7, 1_024]);
        assert_eq!(&header[..10], b"\x93NUMPY\x01\x00\x76\x00");
        let text = str::from_utf8(&header[10..]).unwrap();
        let literal = "{'descr': '<f4', 'fortran_order': False, 'shape': (7, 1024), }";
        assert_eq!((text.len(), text.trim_end()), (118, literal));
        assert!(text.ends_with(" \n"));
        // The largest numbers leave room.
        NpyArray::header([usize::MAX, usize::MAX]);
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_whole_or_not_at_all(
            rows in 0usize..5,
            width in 0usize..5,
            first: f32,
            cut in 1usize..128,
        ) {
            let values = (0..rows * width).map(|i| first + i as f32);
            let mut bytes = NpyArray::header([rows, width]).to_vec();
            bytes.extend(values.clone().flat_map(f32::to_le_bytes));
            let array = NpyArray::parse(&bytes).unwrap();
            prop_assert_eq!(array.shape, [rows, width]);
            prop_assert_eq!(array.values, values.map(f64::from).collect::<Vec<_>>());
            prop_assert!(NpyArray::parse(&bytes[..bytes.len() - cut]).is_err());
        }

        #[test]
        fn any_bytes_give_an_array_or_an_error(text in "[{}()' :,a-z0-9<|]{0,80}", tail: Vec<u8>) {
            let _ = NpyArray::parse(&file([1, 0], &text, &tail));
            let _ = NpyArray::parse(&tail);
        }
    }
}
