//! The values of a tensor, written in another format without holding them all.

use std::io::{self, Write};

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

/// Writes the values of a tensor. In the format they have, their bits stay; in another, they are
/// rounded to nearest, ties to even.
pub(super) fn write_values(
    name: &str,
    tensor: &StoredTensor<'_>,
    dtype: WeightDtype,
    out: &mut dyn Write,
) -> Result<(), WriteFault> {
    if tensor.non_finite() > 0 {
        let name = name.to_owned();
        return Err(WriteFault::Checkpoint(CheckpointError::NotFinite { name }));
    }
    let is_same = tensor.format() == dtype.into();
    if let (true, Some(bytes)) = (is_same, tensor.bytes()) {
        return Ok(out.write_all(bytes)?);
    }

    let rows_at_once = (CHUNK / tensor.row_len().max(1)).max(1);
    let mut values = vec![0.0; tensor.row_len()];
    let mut bytes = Vec::new();
    for i in 0..tensor.n_rows() {
        tensor.read_row(i, &mut values);
        if values.iter().any(|value| !dtype.round(*value).is_finite()) {
            let name = name.to_owned();
            let error = CheckpointError::OutOfRange { name, dtype };
            return Err(WriteFault::Checkpoint(error));
        }
        dtype.encode_into(&values, &mut bytes);
        if (i + 1).is_multiple_of(rows_at_once) {
            out.write_all(&bytes)?;
            bytes.clear();
        }
    }
    Ok(out.write_all(&bytes)?)
}
