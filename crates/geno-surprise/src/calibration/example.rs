//! What a calibration table is built from.

use crate::{bucket_id::BucketId, score::InvalidSurprise};

/// The raw surprise of one reference edit, and the bucket it belongs to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CalibrationExample {
    bucket: BucketId,
    sigma_raw: f64,
}

impl CalibrationExample {
    /// Takes an example.
    ///
    /// # Errors
    ///
    /// [`InvalidSurprise`] unless `sigma_raw` is finite and at least 0.
    pub fn new(bucket: impl Into<BucketId>, sigma_raw: f64) -> Result<Self, InvalidSurprise> {
        Ok(Self {
            bucket: bucket.into(),
            // Negative zero becomes zero, so that equal surprises sort as equal.
            sigma_raw: InvalidSurprise::check(sigma_raw)? + 0.,
        })
    }

    /// The bucket.
    pub fn bucket(self) -> BucketId {
        self.bucket
    }

    /// The raw surprise.
    pub fn sigma_raw(self) -> f64 {
        self.sigma_raw
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surprises_that_are_no_distances_are_refused() {
        for sigma in [-1e-9, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(
                CalibrationExample::new(BucketId::All, sigma).is_err(),
                "{sigma}"
            );
        }
    }

    #[test]
    fn negative_zero_is_zero() {
        let example = CalibrationExample::new(BucketId::All, -0.).unwrap();
        assert!(example.sigma_raw().is_sign_positive());
    }
}
