//! The distribution of raw surprise in one bucket.

use geno_core::{Coded, ErrorCode};

use super::{DEFAULT_MIN_BUCKET_SIZE, LOW_CONFIDENCE_SIZE};
use crate::{
    bucket_id::BucketId,
    score::{InvalidSurprise, SurpriseResult},
};

/// The distribution of raw surprise in one bucket, as points of its cumulative form.
#[derive(Clone, Debug, PartialEq)]
pub struct CalibrationBucket {
    id: BucketId,
    n_calibration: u64,
    cdf: Vec<f64>,
    sigma_grid: Vec<f64>,
    back_off_to: Option<BucketId>,
}

/// Why a bucket holds no distribution.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CalibrationBucketError {
    /// The bucket was built from no example, or from more than a file can say.
    #[error("bucket `{id}` states {n_calibration} examples")]
    Count {
        /// The bucket.
        id: BucketId,
        /// The number stated.
        n_calibration: u64,
    },
    /// A grid has no points, or not as many as the other.
    #[error("bucket `{id}` has {cdf} probabilities and {sigma_grid} surprises")]
    Lengths {
        /// The bucket.
        id: BucketId,
        /// The number of probabilities.
        cdf: usize,
        /// The number of surprises.
        sigma_grid: usize,
    },
    /// A point lies outside its range or below the one before it.
    #[error("bucket `{id}`, `{grid}` point {index} is {value}, out of range or order")]
    Point {
        /// The bucket.
        id: BucketId,
        /// `cdf` or `sigma_grid`.
        grid: &'static str,
        /// The point, from 0.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// The bucket backs off to one that does not hold it.
    #[error("bucket `{id}` cannot back off to `{back_off_to}`")]
    BackOff {
        /// The bucket.
        id: BucketId,
        /// Where it backs off to.
        back_off_to: BucketId,
    },
}

impl Coded for CalibrationBucketError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl CalibrationBucket {
    /// Takes a distribution: `cdf[i]` of the bucket's `n_calibration` examples surprise no more
    /// than `sigma_grid[i]`.
    ///
    /// `back_off_to` is the wider bucket that was to be asked instead when the table was built; it
    /// is kept for the reader and decides nothing.
    ///
    /// # Errors
    ///
    /// [`CalibrationBucketError`] if there is no example; if the grids are empty, of different
    /// length, decreasing or not finite; if a probability lies outside `[0, 1]` or a surprise below
    /// 0; or if `back_off_to` does not hold the bucket.
    pub fn new(
        id: BucketId,
        n_calibration: u64,
        cdf: Vec<f64>,
        sigma_grid: Vec<f64>,
        back_off_to: Option<BucketId>,
    ) -> Result<Self, CalibrationBucketError> {
        if n_calibration == 0 || i64::try_from(n_calibration).is_err() {
            return Err(CalibrationBucketError::Count { id, n_calibration });
        }
        if cdf.is_empty() || cdf.len() != sigma_grid.len() {
            return Err(CalibrationBucketError::Lengths {
                id,
                cdf: cdf.len(),
                sigma_grid: sigma_grid.len(),
            });
        }
        for (grid, values, max) in [("cdf", &cdf, 1.), ("sigma_grid", &sigma_grid, f64::MAX)] {
            if let Some(index) = first_fault(values, max) {
                return Err(CalibrationBucketError::Point {
                    id,
                    grid,
                    index,
                    value: values[index],
                });
            }
        }
        if let Some(back_off_to) = back_off_to
            && !id.chain().skip(1).any(|parent| parent == back_off_to)
        {
            return Err(CalibrationBucketError::BackOff { id, back_off_to });
        }
        Ok(Self {
            id,
            n_calibration,
            cdf,
            sigma_grid,
            back_off_to,
        })
    }

    /// The bucket's id.
    pub fn id(&self) -> BucketId {
        self.id
    }

    /// How many examples the distribution was made from.
    pub fn n_calibration(&self) -> u64 {
        self.n_calibration
    }

    /// The share of examples at or below each point of the grid.
    pub fn cdf(&self) -> &[f64] {
        &self.cdf
    }

    /// The points of raw surprise, never decreasing.
    pub fn sigma_grid(&self) -> &[f64] {
        &self.sigma_grid
    }

    /// The wider bucket that was to be asked instead when the table was built.
    pub fn back_off_to(&self) -> Option<BucketId> {
        self.back_off_to
    }

    /// The examples in thousands, at most 1.
    pub fn confidence(&self) -> f64 {
        (self.n_calibration as f64 / DEFAULT_MIN_BUCKET_SIZE.get() as f64).min(1.)
    }

    /// Whether there are fewer than [`LOW_CONFIDENCE_SIZE`] examples.
    pub fn low_confidence(&self) -> bool {
        self.n_calibration < LOW_CONFIDENCE_SIZE
    }

    /// How far the percentiles of the whole population may lie from those of the examples: with 95 %
    /// probability nowhere further, if the examples are a random part of it.
    ///
    /// `√(ln(2 / 0.05) / 2n)`
    ///
    /// # Source
    ///
    /// The inequality of Dvoretzky, Kiefer and Wolfowitz with the constant of Massart, *The tight constant in
    /// the Dvoretzky–Kiefer–Wolfowitz inequality*, 1990.
    ///
    /// # Examples
    ///
    /// ```
    /// use geno_surprise::{BucketId, CalibrationBucket};
    ///
    /// let bucket = CalibrationBucket::new(BucketId::All, 1000, vec![1.0], vec![0.2], None)?;
    /// assert!((bucket.band() - 0.0429).abs() < 1e-4);
    /// # Ok::<_, geno_surprise::CalibrationBucketError>(())
    /// ```
    pub fn band(&self) -> f64 {
        ((2f64 / 0.05).ln() / (2. * self.n_calibration as f64)).sqrt()
    }

    /// The share of examples that surprise no more than `sigma_raw`.
    ///
    /// Linear between two points of the grid, and the first or last probability beyond its ends:
    /// never below `cdf[0]`, which is one example or more. NaN gives NaN.
    pub fn percentile(&self, sigma_raw: f64) -> f64 {
        if sigma_raw.is_nan() {
            return sigma_raw;
        }
        let (grid, cdf) = (&self.sigma_grid, &self.cdf);
        let last = grid.len() - 1;
        if last == 0 || sigma_raw <= grid[0] {
            return cdf[0];
        }
        if sigma_raw >= grid[last] {
            return cdf[last];
        }
        let right = grid.partition_point(|&point| point < sigma_raw);
        let left = right - 1;
        let ratio = (sigma_raw - grid[left]) / (grid[right] - grid[left]);
        // Rounding must not carry a percentile past the point to its right.
        (cdf[left] + ratio * (cdf[right] - cdf[left])).min(cdf[right])
    }

    /// Scores a raw surprise in this bucket.
    ///
    /// # Errors
    ///
    /// [`InvalidSurprise`] unless `sigma_raw` is finite and at least 0.
    pub fn score(&self, sigma_raw: f64) -> Result<SurpriseResult, InvalidSurprise> {
        let sigma_raw = InvalidSurprise::check(sigma_raw)?;
        Ok(SurpriseResult {
            sigma_raw,
            sigma_calibrated: self.percentile(sigma_raw),
            bucket_id: self.id,
            n_calibration: self.n_calibration,
            confidence: self.confidence(),
            low_confidence: self.low_confidence(),
        })
    }
}

/// The first value that is below 0, above `max`, below the one before it or not a number.
fn first_fault(values: &[f64], max: f64) -> Option<usize> {
    let mut floor = 0.;
    values.iter().position(|&value| {
        let holds = floor <= value && value <= max;
        floor = value;
        !holds
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bucket(cdf: &[f64], grid: &[f64]) -> Result<CalibrationBucket, CalibrationBucketError> {
        CalibrationBucket::new(BucketId::All, 1, cdf.to_vec(), grid.to_vec(), None)
    }

    #[test]
    fn a_single_point_answers_everything() {
        let bucket = bucket(&[0.75], &[1.]).unwrap();
        for sigma in [0., 1., 9.] {
            assert_eq!(bucket.percentile(sigma), 0.75);
        }
    }

    #[test]
    fn a_flat_stretch_of_the_grid_answers_with_its_left_end() {
        let bucket = bucket(&[0.25, 0.5, 0.75, 1.], &[0., 1., 1., 2.]).unwrap();
        assert_eq!(bucket.percentile(1.), 0.5);
        assert_eq!(bucket.percentile(1.5), 0.875);
    }

    #[test]
    fn grids_that_are_no_distribution_are_refused() {
        for (cdf, grid) in [
            (&[][..], &[][..]),
            (&[0.5], &[0., 1.]),
            (&[0.5, 0.4], &[0., 1.]),
            (&[0.5, 1.1], &[0., 1.]),
            (&[0.5, 1.], &[1., 0.]),
            (&[0.5, 1.], &[-1., 0.]),
            (&[0.5, 1.], &[0., f64::INFINITY]),
            (&[0.5, f64::NAN], &[0., 1.]),
        ] {
            assert!(bucket(cdf, grid).is_err(), "{cdf:?} {grid:?}");
        }
    }

    #[test]
    fn counts_and_parents_are_checked() {
        let region = BucketId::Region(crate::RegionClass::Splice);
        let new = |id, n, to| CalibrationBucket::new(id, n, vec![1.], vec![0.], to);
        assert!(new(region, 1, Some(BucketId::All)).is_ok());
        assert!(new(region, 0, None).is_err());
        assert!(new(region, 1 << 63, None).is_err());
        assert!(new(region, 1, Some(region)).is_err());
        assert!(new(BucketId::All, 1, Some(region)).is_err());
    }

    proptest! {
        #[test]
        fn a_larger_surprise_never_has_a_smaller_percentile(
            mut cdf in prop::collection::vec(0f64..=1., 1..20),
            mut grid in prop::collection::vec(prop_oneof![0f64..4., Just(1.)], 20),
            mut sigmas in prop::collection::vec(prop_oneof![0f64..5., Just(1.)], 1..50),
        ) {
            grid.truncate(cdf.len());
            for values in [&mut cdf, &mut grid, &mut sigmas] {
                values.sort_by(f64::total_cmp);
            }
            let bucket = bucket(&cdf, &grid).unwrap();
            let percentiles: Vec<f64> = sigmas.iter().map(|&s| bucket.percentile(s)).collect();
            prop_assert!(percentiles.is_sorted());
            prop_assert!(percentiles.iter().all(|p| (0. ..=1.).contains(p)));
        }
    }
}
