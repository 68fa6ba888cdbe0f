//! Surprise of an edit: how far its predicted state lies from the encoded one, and where that
//! stands among like edits.
//!
//! [`raw_surprise`] measures the distance. A distance means little by itself: coding sequence moves
//! states further than introns do. So an edit gets a context ([`classify_context`]), a
//! [`CalibrationTable`] holds the distribution of distances in each context, and [`score`] finds
//! the percentile, falling back to a wider group of contexts ([`BucketId::chain`]) where examples
//! are few.
//!
//! Nothing here reads a file or a clock, or prints. The feature `parquet` reads and writes tables
//! as bytes of a Parquet file.

mod aggregation;
mod bucket_id;
mod calibration;
mod context;
mod names;
mod raw;
mod score;
mod token_offset;

#[cfg(feature = "parquet")]
pub use self::calibration::file::{
    CalibrationLimit, read::ReadCalibrationError, write::WriteCalibrationError,
};
pub use geno_core::{RegionClass, RepeatClass, UnknownRepeat, classify_region, classify_repeat};

pub use self::{
    aggregation::Aggregation,
    bucket_id::{BucketId, ParseBucketIdError, select_backoff},
    calibration::{
        DEFAULT_MIN_BUCKET_SIZE, LOW_CONFIDENCE_SIZE,
        bucket::{CalibrationBucket, CalibrationBucketError},
        build::{BuildCalibrationError, SparseBucket},
        example::CalibrationExample,
        parameters::{CalibrationParameters, CalibrationParametersError, EditFactors, GridSpacing},
        table::{CalibrationTable, CalibrationTableError},
    },
    context::{
        ClassifyContextError, ContextLabel, classify_context,
        gc::{GcBin, GcCutoffs, GcCutoffsError, NoCalledBases, classify_gc},
    },
    raw::raw_surprise,
    score::{InvalidSurprise, SurpriseResult, score},
    token_offset::TokenOffset,
};
