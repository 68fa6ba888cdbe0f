//! How far states and scores lie from those they stand for.

use geno_provenance::Json;

use super::{
    super::measured::{finite, number},
    MeasureFault,
};

/// The error of states: `‖found − expected‖ / ‖expected‖` of each, and their cosine distance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StateError {
    /// States.
    pub n: u64,
    /// The largest error.
    pub max: f64,
    /// The error that 95 % do not pass.
    pub p95: f64,
    /// The error that half of them do not pass.
    pub median: f64,
    /// The largest `1 − cos(found, expected)`.
    pub max_cosine: f64,
}

/// The error of raw surprise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoreError {
    /// Scores.
    pub n: u64,
    /// The largest `|found − expected|`.
    pub max: f64,
    /// Their mean.
    pub mean: f64,
    /// Spearman's rank correlation of found and expected; 1 where all are equal.
    pub rank_correlation: f64,
}

impl StateError {
    pub(super) fn of(expected: &[Vec<f32>], found: &[Vec<f32>]) -> Result<Self, MeasureFault> {
        let pairs = || expected.iter().zip(found);
        let mut errors: Vec<f64> = pairs().map(|(a, b)| relative(a, b)).collect();
        let cosines = pairs().map(|(a, b)| cosine_distance(a, b));
        let max_cosine = cosines.fold(0.0, f64::max);
        if !errors.iter().all(|error| error.is_finite()) {
            return Err(MeasureFault::NotFinite);
        }
        errors.sort_by(f64::total_cmp);
        Ok(Self {
            n: errors.len() as u64,
            max: quantile(&errors, 1.0),
            p95: quantile(&errors, 0.95),
            median: quantile(&errors, 0.5),
            max_cosine,
        })
    }

    pub(in super::super) fn to_json(self) -> Json {
        Json::object([
            ("max", number(self.max)),
            ("max_cosine", number(self.max_cosine)),
            ("median", number(self.median)),
            ("n", self.n.into()),
            ("p95", number(self.p95)),
        ])
    }

    pub(in super::super) fn read(json: &Json) -> Result<Self, &'static str> {
        Ok(Self {
            n: json.get("n").and_then(Json::as_u64).ok_or("n")?,
            max: finite(json, "max")?,
            p95: finite(json, "p95")?,
            median: finite(json, "median")?,
            max_cosine: finite(json, "max_cosine")?,
        })
    }
}

impl ScoreError {
    pub(super) fn of(expected: &[f64], found: &[f64]) -> Result<Self, MeasureFault> {
        let differences = expected.iter().zip(found).map(|(a, b)| (a - b).abs());
        let differences: Vec<f64> = differences.collect();
        if !differences.iter().all(|difference| difference.is_finite()) {
            return Err(MeasureFault::NotFinite);
        }
        Ok(Self {
            n: differences.len() as u64,
            max: differences.iter().copied().fold(0.0, f64::max),
            mean: differences.iter().sum::<f64>() / differences.len() as f64,
            rank_correlation: correlation(&ranks(expected), &ranks(found)),
        })
    }

    pub(in super::super) fn to_json(self) -> Json {
        Json::object([
            ("max", number(self.max)),
            ("mean", number(self.mean)),
            ("n", self.n.into()),
            ("rank_correlation", number(self.rank_correlation)),
        ])
    }

    pub(in super::super) fn read(json: &Json) -> Result<Self, &'static str> {
        Ok(Self {
            n: json.get("n").and_then(Json::as_u64).ok_or("n")?,
            max: finite(json, "max")?,
            mean: finite(json, "mean")?,
            rank_correlation: finite(json, "rank_correlation")?,
        })
    }
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter()
        .zip(b)
        .map(|(a, b)| f64::from(*a) * f64::from(*b))
        .sum()
}

fn relative(expected: &[f32], found: &[f32]) -> f64 {
    let pairs = expected.iter().zip(found);
    let squares = pairs.map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2));
    (squares.sum::<f64>() / dot(expected, expected)).sqrt()
}

fn cosine_distance(a: &[f32], b: &[f32]) -> f64 {
    1.0 - dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

/// The smallest of the sorted values that a share of them does not pass.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted[rank.clamp(1, sorted.len()) - 1]
}

/// The rank of each value; equal ones share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut next = 0.0;
    for equal in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let mean = next + (equal.len() - 1) as f64 / 2.0;
        equal.iter().for_each(|i| ranks[*i] = mean);
        next += equal.len() as f64;
    }
    ranks
}

/// Pearson's correlation; 1 of what does not vary at all on both sides.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let pairs = || a.iter().zip(b).map(|(a, b)| (a - mean_a, b - mean_b));
    let covariance: f64 = pairs().map(|(a, b)| a * b).sum();
    let spread =
        pairs().map(|(a, _)| a * a).sum::<f64>() * pairs().map(|(_, b)| b * b).sum::<f64>();
    match spread > 0.0 {
        true => covariance / spread.sqrt(),
        false => f64::from(a == b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_relative_to_the_length_of_a_state() {
        let expected = [vec![3.0, 4.0], vec![0.0, 2.0], vec![1.0, 0.0]];
        let found = [vec![3.0, 4.5], vec![0.0, 2.0], vec![0.0, 1.0]];
        let error = StateError::of(&expected, &found).unwrap();
        assert_eq!((error.n, error.median), (3, 0.1));
        assert_eq!((error.max, error.p95), (2f64.sqrt(), 2f64.sqrt()));
        assert!((error.max_cosine - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_not_finite_has_no_error() {
        for found in [f32::NAN, f32::INFINITY] {
            let error = StateError::of(&[vec![1.0]], &[vec![found]]);
            assert!(matches!(error, Err(MeasureFault::NotFinite)));
        }
        assert!(StateError::of(&[vec![0.0]], &[vec![0.0]]).is_err());
        assert!(ScoreError::of(&[1.0], &[f64::NAN]).is_err());
    }

    #[test]
    fn rank_correlation_is_that_of_ranks_and_ties_share_theirs() {
        let of = |a: &[f64], b: &[f64]| ScoreError::of(a, b).unwrap();
        let error = of(&[1.0, 2.0, 3.0, 9.0], &[1.5, 2.0, 4.0, 5.0]);
        assert_eq!(
            (error.max, error.mean, error.rank_correlation),
            (4.0, 1.375, 1.0)
        );
        assert_eq!(
            of(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0]).rank_correlation,
            -1.0
        );
        // Ranks 0, 1.5, 1.5, 3 against 0, 1, 2, 3: 4.5 / √(4.5 · 5).
        let tied = of(&[1.0, 2.0, 2.0, 5.0], &[1.0, 2.0, 3.0, 4.0]);
        assert!((tied.rank_correlation - (4.5f64 / 5.0).sqrt()).abs() < 1e-12);
        assert_eq!(of(&[1.0, 1.0], &[1.0, 1.0]).rank_correlation, 1.0);
    }
}
