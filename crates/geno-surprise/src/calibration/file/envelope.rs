//! The outside of a Parquet file: magic bytes and the length of its footer.

use super::{CalibrationLimit, MAX_FILE_BYTES, MAX_FOOTER_BYTES};
use crate::calibration::file::read::ReadCalibrationError;

const MAGIC: &[u8] = b"PAR1";

/// Checks what can be checked without reading the footer.
pub(super) fn check_envelope(file: &[u8]) -> Result<(), ReadCalibrationError> {
    CalibrationLimit::check("file bytes", file.len() as u64, MAX_FILE_BYTES as u64)?;

    let inner = file
        .strip_prefix(MAGIC)
        .and_then(|rest| rest.strip_suffix(MAGIC))
        .ok_or(ReadCalibrationError::NotParquet)?;
    let (body, length) = inner
        .split_last_chunk::<4>()
        .ok_or(ReadCalibrationError::NotParquet)?;
    let length = u64::from(u32::from_le_bytes(*length));
    CalibrationLimit::check("footer bytes", length, MAX_FOOTER_BYTES as u64)?;
    if length > body.len() as u64 {
        return Err(ReadCalibrationError::NotParquet);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_footer_longer_than_the_file_is_refused() {
        assert!(check_envelope(b"PAR1xx\x02\0\0\0PAR1").is_ok());
        for file in [
            &b""[..],
            b"PAR1",
            b"PAR1PAR1",
            b"PAR1xx\x03\0\0\0PAR1",
            b"PAR1xx\xff\xff\xff\xffPAR1",
            b"PAR1xx\x02\0\0\0PARE",
        ] {
            assert!(check_envelope(file).is_err(), "{file:?}");
        }
    }
}
