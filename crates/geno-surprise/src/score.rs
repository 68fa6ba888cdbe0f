//! A surprise with its place among like edits.

use geno_core::{Coded, ErrorCode};

use crate::{
    bucket_id::BucketId,
    calibration::{DEFAULT_MIN_BUCKET_SIZE, table::CalibrationTable},
};

/// The calibrated surprise of one edit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SurpriseResult {
    /// The raw surprise, at least 0, in state units.
    pub sigma_raw: f64,
    /// The share of the bucket's examples that surprise no more, between 0 and 1.
    pub sigma_calibrated: f64,
    /// The bucket it was compared in, after backing off.
    pub bucket_id: BucketId,
    /// The examples that its distribution was made from.
    pub n_calibration: u64,
    /// How much the bucket holds: its examples in thousands, at most 1.
    pub confidence: f64,
    /// Whether the bucket holds fewer than a hundred examples.
    pub low_confidence: bool,
}

/// A number that is no raw surprise: negative, infinite or not a number.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("raw surprise {sigma_raw} is not a finite number of at least 0")]
pub struct InvalidSurprise {
    /// The number.
    pub sigma_raw: f64,
}

impl InvalidSurprise {
    /// The number itself if it can be a raw surprise.
    pub(crate) fn check(sigma_raw: f64) -> Result<f64, Self> {
        if sigma_raw.is_finite() && sigma_raw >= 0. {
            Ok(sigma_raw)
        } else {
            Err(Self { sigma_raw })
        }
    }
}

impl Coded for InvalidSurprise {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

/// Calibrates a raw surprise: backs off to a bucket of at least
/// [`DEFAULT_MIN_BUCKET_SIZE`] examples and looks up the percentile there.
///
/// The bucket is the narrowest that the edit belongs to; one that the table does not tell apart counts as
/// empty.
///
/// For another size, call [`CalibrationTable::resolve`] and
/// [`CalibrationBucket::score`](crate::CalibrationBucket::score).
///
/// # Errors
///
/// [`InvalidSurprise`] unless `sigma_raw` is finite and at least 0: a model that overflows must
/// not pass for one that is not surprised.
///
/// # Examples
///
/// ```
/// use geno_surprise::{
///     BucketId, CalibrationExample, CalibrationParameters, CalibrationTable, GcCutoffs,
///     classify_context, score,
/// };
///
/// let bucket: BucketId = "other|low|none".parse()?;
/// let examples = (0..2000).map(|i| CalibrationExample::new(bucket, f64::from(i) / 1000.));
/// let examples: Vec<_> = examples.collect::<Result<_, _>>()?;
/// let (table, _) = CalibrationTable::build(examples, &CalibrationParameters::default())?;
///
/// let label = classify_context(None, b"GATTACA", None, GcCutoffs::default())?;
/// let result = score(1.0, label, &table)?;
/// assert!((result.sigma_calibrated - 0.5).abs() < 1e-3);
/// assert_eq!((result.bucket_id, result.confidence), (bucket, 1.0));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub fn score(
    sigma_raw: f64,
    bucket: impl Into<BucketId>,
    table: &CalibrationTable,
) -> Result<SurpriseResult, InvalidSurprise> {
    table
        .resolve(bucket.into(), DEFAULT_MIN_BUCKET_SIZE)
        .score(sigma_raw)
}
