//! Calibration tables as Parquet files, interchangeable with those of the Python package.
//!
//! One row a bucket. The file is small and its reader distrusts it: sizes are checked against
//! fixed limits before anything is decoded, because decoders allocate what a header tells them to.

mod envelope;
mod page_header;
mod pages;
pub(crate) mod read;
mod rows;
mod schema;
pub(crate) mod write;

use crate::bucket_id::BucketId;

/// The schema version every row carries.
const SCHEMA_VERSION: &str = "1.0.0";

/// The largest file that is read. A table with every bucket and 1001 points has 48 MB at most.
const MAX_FILE_BYTES: usize = 64 << 20;

/// The largest footer that is read.
const MAX_FOOTER_BYTES: usize = 1 << 20;

/// The most bytes that the pages of a file may hold when decompressed.
const MAX_PAGE_BYTES: u64 = 64 << 20;

/// The most values that the pages of a file may hold, nulls included.
const MAX_VALUES: u64 = 16 << 20;

/// The most rows: an id comes once.
const MAX_ROWS: u64 = BucketId::COUNT as u64;

/// The key under which the GC cut-offs stand, unless they are the default: `LOW,HIGH`.
const GC_CUTOFFS_KEY: &str = "geno_lewm.gc_cutoffs";

/// The key under which other writers keep an Arrow schema. It is no metadata of ours.
const ARROW_SCHEMA_KEY: &str = "ARROW:schema";

/// Something of a file that is larger than a calibration table can be.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{what}: {found}, more than the {max} a calibration table may have")]
pub struct CalibrationLimit {
    /// What there is too much of.
    pub what: &'static str,
    /// How much there is.
    pub found: u64,
    /// How much there may be.
    pub max: u64,
}

impl CalibrationLimit {
    fn check(what: &'static str, found: u64, max: u64) -> Result<(), Self> {
        if found <= max {
            Ok(())
        } else {
            Err(Self { what, found, max })
        }
    }
}
