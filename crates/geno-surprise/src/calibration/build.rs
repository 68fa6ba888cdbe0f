//! From scored examples to a calibration table.

use std::collections::{BTreeMap, BTreeSet};

use geno_core::{Coded, Digest, ErrorCode, PythonRandom};

use super::{
    bucket::{CalibrationBucket, CalibrationBucketError},
    example::CalibrationExample,
    parameters::{CalibrationParameters, CalibrationParametersError, GridSpacing},
    table::{CalibrationTable, CalibrationTableError},
};
use crate::bucket_id::{BucketId, select_backoff};

/// A bucket whose examples, and those of every wider one, are too few.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SparseBucket {
    /// The bucket that examples were given for.
    pub bucket_id: BucketId,
    /// The bucket it backs off to.
    pub resolved_bucket_id: BucketId,
    /// How many examples that one was made from.
    pub n_calibration: u64,
    /// How many would have been enough.
    pub min_bucket_size: u64,
    /// Whether they are fewer than the parameters' low-confidence size.
    pub low_confidence: bool,
}

/// Why no table was built.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildCalibrationError {
    /// The parameters contradict themselves.
    #[error(transparent)]
    Parameters(#[from] CalibrationParametersError),
    /// There was no example.
    #[error("no calibration examples")]
    NoExamples,
    /// Surprises so large that no grid can be laid over them.
    #[error(transparent)]
    Bucket(#[from] CalibrationBucketError),
    /// The buckets make up no table.
    #[error(transparent)]
    Table(#[from] CalibrationTableError),
}

impl Coded for BuildCalibrationError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl CalibrationTable {
    /// Builds a table, the same for any order of the examples.
    ///
    /// An example counts in its own bucket and in every wider one. A bucket keeps at most
    /// `per_bucket_sample` of its values, drawn without replacement from the sorted list. Its grid
    /// is laid as [`GridSpacing`] says. Buckets are sorted by id.
    ///
    /// Beside the table come the buckets that stay sparse after backing off, sorted by id.
    ///
    /// Memory: every surprise once, and those of one bucket a second time.
    ///
    /// # Errors
    ///
    /// [`BuildCalibrationError`] if a parameter is out of range, there is no example, or the
    /// surprises are so large that the grid overflows.
    ///
    /// # Source
    ///
    /// The rules of the Python package 0.2.1, draws included, but for the default grid: a bucket samples with
    /// CPython's generator, seeded by the first 8 bytes (big-endian) of SHA-256 of `{seed}:{bucket_id}`.
    pub fn build(
        examples: impl IntoIterator<Item = CalibrationExample>,
        parameters: &CalibrationParameters,
    ) -> Result<(Self, Vec<SparseBucket>), BuildCalibrationError> {
        let min_bucket_size = parameters.check()?;

        let mut sources = BTreeMap::<BucketId, Vec<f64>>::new();
        for example in examples {
            let values = sources.entry(example.bucket()).or_default();
            values.push(example.sigma_raw());
        }
        if sources.is_empty() {
            return Err(BuildCalibrationError::NoExamples);
        }
        for values in sources.values_mut() {
            values.sort_unstable_by(f64::total_cmp);
        }

        let ids: BTreeSet<BucketId> = sources.keys().flat_map(|id| id.chain()).collect();
        let count_of = |id: BucketId| {
            let held: usize = sources_of(&sources, id).map(Vec::len).sum();
            held.min(parameters.per_bucket_sample) as u64
        };
        let resolve = |id| select_backoff(id, count_of, min_bucket_size);

        let mut buckets = Vec::with_capacity(ids.len());
        for id in ids {
            let mut values = sources_of(&sources, id).flatten().copied().collect();
            keep_sample(&mut values, parameters, id);
            let (sigma_grid, cdf) = match parameters.spacing {
                GridSpacing::Probability => quantiles(&values, parameters.grid_size),
                GridSpacing::Surprise => {
                    let grid = grid(&values, parameters.grid_size);
                    let cdf = cdf(&values, &grid);
                    (grid, cdf)
                }
            };
            buckets.push(CalibrationBucket::new(
                id,
                values.len() as u64,
                cdf,
                sigma_grid,
                Some(resolve(id)).filter(|&resolved| resolved != id),
            )?);
        }

        let sparse = sources.keys().map(|&bucket_id| {
            let resolved_bucket_id = resolve(bucket_id);
            let n_calibration = count_of(resolved_bucket_id);
            SparseBucket {
                bucket_id,
                resolved_bucket_id,
                n_calibration,
                min_bucket_size: parameters.min_bucket_size,
                low_confidence: n_calibration < parameters.low_confidence_size,
            }
        });
        let sparse = sparse.filter(|bucket| bucket.n_calibration < bucket.min_bucket_size);
        let sparse = sparse.collect();
        Ok((Self::new(buckets)?, sparse))
    }
}

/// The value lists of the source buckets that `id` holds.
fn sources_of(
    sources: &BTreeMap<BucketId, Vec<f64>>,
    id: BucketId,
) -> impl Iterator<Item = &Vec<f64>> {
    let held = move |source: &BucketId| source.chain().any(|wider| wider == id);
    let sources = sources.iter().filter(move |(source, _)| held(source));
    sources.map(|(_, values)| values)
}

/// Sorts the values of a bucket and cuts them down to its sample.
fn keep_sample(values: &mut Vec<f64>, parameters: &CalibrationParameters, id: BucketId) {
    // Stable on purpose: the lists of the source buckets are sorted runs, which it merges.
    values.sort_by(f64::total_cmp);

    let limit = parameters.per_bucket_sample;
    if values.len() > limit {
        let mut random = PythonRandom::new(bucket_seed(parameters.seed, id));
        let mut kept = random.sample(values.len(), limit);
        kept.sort_unstable();
        *values = kept.into_iter().map(|i| values[i]).collect();
    }
}

fn bucket_seed(seed: u64, id: BucketId) -> u64 {
    let digest = Digest::of(format!("{seed}:{id}").as_bytes());
    let bytes = digest.as_bytes().iter().take(8);
    bytes.fold(0, |seed, &byte| seed << 8 | u64::from(byte))
}

/// Different values among the sorted ones, at most `size` and evenly taken, the first and the last among
/// them, each with its mid-rank: the share of values below it, and half of those equal to it.
fn quantiles(values: &[f64], size: usize) -> (Vec<f64>, Vec<f64>) {
    let n = values.len() as f64;
    let mut below = 0;
    let groups = values.chunk_by(|a, b| a == b).map(|equal| {
        let rank = below as f64 + equal.len() as f64 / 2.0;
        below += equal.len();
        (equal[0], rank / n)
    });
    let groups: Vec<(f64, f64)> = groups.collect();
    let last = groups.len() - 1;
    match last < size {
        true => groups.into_iter().unzip(),
        // Steps of more than one place, so that none is taken twice.
        false => (0..size).map(|i| groups[i * last / (size - 1)]).unzip(),
    }
}

/// `size` points from the smallest of the sorted values to the largest, evenly spaced.
fn grid(values: &[f64], size: usize) -> Vec<f64> {
    let (first, last) = (values[0], values[values.len() - 1]);
    let step = (last - first) / (size - 1) as f64;
    (0..size).map(|i| first + i as f64 * step).collect()
}

/// The share of the sorted values that are at most each point.
fn cdf(values: &[f64], grid: &[f64]) -> Vec<f64> {
    let share =
        |&point: &f64| values.partition_point(|&value| value <= point) as f64 / values.len() as f64;
    grid.iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn examples(list: &[(&str, f64)]) -> Vec<CalibrationExample> {
        let example = |&(id, sigma): &(&str, f64)| {
            CalibrationExample::new(id.parse::<BucketId>().unwrap(), sigma).unwrap()
        };
        list.iter().map(example).collect()
    }

    #[test]
    fn percentiles_of_examples_are_their_mid_ranks() {
        let list = examples(&[("*", 0.5), ("*", 0.1), ("*", 0.5), ("*", 0.2)]);
        let (table, _) = CalibrationTable::build(list, &CalibrationParameters::default()).unwrap();
        let bucket = &table.buckets()[0];
        assert_eq!(bucket.sigma_grid(), [0.1, 0.2, 0.5]);
        assert_eq!(bucket.cdf(), [0.125, 0.375, 0.75]);
    }

    #[test]
    fn points_lie_where_examples_do() {
        // Nine in ten are small, and the grid resolves them as well as the large ones.
        let sigma = |i: u32| f64::from(i) * if i < 900 { 1e-6 } else { 1.0 };
        let list = (0..1_000).map(|i| CalibrationExample::new(BucketId::All, sigma(i)).unwrap());
        let parameters = CalibrationParameters {
            grid_size: 101,
            ..CalibrationParameters::default()
        };
        let (table, _) = CalibrationTable::build(list, &parameters).unwrap();
        let bucket = &table.buckets()[0];
        assert_eq!(bucket.cdf().len(), 101);
        assert_eq!(bucket.sigma_grid()[100], 999.0);
        for i in [0, 1, 450, 899, 950, 999] {
            let exact = (f64::from(i) + 0.5) / 1_000.0;
            let found = bucket.percentile(sigma(i));
            assert!((found - exact).abs() < 0.005, "{i}: {found}");
        }
    }

    #[test]
    fn equal_values_give_a_flat_grid() {
        let list = examples(&[("intron|low|none", 0.1); 3]);
        let parameters = CalibrationParameters {
            spacing: GridSpacing::Surprise,
            ..CalibrationParameters::default()
        };
        let (table, _) = CalibrationTable::build(list, &parameters).unwrap();
        assert_eq!(table.buckets().len(), 4);
        for bucket in table.buckets() {
            assert!(bucket.sigma_grid().iter().all(|&sigma| sigma == 0.1));
            assert!(bucket.cdf().iter().all(|&share| share == 1.));
        }
    }

    #[test]
    fn examples_of_a_wide_bucket_count_only_from_there_up() {
        let list = examples(&[("intron", 0.5), ("intron|low|none", 1.5)]);
        let (table, _) = CalibrationTable::build(list, &CalibrationParameters::default()).unwrap();
        let count = |id: &str| table.get(id.parse().unwrap()).unwrap().n_calibration();
        assert_eq!(
            [count("intron|low"), count("intron"), count("*")],
            [1, 2, 2]
        );
    }

    #[test]
    fn no_examples_make_no_table() {
        let built = CalibrationTable::build([], &CalibrationParameters::default());
        assert_eq!(built, Err(BuildCalibrationError::NoExamples));
    }

    #[test]
    fn surprises_at_the_edge_of_f64_are_an_error_or_a_table_but_no_panic() {
        let list = examples(&[("*", 0.), ("*", f64::MAX)]);
        for grid_size in 2..40 {
            let parameters = CalibrationParameters {
                grid_size,
                spacing: GridSpacing::Surprise,
                ..CalibrationParameters::default()
            };
            match CalibrationTable::build(list.clone(), &parameters) {
                Ok((table, _)) => assert_eq!(table.buckets().len(), 1),
                Err(error) => assert!(matches!(error, BuildCalibrationError::Bucket(_))),
            }
        }
    }

    const IDS: &[&str] = &[
        "*",
        "intron",
        "intron|low",
        "intron|low|none",
        "other|mid|simple",
    ];

    proptest! {
        #[test]
        fn the_order_of_examples_does_not_matter(
            list in prop::collection::vec((prop::sample::select(IDS), 0f64..3.), 1..60)
                .prop_flat_map(|list| (Just(list.clone()), Just(list).prop_shuffle())),
            per_bucket_sample in 1usize..40,
            seed: u64,
            spacing in prop::sample::select(&[GridSpacing::Probability, GridSpacing::Surprise]),
        ) {
            let parameters = CalibrationParameters {
                seed,
                per_bucket_sample,
                grid_size: 7,
                spacing,
                min_bucket_size: 5,
                low_confidence_size: 2,
            };
            let (list, shuffled) = list;
            let built = CalibrationTable::build(examples(&list), &parameters);
            let again = CalibrationTable::build(examples(&shuffled), &parameters);
            prop_assert_eq!(built, again);
        }
    }
}
