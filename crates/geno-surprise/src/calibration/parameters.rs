//! The settings of a calibration build.

use std::num::NonZeroU64;

use geno_core::{Coded, ErrorCode};

use super::{DEFAULT_MIN_BUCKET_SIZE, LOW_CONFIDENCE_SIZE};
use crate::names::names;

names! {
    /// In what the points of a distribution lie evenly.
    "grid spacing"
    enum GridSpacing {
        /// In probability, at surprises that examples have. Of equal surprises half count as below: the
        /// mid-rank, with which the percentiles of the examples themselves are uniform.
        Probability = "probability",
        /// In surprise, from the smallest to the largest, with the share of examples that surprise no more: the
        /// Python package's.
        Surprise = "surprise",
    }
}

names! {
    /// What of the edits themselves tells the buckets of a table apart, besides their context.
    "edit factors"
    enum EditFactors {
        /// Nothing.
        None = "none",
        /// Their type.
        Type = "type",
        /// Their type, and their place in their 6-mer. Under the layout `centered` all but those near an end
        /// of a contig have one place.
        TypeAndOffset = "type_and_offset",
    }
}

/// The settings of a calibration build.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CalibrationParameters {
    /// Seeds the sampling of buckets that hold too many examples. 0 by default.
    pub seed: u64,
    /// The most examples kept in a bucket. 10 000 by default.
    pub per_bucket_sample: usize,
    /// The points of each distribution, at least 2. 1001 by default. There are fewer where examples have
    /// fewer different surprises and points are laid in probability.
    pub grid_size: usize,
    /// How they are laid.
    pub spacing: GridSpacing,
    /// The examples a bucket needs so that no wider one is asked. 1000 by default.
    pub min_bucket_size: u64,
    /// The examples below which a sparse bucket is reported as of low confidence; at most
    /// `min_bucket_size`. 100 by default.
    pub low_confidence_size: u64,
}

impl Default for CalibrationParameters {
    fn default() -> Self {
        Self {
            seed: 0,
            per_bucket_sample: 10_000,
            grid_size: 1001,
            spacing: GridSpacing::Probability,
            min_bucket_size: DEFAULT_MIN_BUCKET_SIZE.get(),
            low_confidence_size: LOW_CONFIDENCE_SIZE,
        }
    }
}

/// Settings that no table can be built with.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CalibrationParametersError {
    /// A distribution needs two points.
    #[error("`grid_size` is {grid_size}, less than 2")]
    GridSize {
        /// The size given.
        grid_size: usize,
    },
    /// A size is zero.
    #[error("`{name}` is 0")]
    Zero {
        /// The setting.
        name: &'static str,
    },
    /// A bucket could be large enough and of low confidence.
    #[error(
        "`low_confidence_size` {low_confidence_size} is above `min_bucket_size` {min_bucket_size}"
    )]
    LowConfidence {
        /// The low-confidence size given.
        low_confidence_size: u64,
        /// The smallest bucket given.
        min_bucket_size: u64,
    },
}

impl Coded for CalibrationParametersError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl CalibrationParameters {
    /// Checks the settings and returns the smallest bucket that is enough.
    pub(crate) fn check(&self) -> Result<NonZeroU64, CalibrationParametersError> {
        type Error = CalibrationParametersError;
        let zero = |name| Error::Zero { name };

        if self.per_bucket_sample == 0 {
            return Err(zero("per_bucket_sample"));
        }
        if self.grid_size < 2 {
            let grid_size = self.grid_size;
            return Err(Error::GridSize { grid_size });
        }
        if self.low_confidence_size == 0 {
            return Err(zero("low_confidence_size"));
        }
        let smallest = NonZeroU64::new(self.min_bucket_size);
        let smallest = smallest.ok_or(zero("min_bucket_size"))?;
        if self.low_confidence_size > self.min_bucket_size {
            return Err(Error::LowConfidence {
                low_confidence_size: self.low_confidence_size,
                min_bucket_size: self.min_bucket_size,
            });
        }
        Ok(smallest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_outside_their_ranges_are_refused() {
        let default = CalibrationParameters::default();
        assert_eq!(default.check(), Ok(DEFAULT_MIN_BUCKET_SIZE));
        for parameters in [
            CalibrationParameters {
                per_bucket_sample: 0,
                ..default
            },
            CalibrationParameters {
                grid_size: 1,
                ..default
            },
            CalibrationParameters {
                min_bucket_size: 0,
                ..default
            },
            CalibrationParameters {
                low_confidence_size: 0,
                ..default
            },
            CalibrationParameters {
                low_confidence_size: 1001,
                ..default
            },
        ] {
            assert!(parameters.check().is_err(), "{parameters:?}");
        }
    }
}
