//! What a model's calibration table consists of.

use std::{collections::BTreeMap, fs};

use geno_core::Digest;
use geno_runtime::ModelDir;
use geno_surprise::CalibrationTable;

use super::CardError;

/// The counts of a calibration table.
#[derive(Clone, Debug)]
pub(super) struct CalibrationCounts {
    pub(super) buckets: Vec<BucketCount>,
    /// What the file says of itself.
    pub(super) metadata: BTreeMap<String, String>,
}

/// A bucket of the table.
#[derive(Clone, Debug)]
pub(super) struct BucketCount {
    pub(super) id: String,
    pub(super) variants: u64,
    pub(super) confidence: f64,
    pub(super) is_low: bool,
}

impl CalibrationCounts {
    /// Reads the table of a model, if it has one.
    pub(super) fn read(model: &ModelDir) -> Result<Option<Self>, CardError> {
        let artifact = &model.manifest().calibration;
        if artifact.is_missing() {
            return Ok(None);
        }
        let path = artifact.file.under(model.path());
        let bytes = fs::read(&path).map_err(|source| CardError::Read { path, source })?;
        let (expected, found) = (artifact.hash, Digest::of(&bytes));
        if expected != found {
            return Err(CardError::OtherCalibration { expected, found });
        }
        let table = CalibrationTable::read_parquet(&bytes)?;
        let buckets = table.buckets().iter().map(|bucket| BucketCount {
            id: bucket.id().to_string(),
            variants: bucket.n_calibration(),
            confidence: bucket.confidence(),
            is_low: bucket.low_confidence(),
        });
        Ok(Some(Self {
            buckets: buckets.collect(),
            metadata: table.metadata().clone(),
        }))
    }
}
