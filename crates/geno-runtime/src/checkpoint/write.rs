//! The values of a tensor, written in another format without holding them all.

use std::io::{self, Write};

use geno_kernels::quantize_row;
use geno_weights::{StoredTensor, WeightDtype};

use super::CheckpointError;

/// Values that are widened and rounded at a time.
const CHUNK: usize = 1 << 16;

/// Why the values of a tensor were not written.
pub(super) enum WriteFault {
    Checkpoint(CheckpointError),
    Io(io::Error),
}

impl From<io::Error> for WriteFault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// What is made of a tensor.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Written {
    /// Its values. In the format they have, their bits stay; in another, they are rounded to
    /// nearest, ties to even.
    Values(WeightDtype),
    /// Its rows as whole numbers, see [`quantize_row`].
    Whole,
    /// The scales of those, in `F32`.
    Scales,
}

impl Written {
    /// Writes what is made of a tensor.
    pub(super) fn write(
        self,
        name: &str,
        tensor: &StoredTensor<'_>,
        out: &mut dyn Write,
    ) -> Result<(), WriteFault> {
        if tensor.non_finite() > 0 {
            let name = name.to_owned();
            return Err(WriteFault::Checkpoint(CheckpointError::NotFinite { name }));
        }
        if let (Self::Values(dtype), Some(bytes)) = (self, tensor.bytes())
            && tensor.format() == dtype.into()
        {
            return Ok(out.write_all(bytes)?);
        }

        let rows_at_once = (CHUNK / tensor.row_len().max(1)).max(1);
        let mut values = vec![0.0; tensor.row_len()];
        let mut whole = vec![0; tensor.row_len()];
        let mut bytes = Vec::new();
        for i in 0..tensor.n_rows() {
            tensor.read_row(i, &mut values);
            match self {
                Self::Values(dtype) => append(name, &values, dtype, &mut bytes)?,
                Self::Whole => {
                    quantize_row(&values, &mut whole);
                    bytes.extend(whole.iter().map(|whole| whole.cast_unsigned()));
                }
                Self::Scales => bytes.extend(quantize_row(&values, &mut whole).to_le_bytes()),
            }
            if (i + 1).is_multiple_of(rows_at_once) {
                out.write_all(&bytes)?;
                bytes.clear();
            }
        }
        Ok(out.write_all(&bytes)?)
    }
}

fn append(
    name: &str,
    values: &[f32],
    dtype: WeightDtype,
    bytes: &mut Vec<u8>,
) -> Result<(), WriteFault> {
    if values.iter().any(|value| !dtype.round(*value).is_finite()) {
        let name = name.to_owned();
        let error = CheckpointError::OutOfRange { name, dtype };
        return Err(WriteFault::Checkpoint(error));
    }
    dtype.encode_into(values, bytes);
    Ok(())
}
