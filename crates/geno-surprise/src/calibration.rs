//! Calibration: where a raw surprise stands among those of like edits.

pub(crate) mod bucket;
pub(crate) mod build;
pub(crate) mod example;
#[cfg(feature = "parquet")]
pub(crate) mod file;
pub(crate) mod parameters;
pub(crate) mod table;

use std::num::NonZeroU64;

/// The examples a bucket needs so that no wider one is asked, unless told otherwise: 1000.
pub const DEFAULT_MIN_BUCKET_SIZE: NonZeroU64 = NonZeroU64::new(1000).expect("not zero");

/// The examples below which a bucket's percentiles are marked as of low confidence.
pub const LOW_CONFIDENCE_SIZE: u64 = 100;
