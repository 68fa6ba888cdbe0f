//! Whether predictions collapse: onto one point, or onto the source.

mod monitor;

use geno_core::{Coded, ErrorCode};
use serde::Serialize;

pub use self::monitor::{Alert, CollapseMonitor, Criterion};

/// How predictions of a batch lie to each other and to their targets.
///
/// # Source
///
/// `collapse_metrics` of geno-lewm 0.2.1, in the same `f64` arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CollapseMetrics {
    /// Mean cosine of prediction and target; a row of length 0 counts as 0.
    pub pred_cos_mean: f64,
    /// Mean distance of prediction and target.
    pub pred_l2_mean: f64,
    /// Population variance of targets, averaged over dimensions.
    pub target_var_per_dim: f64,
    /// Population variance of predictions, averaged over dimensions.
    pub pred_var_per_dim: f64,
    /// Pearson's correlation of all values of predictions and targets; 0 where one side does not vary.
    pub pred_target_corr: f64,
    /// Mean distance of two predictions; 0 for fewer than two.
    pub pairwise_pred_dist_mean: f64,
    /// The regulariser of the batch, as given.
    pub kl_reg: f64,
}

/// Why rows have no metrics.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CollapseError {
    /// There are none, or they have no width.
    #[error("no rows")]
    Empty,
    /// Rows are not whole, or there is not a target for each prediction.
    #[error("{predicted} and {target} values are not rows of {width} in pairs")]
    Shape {
        /// Values of the predictions.
        predicted: usize,
        /// Values of the targets.
        target: usize,
        /// Values of a row.
        width: usize,
    },
    /// A value is NaN or infinite.
    #[error("a value is not finite")]
    NotFinite,
}

impl Coded for CollapseError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl CollapseMetrics {
    /// Metrics of predictions and their targets.
    ///
    /// # Shapes
    ///
    /// - `predicted`, `target`: `[n, width]`, row after row
    ///
    /// # Cost
    ///
    /// Every two predictions are compared: `n² / 2 · width`.
    ///
    /// # Errors
    ///
    /// [`CollapseError`].
    pub fn of(
        predicted: &[f32],
        target: &[f32],
        width: usize,
        kl_reg: f64,
    ) -> Result<Self, CollapseError> {
        if predicted.is_empty() || width == 0 {
            return Err(CollapseError::Empty);
        }
        if predicted.len() != target.len() || !predicted.len().is_multiple_of(width) {
            return Err(CollapseError::Shape {
                predicted: predicted.len(),
                target: target.len(),
                width,
            });
        }
        if !predicted
            .iter()
            .chain(target)
            .all(|value| value.is_finite())
            || !kl_reg.is_finite()
        {
            return Err(CollapseError::NotFinite);
        }
        let pairs = || {
            predicted
                .chunks_exact(width)
                .zip(target.chunks_exact(width))
        };
        let n = (predicted.len() / width) as f64;
        Ok(Self {
            pred_cos_mean: pairs().map(|(p, t)| cosine(p, t)).sum::<f64>() / n,
            pred_l2_mean: pairs().map(|(p, t)| distance(p, t)).sum::<f64>() / n,
            target_var_per_dim: variance_per_dim(target, width),
            pred_var_per_dim: variance_per_dim(predicted, width),
            pred_target_corr: correlation(predicted, target),
            pairwise_pred_dist_mean: pairwise_distance(predicted, width),
            kl_reg,
        })
    }
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter()
        .zip(b)
        .map(|(a, b)| f64::from(*a) * f64::from(*b))
        .sum()
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let lengths = dot(a, a).sqrt() * dot(b, b).sqrt();
    if lengths == 0.0 {
        0.0
    } else {
        dot(a, b) / lengths
    }
}

fn distance(a: &[f32], b: &[f32]) -> f64 {
    let squares = a
        .iter()
        .zip(b)
        .map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2));
    squares.sum::<f64>().sqrt()
}

fn variance_per_dim(rows: &[f32], width: usize) -> f64 {
    let n = (rows.len() / width) as f64;
    let of_column = |column: usize| {
        let values = || rows[column..].iter().step_by(width).map(|x| f64::from(*x));
        let mean = values().sum::<f64>() / n;
        values().map(|x| (x - mean).powi(2)).sum::<f64>() / n
    };
    (0..width).map(of_column).sum::<f64>() / width as f64
}

fn correlation(a: &[f32], b: &[f32]) -> f64 {
    let n = a.len() as f64;
    let mean = |values: &[f32]| values.iter().map(|x| f64::from(*x)).sum::<f64>() / n;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        let (x, y) = (f64::from(*x) - mean_a, f64::from(*y) - mean_b);
        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    let spread = aa.sqrt() * bb.sqrt();
    if spread == 0.0 { 0.0 } else { ab / spread }
}

fn pairwise_distance(rows: &[f32], width: usize) -> f64 {
    let rows: Vec<&[f32]> = rows.chunks_exact(width).collect();
    let n_pairs = rows.len() * (rows.len() - 1) / 2;
    let pairs = rows
        .iter()
        .enumerate()
        .flat_map(|(i, a)| rows[..i].iter().map(move |b| distance(a, b)));
    let sum: f64 = pairs.sum();
    if n_pairs == 0 {
        0.0
    } else {
        sum / n_pairs as f64
    }
}
